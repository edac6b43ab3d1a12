//! The registry read from memory and written to the database: for those who read all of it often.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::data_provider::DataProviderDirectory as _;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use guichet_domain::{
    Client, ClientId, DataProvider, DataProviderId, Provider, ProviderId, Timestamp,
};

use super::{Registry, RegistrySnapshot};
use crate::Fault;

/// A registry whose readings are those of a snapshot, and whose writings it sees at once. A reading may be a
/// second old; what is replaced is compared with what the database has.
pub struct RememberedRegistry {
    snapshot: Arc<RegistrySnapshot>,
    registry: Arc<dyn Registry>,
}

impl RememberedRegistry {
    /// Reads from `snapshot`, writes to `registry`.
    pub fn new(snapshot: Arc<RegistrySnapshot>, registry: Arc<dyn Registry>) -> Self {
        Self { snapshot, registry }
    }

    /// What was written is seen here at once.
    async fn seen<T: Send>(&self, written: Result<T, Fault>) -> Result<T, Fault> {
        let written = written?;
        self.snapshot.refresh().await?;
        Ok(written)
    }
}

#[async_trait]
impl Registry for RememberedRegistry {
    async fn revision(&self) -> Result<i64, Fault> {
        Ok(self.snapshot.revision())
    }

    async fn clients(&self) -> Result<Vec<Arc<Client>>, Fault> {
        Ok(self.snapshot.clients())
    }

    async fn clients_now(&self) -> Result<Vec<Arc<Client>>, Fault> {
        self.snapshot.refresh().await?;
        Ok(self.snapshot.clients())
    }

    async fn providers(&self) -> Result<Vec<Arc<Provider>>, Fault> {
        Ok(self.snapshot.registered_providers())
    }

    async fn data_providers(&self) -> Result<Vec<Arc<DataProvider>>, Fault> {
        Ok(self.snapshot.data_providers())
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        self.seen(self.registry.put_client(client, now).await).await
    }

    async fn replace_client(
        &self,
        known: Option<&Client>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<i64>, Fault> {
        let made = self.registry.replace_client(known, client, now).await?;
        match made {
            Some(revision) => self.snapshot.learn(client, revision).await?,
            None => self.snapshot.refresh().await.map(drop)?,
        }
        Ok(made)
    }

    async fn replace_provider(
        &self,
        known: Option<&Provider>,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.seen(self.registry.replace_provider(known, provider, now).await)
            .await
    }

    async fn replace_data_provider(
        &self,
        known: Option<&DataProvider>,
        data_provider: &DataProvider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let replaced = self
            .registry
            .replace_data_provider(known, data_provider, now);
        self.seen(replaced.await).await
    }

    async fn put_provider(&self, provider: &Provider, now: Timestamp) -> Result<(), Fault> {
        self.seen(self.registry.put_provider(provider, now).await)
            .await
    }

    async fn put_data_provider(&self, known: &DataProvider, now: Timestamp) -> Result<(), Fault> {
        self.seen(self.registry.put_data_provider(known, now).await)
            .await
    }

    async fn switches(&self) -> Result<Vec<SwitchedOff>, Fault> {
        Ok(self.snapshot.switches())
    }

    async fn switch_off(&self, off: &SwitchedOff, now: Timestamp) -> Result<(), Fault> {
        self.seen(self.registry.switch_off(off, now).await).await
    }

    async fn replace_switch(
        &self,
        known: Option<&SwitchedOff>,
        off: &SwitchedOff,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.seen(self.registry.replace_switch(known, off, now).await)
            .await
    }

    async fn switch_on_known(&self, known: &SwitchedOff) -> Result<bool, Fault> {
        self.seen(self.registry.switch_on_known(known).await).await
    }

    async fn switch_on(&self, target: &SwitchTarget) -> Result<bool, Fault> {
        self.seen(self.registry.switch_on(target).await).await
    }

    async fn remove_client(&self, id: &ClientId) -> Result<bool, Fault> {
        self.seen(self.registry.remove_client(id).await).await
    }

    async fn remove_provider(&self, id: &ProviderId) -> Result<bool, Fault> {
        self.seen(self.registry.remove_provider(id).await).await
    }

    async fn remove_data_provider(&self, id: &DataProviderId) -> Result<bool, Fault> {
        self.seen(self.registry.remove_data_provider(id).await)
            .await
    }
}
