//! Where clients that register themselves are kept: the registry, seen by this node at once.

use async_trait::async_trait;
use guichet_domain::{Client, ClientId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::RegistrySnapshot;

/// What registration writes.
#[async_trait]
pub trait RegisteredClients: Send + Sync {
    /// How many clients there are that registered themselves.
    fn registered(&self) -> usize;

    /// Adds a client.
    async fn add(&self, client: &Client, now: Timestamp) -> Result<(), Fault>;

    /// Replaces a client that is still as the caller knows it; whether it was.
    async fn replace(&self, known: &Client, client: &Client, now: Timestamp)
    -> Result<bool, Fault>;

    /// Removes a client; whether it was there.
    async fn remove(&self, id: &ClientId) -> Result<bool, Fault>;
}

#[async_trait]
impl RegisteredClients for RegistrySnapshot {
    fn registered(&self) -> usize {
        let clients = self.clients();
        clients
            .iter()
            .filter(|client| client.registration.is_some())
            .count()
    }

    async fn add(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        self.put_client(client, now).await
    }

    async fn replace(
        &self,
        known: &Client,
        client: &Client,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.replace_client(known, client, now).await
    }

    async fn remove(&self, id: &ClientId) -> Result<bool, Fault> {
        self.remove_client(id).await
    }
}
