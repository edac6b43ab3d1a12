//! Events that clients fetch themselves (RFC 8936): each waits until its client says that it has it.

use async_trait::async_trait;
use guichet_domain::{ClientId, Sealed, Timestamp};

use crate::Fault;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingEvent {
    /// Random, and the same each time it is fetched.
    pub id: [u8; 16],
    /// For whom.
    pub client: ClientId,
    /// What it says.
    pub payload: Sealed,
    /// Since when it waits.
    pub kept: Timestamp,
}

/// A client that leaves its events waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfetched {
    /// Which.
    pub client: ClientId,
    /// How many.
    pub count: u64,
    /// Since when the oldest waits.
    pub oldest: Timestamp,
}

/// Events that wait.
#[async_trait]
pub trait WaitingEvents: Send + Sync {
    /// Keeps an event; one with a known identifier is left as it is.
    async fn keep(&self, event: &WaitingEvent) -> Result<(), Fault>;

    /// What waits for a client, the oldest first.
    async fn waiting_for(&self, client: &ClientId, limit: u32) -> Result<Vec<WaitingEvent>, Fault>;

    /// The client has it: forgotten. What it said, when it was there and the client's own.
    async fn acknowledge(
        &self,
        client: &ClientId,
        id: [u8; 16],
    ) -> Result<Option<WaitingEvent>, Fault>;

    /// Forgets at most `limit` of those that were kept before `before`, the oldest first; who had left how
    /// many of them.
    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<Unfetched>, Fault>;

    /// Who left events waiting that were kept before `before`.
    async fn unfetched(&self, before: Timestamp) -> Result<Vec<Unfetched>, Fault>;
}
