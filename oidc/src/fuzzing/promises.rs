//! What every answer promises, whatever was asked: the engine never fails on its own side, sends a
//! browser nowhere that is not registered, and what it refuses gives nothing and changes nobody.

use std::collections::HashMap;
use std::sync::Arc;

use guichet_domain::Client;
use http::StatusCode;
use serde_json::Value;
use url::Url;

use crate::testing::{Answered, ISSUER, World};

/// What an engine had given at some moment, and to whom it listened.
pub(super) struct Seen {
    entries: usize,
    clients: HashMap<String, Arc<Client>>,
}

/// What one request came to.
pub(super) struct Given {
    /// The audit events by which something was given or settled.
    pub(super) events: Vec<String>,
    /// Whether a client was added, changed or removed.
    is_another_registry: bool,
    clients: HashMap<String, Arc<Client>>,
}

impl Seen {
    pub(super) fn of(world: &World) -> Self {
        Self {
            entries: world.records.count(),
            clients: world.clients.all(),
        }
    }

    /// What was given since.
    pub(super) fn until_now(self, world: &World) -> Given {
        let clients = world.clients.all();
        let events = world.records.since(self.entries);
        Given {
            events: events.iter().filter_map(|entry| giving(entry)).collect(),
            is_another_registry: clients != self.clients,
            clients,
        }
    }
}

/// The kind of an entry that says something was given.
fn giving(entry: &[u8]) -> Option<String> {
    let entry: Value = serde_json::from_slice(entry).ok()?;
    let kind = entry["kind"].as_str()?;
    GIVING.contains(&kind).then(|| kind.to_owned())
}

const GIVING: [&str; 9] = [
    "service.returned",
    "token.issued",
    "token.refreshed",
    "token.exchanged",
    ASKED,
    "deferred.approved",
    "client.registered",
    "client.changed",
    "client.removed",
];

/// What is asked for elsewhere is on record before the person can find it, and may still be refused for
/// want of room: that somebody asked gives nothing.
const ASKED: &str = "deferred.requested";

/// Holds an answer of `path` against all of it.
pub(super) fn hold(path: &str, answered: &Answered, given: &Given) {
    assert!(!answered.status.is_server_error(), "{answered:?}");
    leads_nowhere_unknown(answered, given);
    if is_refused(answered) {
        let nothing = given.events.iter().all(|event| event == ASKED);
        assert!(nothing, "refused, and {:?}", given.events);
        assert!(!given.is_another_registry, "refused, and a client changed");
    }
    if answered.status == StatusCode::OK && path == "/token" {
        assert_eq!(given.events.len(), 1, "tokens and {:?}", given.events);
        assert_eq!(answered.header("cache-control"), Some("no-store"));
    }
    if answered.header("location").is_some() && answered.location_parameter("code").is_some() {
        assert_eq!(given.events, ["service.returned"], "a code unheard of");
    }
}

fn is_refused(answered: &Answered) -> bool {
    answered.status.is_client_error() || answered.error().is_some()
}

/// A redirect leads to the hub itself or to where a client is registered.
fn leads_nowhere_unknown(answered: &Answered, given: &Given) {
    let Some(location) = answered.header("location") else {
        return;
    };
    let is_own = location.starts_with('/') && !location.starts_with("//")
        || location.starts_with(&format!("{ISSUER}/"));
    let is_registered = || {
        let to = Url::parse(location).unwrap();
        let mut clients = given.clients.values();
        clients.any(|client| addresses(client).any(|known| is_same_place(&known, &to)))
    };
    assert!(is_own || is_registered(), "leads to {location}");
}

fn addresses(client: &Client) -> impl Iterator<Item = Url> {
    let all = client.redirect_uris.iter();
    let all = all.chain(&client.post_logout_redirect_uris);
    all.filter_map(|uri| Url::parse(uri.as_str()).ok())
}

fn is_same_place(known: &Url, to: &Url) -> bool {
    let is_loopback = matches!(known.host_str(), Some("127.0.0.1" | "[::1]"));
    known.scheme() == to.scheme()
        && known.host() == to.host()
        && known.path() == to.path()
        && (known.port() == to.port() || is_loopback)
}
