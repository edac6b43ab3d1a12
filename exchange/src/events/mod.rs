//! What the parties of an exchange are told, by Security Event Tokens (RFC 8417).
//!
//! | what | file |
//! |---|---|
//! | what there is to tell | `event.rs` |
//! | an event for one party, kept before what it tells of happens | `notice.rs` |
//! | sent to the party's `events_uri` (RFC 8935) | `push.rs` |
//! | fetched by a party without one, or after the hub gave up (RFC 8936) | `poll.rs` |
//!
//! Each party hears of an exchange by its own names alone: of the citizen, of the exchange, of the event.

mod event;
mod notice;
mod poll;
mod push;

use std::sync::Arc;

use guichet_domain::client::ClientDirectory;
use guichet_domain::{AuditEvent, Client, Clock, EventKind};
use guichet_keys::{Keys, Typ};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{Outbox, WaitingEvents};
use tokio::sync::Notify;

pub use event::{Event, Missing};
pub use notice::{EventLetters, Named, Notice};
pub use poll::{PollAnswer, PollAsk};
pub use push::EventPost;

use notice::Told;

/// What events are sent with.
pub struct EventParts {
    /// The hub's issuer.
    pub issuer: String,
    /// Signing and sealing.
    pub keys: Keys,
    /// Who is told.
    pub clients: Arc<dyn ClientDirectory>,
    /// Events on their way.
    pub outbox: Arc<dyn Outbox>,
    /// Events that wait to be fetched.
    pub waiting: Arc<dyn WaitingEvents>,
    /// The way to those who are told.
    pub post: Arc<dyn EventPost>,
    /// The audit log.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// Events to parties.
pub struct Events {
    parts: EventParts,
    letters: EventLetters,
    /// Somebody left something to be sent at once.
    bell: Notify,
    /// Somebody left something to be fetched.
    arrived: Notify,
}

impl Events {
    /// Sent with `parts`.
    pub fn new(parts: EventParts) -> Self {
        Self {
            letters: EventLetters::new(
                parts.issuer.clone(),
                &parts.keys,
                Arc::clone(&parts.outbox),
                Arc::clone(&parts.waiting),
            ),
            bell: Notify::new(),
            arrived: Notify::new(),
            parts,
        }
    }

    /// Keeps an event for its party, see [`EventLetters::leave`].
    pub async fn leave(&self, notice: &Notice<'_>) -> Result<(), Fault> {
        self.letters.leave(notice).await
    }

    /// What was left goes out now, and whoever waits for it gets it: to be called once what it tells of
    /// has happened.
    pub fn send(&self) {
        self.bell.notify_one();
        self.arrived.notify_waiters();
    }

    /// Returns when something is to be sent at once. One caller at a time is woken.
    pub async fn called(&self) {
        self.bell.notified().await;
    }

    /// The token of an event. It has no `exp` and no `sub`, so that nobody takes it for another kind
    /// (RFC 8417 §4.6, §4.7).
    fn token(&self, client: &Client, told: &Told) -> Result<String, Fault> {
        let ring = self.parts.keys.ring();
        let signed = ring.sign_jwt(client.id_token_alg, Typ::SecurityEvent, &told.claims);
        signed.map_err(|error| Fault::new("sign a security event", error))
    }

    /// An entry about an event. It never says who it is about.
    fn entry(&self, kind: EventKind, told: &Told, how: &'static str) -> AuditEvent {
        let entry = AuditEvent::new(kind, self.parts.clock.now())
            .client(&told.client)
            .detail("event", &told.event)
            .detail("how", how);
        match told.exchange {
            Some(exchange) => entry.detail("exchange", exchange),
            None => entry,
        }
    }
}
