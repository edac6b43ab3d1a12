//! Whom a provider serves.

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::{Client, ClientId};

/// Clients and people a provider is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Which clients may use it; all when there is none.
    pub clients: Option<ClientList>,
    /// Whether it serves what is being tried out.
    pub sandbox: SandboxUse,
    /// Domains of e-mail addresses whose owners are known to have an account there, in lower case.
    pub email_domains: Vec<String>,
}

/// Whether a provider is for real.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SandboxUse {
    /// It vouches for citizens: no client of the sandbox learns of anybody through it.
    #[default]
    No,
    /// It serves both: a demonstration.
    Also,
    /// Nobody there is who they are: it vouches for nobody to clients in production.
    Only,
}

/// Some of the clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientList {
    /// These.
    Only(#[schemars(with = "Vec<String>")] Vec<ClientId>),
    /// All but these.
    Except(#[schemars(with = "Vec<String>")] Vec<ClientId>),
}

impl ClientList {
    /// Whether a client is among them.
    pub fn contains(&self, client: &ClientId) -> bool {
        match self {
            Self::Only(clients) => clients.contains(client),
            Self::Except(clients) => !clients.contains(client),
        }
    }
}

impl Provider {
    /// Whether it serves a client: of its own choice, and of its own kind.
    pub fn serves(&self, client: &Client) -> bool {
        let clients = self.audience.clients.as_ref();
        let fits = match self.audience.sandbox {
            SandboxUse::No => !client.is_sandbox(),
            SandboxUse::Also => true,
            SandboxUse::Only => client.is_sandbox(),
        };
        fits && clients.is_none_or(|clients| clients.contains(&client.id))
    }
}
