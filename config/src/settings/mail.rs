//! Mail to citizens.

use guichet_domain::is_email_address;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Listener;
use crate::Secret;

/// Mail to citizens: alerts that they asked for, and the codes that confirm their addresses. Without a host none is sent, and citizens are told in their account alone.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The relay that takes mail.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection to it is protected.
    pub security: MailSecurity,
    /// The login name that the relay asks for, if it does.
    pub user: Option<String>,
    /// The password that goes with it.
    pub password: Option<Secret>,
    /// The sender: `Guichet <no-reply@hub.example>`.
    pub from: String,
    /// The host of addresses that stand for citizens' own at services (`relay.hub.example`), in lower case; without one there are none. The mail server for it asks at `alias_lookup`.
    pub alias_domain: Option<String>,
    /// Where a mail server asks to whom an alias leads (Postfix `socketmap`). Whoever reaches it may ask: loopback, or a network of one's own.
    pub alias_lookup: Option<Listener>,
}

/// How a connection to a relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, required.
    StartTls,
    /// None: a relay on this machine or on a network of one's own.
    None,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: 465,
            security: MailSecurity::Tls,
            user: None,
            password: None,
            from: String::new(),
            alias_domain: None,
            alias_lookup: None,
        }
    }
}

impl Mail {
    /// Whether the host of aliases can be one.
    pub(super) fn has_sound_alias_domain(&self) -> bool {
        self.alias_domain.as_ref().is_none_or(|domain| {
            is_email_address(&format!("a@{domain}")) && *domain == domain.to_ascii_lowercase()
        })
    }

    /// Whether the sender is an address, alone or with a name before it.
    pub(super) fn has_sender(&self) -> bool {
        let address = self.from.rsplit_once('<');
        let address = address.map_or(self.from.as_str(), |(_, rest)| rest.trim_end_matches('>'));
        is_email_address(address.trim())
    }
}
