//! Whom a provider serves.

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::ClientId;

/// Clients and people a provider is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Audience {
    /// Which clients may use it; all when there is none.
    pub clients: Option<ClientList>,
    /// Domains of e-mail addresses whose owners are known to have an account there, in lower case.
    pub email_domains: Vec<String>,
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
    /// Whether it serves a client.
    pub fn serves(&self, client: &ClientId) -> bool {
        let clients = self.audience.clients.as_ref();
        clients.is_none_or(|clients| clients.contains(client))
    }
}
