//! The registry as requests read it: in memory, whole, never waited for.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{
    Client, ClientId, DataProvider, DataProviderId, EvidenceTypeId, Provider, ProviderId, Timestamp,
};
use tokio::sync::Mutex;

use super::Registry;
use crate::Fault;

/// Every client, provider and data provider, as of the last [`Self::refresh`]. Its own writes refresh it at once;
/// what other nodes write is seen by the next refresh, which the binary calls every second or so.
pub struct RegistrySnapshot {
    registry: Arc<dyn Registry>,
    current: ArcSwap<Content>,
    /// One refresh at a time, so that an older reading never replaces a newer one.
    refreshing: Mutex<()>,
}

impl RegistrySnapshot {
    /// Reads the registry for the first time.
    pub async fn load(registry: Arc<dyn Registry>) -> Result<Self, Fault> {
        let content = Content::read(&*registry).await?;
        Ok(Self {
            registry,
            current: ArcSwap::from_pointee(content),
            refreshing: Mutex::new(()),
        })
    }

    /// Reads the registry again if it changed; whether it did. On a fault the last reading stays.
    pub async fn refresh(&self) -> Result<bool, Fault> {
        let _turn = self.refreshing.lock().await;
        if self.registry.revision().await? == self.current.load().revision {
            return Ok(false);
        }
        let content = Content::read(&*self.registry).await?;
        self.current.store(Arc::new(content));
        Ok(true)
    }

    /// Sees a client that the caller just replaced. The thousands beside it are read again only where something
    /// else was written since the last reading.
    pub(super) async fn learn(&self, client: &Client) -> Result<(), Fault> {
        {
            let _turn = self.refreshing.lock().await;
            let known = self.current.load_full();
            let revision = self.registry.revision().await?;
            if revision == known.revision + 1 {
                let mut clients = known.clients.clone();
                clients.insert(client.id.clone(), Arc::new(client.clone()));
                self.current.store(Arc::new(Content {
                    revision,
                    clients,
                    providers: Arc::clone(&known.providers),
                    data_providers: Arc::clone(&known.data_providers),
                }));
                return Ok(());
            }
        }
        self.refresh().await.map(drop)
    }

    /// Which revision of the registry this is.
    pub fn revision(&self) -> i64 {
        self.current.load().revision
    }

    /// Every client, by identifier.
    pub fn clients(&self) -> Vec<Arc<Client>> {
        let content = self.current.load();
        let mut clients: Vec<_> = content.clients.values().cloned().collect();
        clients.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        clients
    }

    /// The provider with this identifier, active or not.
    pub fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        let content = self.current.load();
        let mut providers = content.providers.iter();
        providers
            .find(|provider| provider.id.as_str() == id)
            .cloned()
    }

    /// Every provider, active or not, in the order of the page.
    pub fn providers(&self) -> Arc<[Arc<Provider>]> {
        Arc::clone(&self.current.load().providers)
    }

    /// Writes a client and sees it at once.
    pub async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        self.registry.put_client(client, now).await?;
        self.refresh().await.map(drop)
    }

    /// Replaces a client that is still as the caller knows it, and sees it at once; whether it was.
    pub async fn replace_client(
        &self,
        known: &Client,
        client: &Client,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let known = Some(known);
        let replaced = self.registry.replace_client(known, client, now).await?;
        self.refresh().await?;
        Ok(replaced)
    }

    /// Writes a provider and sees it at once.
    pub async fn put_provider(&self, provider: &Provider, now: Timestamp) -> Result<(), Fault> {
        self.registry.put_provider(provider, now).await?;
        self.refresh().await.map(drop)
    }

    /// Writes a data provider and sees it at once.
    pub async fn put_data_provider(
        &self,
        known: &DataProvider,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.registry.put_data_provider(known, now).await?;
        self.refresh().await.map(drop)
    }

    /// Removes a client and sees it gone at once; whether there was one.
    pub async fn remove_client(&self, id: &ClientId) -> Result<bool, Fault> {
        let removed = self.registry.remove_client(id).await?;
        self.refresh().await?;
        Ok(removed)
    }

    /// Removes a provider and sees it gone at once; whether there was one.
    pub async fn remove_provider(&self, id: &ProviderId) -> Result<bool, Fault> {
        let removed = self.registry.remove_provider(id).await?;
        self.refresh().await?;
        Ok(removed)
    }

    /// Removes a data provider and sees it gone at once; whether there was one.
    pub async fn remove_data_provider(&self, id: &DataProviderId) -> Result<bool, Fault> {
        let removed = self.registry.remove_data_provider(id).await?;
        self.refresh().await?;
        Ok(removed)
    }
}

impl ClientDirectory for RegistrySnapshot {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.current.load().clients.get(id).cloned()
    }
}

impl DataProviderDirectory for RegistrySnapshot {
    fn data_provider(&self, id: &str) -> Option<Arc<DataProvider>> {
        let content = self.current.load();
        let mut all = content.data_providers.iter();
        all.find(|known| known.id.as_str() == id).cloned()
    }

    fn data_providers(&self) -> Vec<Arc<DataProvider>> {
        self.current.load().data_providers.to_vec()
    }

    fn holder_of(&self, evidence_type: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        let content = self.current.load();
        let mut all = content.data_providers.iter();
        all.find(|known| known.offers(evidence_type)).cloned()
    }
}

struct Content {
    revision: i64,
    clients: HashMap<ClientId, Arc<Client>>,
    providers: Arc<[Arc<Provider>]>,
    data_providers: Arc<[Arc<DataProvider>]>,
}

impl Content {
    async fn read(registry: &dyn Registry) -> Result<Self, Fault> {
        // The revision first: what changes during the reading is read again by the next refresh.
        let revision = registry.revision().await?;
        let clients = registry.clients().await?;
        let data_providers = registry.data_providers().await?;
        let mut providers = registry.providers().await?;
        providers.sort_by(|one, other| {
            (one.order, &one.name, &one.id).cmp(&(other.order, &other.name, &other.id))
        });
        Ok(Self {
            revision,
            clients: clients
                .into_iter()
                .map(|client| (client.id.clone(), client))
                .collect(),
            providers: providers.into(),
            data_providers: data_providers.into(),
        })
    }
}
