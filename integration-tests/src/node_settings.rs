//! The settings of a node that a test runs for itself, and JSON as the TOML they are written in.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::Value;

use crate::machine::free_port;
use crate::{Node, RawClient};

/// A node on free ports, that reaches 127.0.0.1 and logs everything; its records are in a folder of its own.
pub struct NodeSettings {
    /// What clients and citizens call it, unless [`Self::behind_tls`].
    pub issuer: String,
    /// Whether its issuer is `https://hub.example`, as behind a proxy that ends TLS.
    pub behind_tls: bool,
    /// The port of the public listener.
    pub listen: u16,
    /// The port of the management listener.
    pub management: u16,
    /// A service that it knows.
    pub service: RawClient,
    /// RFC 7591 metadata of every service it knows.
    pub clients: Vec<Value>,
    /// Upstream providers.
    pub providers: Vec<Value>,
    /// The private networks it may reach.
    pub reachable: Vec<&'static str>,
    /// Members of `[hub]` besides, as TOML.
    pub hub: String,
    /// Further sections, as TOML.
    pub further: String,
}

impl NodeSettings {
    /// One service, no provider.
    pub fn new() -> Result<Self> {
        let (listen, management) = (free_port()?, free_port()?);
        let service = RawClient::new("service");
        Ok(Self {
            issuer: format!("http://127.0.0.1:{listen}"),
            behind_tls: false,
            listen,
            management,
            clients: vec![service.metadata()],
            service,
            providers: Vec::new(),
            reachable: vec!["127.0.0.1/32"],
            hub: String::new(),
            further: String::new(),
        })
    }

    /// Starts the node and waits until it is ready.
    pub async fn start(&self) -> Result<Node> {
        let management = format!("http://127.0.0.1:{}", self.management);
        Node::start(&self.toml(), &management).await
    }

    fn toml(&self) -> String {
        let issuer = if self.behind_tls {
            "https://hub.example"
        } else {
            &self.issuer
        };
        let (listen, management) = (self.listen, self.management);
        let (hub, reachable, further) = (&self.hub, &self.reachable, &self.further);
        let mut settings = format!(
            r#"
[hub]
issuer = "{issuer}"
listen = "127.0.0.1:{listen}"
{hub}

[management]
listen = "127.0.0.1:{management}"

[store]
durable = "sqlite:{{folder}}/guichet.db"
short_lived = "memory"

[keys]
directory = "{{folder}}/keys"

[egress]
private_networks = {reachable:?}

[civil_register]
default = "skip"

[log]
format = "text"
level = "debug"

{further}
"#
        );
        for (table, entries) in [("clients", &self.clients), ("providers", &self.providers)] {
            for entry in entries {
                let _ = writeln!(settings, "\n[[{table}]]");
                for (name, value) in entry.as_object().into_iter().flatten() {
                    let _ = writeln!(settings, "{name} = {}", toml(value));
                }
            }
        }
        settings
    }
}

/// JSON as a TOML value on one line.
pub fn toml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(toml).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{} = {}", Value::from(name.as_str()), toml(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        // Strings, numbers and booleans are written alike in both.
        other => other.to_string(),
    }
}
