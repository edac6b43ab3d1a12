//! Tests of clients: what was played to a client and what it did. A run is changed while it lasts, and read
//! afterwards; the room `admin` knows what stands in it.

use async_trait::async_trait;
use guichet_domain::{ClientId, ClientTestId, Timestamp};

use crate::Fault;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTestRecord {
    /// Its identifier.
    pub id: ClientTestId,
    /// Which client is tested.
    pub client: ClientId,
    /// When it began.
    pub began: Timestamp,
    /// What was played and what came of it: JSON, whose secrets are sealed.
    pub state: String,
}

/// Runs, by identifier.
#[async_trait]
pub trait ClientTests: Send + Sync {
    /// Keeps a new one.
    async fn begin(&self, run: &ClientTestRecord) -> Result<(), Fault>;

    /// The one of this identifier, and its version.
    async fn run(&self, id: ClientTestId) -> Result<Option<(ClientTestRecord, u64)>, Fault>;

    /// Replaces the state of one that is as it was at `version`; whether it was.
    async fn replace(&self, id: ClientTestId, version: u64, state: &str) -> Result<bool, Fault>;

    /// At most `limit` of one client, the latest first.
    async fn of_client(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<ClientTestRecord>, Fault>;

    /// Forgets those that began before then; the latest of each client stays, however old. How many went.
    async fn forget(&self, before: Timestamp) -> Result<u64, Fault>;
}
