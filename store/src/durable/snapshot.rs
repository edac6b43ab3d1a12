//! The registry as requests read it: in memory, whole, never waited for.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use guichet_domain::{
    Client, ClientId, DataProvider, DataProviderId, EvidenceTypeId, Provider, ProviderId, Timestamp,
};
use tokio::sync::Mutex;

use super::credential_uses::UseNotes;
use super::{CredentialUses, Registry};
use crate::Fault;

/// Every client, provider and data provider, as of the last [`Self::refresh`]. Its own writes refresh it at once;
/// what other nodes write is seen by the next refresh, which the binary calls every second or so.
pub struct RegistrySnapshot {
    registry: Arc<dyn Registry>,
    current: ArcSwap<Content>,
    /// One refresh at a time, so that an older reading never replaces a newer one.
    refreshing: Mutex<()>,
    uses: UseNotes,
}

impl RegistrySnapshot {
    /// Reads the registry for the first time.
    pub async fn load(registry: Arc<dyn Registry>) -> Result<Self, Fault> {
        let content = Content::read(&*registry).await?;
        Ok(Self {
            registry,
            current: ArcSwap::from_pointee(content),
            refreshing: Mutex::new(()),
            uses: UseNotes::default(),
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

    /// Sees a client that the caller just replaced, which made `revision`. The thousands beside it are read
    /// again only where something else was written between the last reading and that. What was written since
    /// is a later revision, and is read by the next refresh.
    pub(crate) async fn learn(&self, client: &Client, revision: i64) -> Result<(), Fault> {
        {
            let _turn = self.refreshing.lock().await;
            let known = self.current.load_full();
            if known.revision + 1 == revision {
                let mut clients = known.clients.clone();
                clients.insert(client.id.clone(), Arc::new(client.clone()));
                self.current.store(Arc::new(Content {
                    revision,
                    clients,
                    registered_providers: Arc::clone(&known.registered_providers),
                    providers: Arc::clone(&known.providers),
                    data_providers: Arc::clone(&known.data_providers),
                    switches: known.switches.clone(),
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

    /// Every provider as it is registered, in the order of the page.
    pub(super) fn registered_providers(&self) -> Vec<Arc<Provider>> {
        self.current.load().registered_providers.to_vec()
    }

    /// The provider with this identifier, active or not; one that is switched off is not.
    pub fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        let content = self.current.load();
        let mut providers = content.providers.iter();
        providers
            .find(|provider| provider.id.as_str() == id)
            .cloned()
    }

    /// Every provider, active or not, in the order of the page; those that are switched off are not.
    pub fn providers(&self) -> Arc<[Arc<Provider>]> {
        Arc::clone(&self.current.load().providers)
    }

    /// Everything that is switched off.
    pub fn switches(&self) -> Vec<SwitchedOff> {
        let content = self.current.load();
        content.switches.iter().map(|off| (**off).clone()).collect()
    }

    /// What keeps this provider from being used, when it is switched off.
    pub fn provider_switched_off(&self, id: &ProviderId) -> Option<Arc<SwitchedOff>> {
        let content = self.current.load();
        content.switch(|target| matches!(target, SwitchTarget::Provider(off) if off == id))
    }

    /// Writes down which credentials of clients were used since the last time.
    pub async fn write_uses(&self, uses: &dyn CredentialUses) -> Result<(), Fault> {
        self.uses.write(uses).await
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
        Ok(replaced.is_some())
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

    fn switched_off(&self, id: &ClientId) -> Option<Arc<SwitchedOff>> {
        self.current.load().switch(|target| match target {
            SwitchTarget::Hub => true,
            SwitchTarget::Client(off) => off == id,
            SwitchTarget::Provider(_) => false,
        })
    }

    fn note_use(&self, id: &ClientId, credential: &str, now: Timestamp) {
        self.uses.note(id, credential, now);
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
    registered_providers: Arc<[Arc<Provider>]>,
    /// The same, but for what is switched off.
    providers: Arc<[Arc<Provider>]>,
    data_providers: Arc<[Arc<DataProvider>]>,
    switches: Vec<Arc<SwitchedOff>>,
}

impl Content {
    async fn read(registry: &dyn Registry) -> Result<Self, Fault> {
        // The revision first: what changes during the reading is read again by the next refresh.
        let revision = registry.revision().await?;
        let clients = registry.clients().await?;
        let data_providers = registry.data_providers().await?;
        let switches = registry.switches().await?;
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
            providers: providers
                .iter()
                .map(|provider| usable(provider, &switches))
                .collect(),
            registered_providers: providers.into(),
            data_providers: data_providers.into(),
            switches: switches.into_iter().map(Arc::new).collect(),
        })
    }

    /// The switch of whatever `is_it`, the hub's before any other: what is written there concerns everybody.
    fn switch(&self, is_it: impl Fn(&SwitchTarget) -> bool) -> Option<Arc<SwitchedOff>> {
        let mut off: Vec<_> = self
            .switches
            .iter()
            .filter(|off| is_it(&off.target))
            .collect();
        off.sort_by_key(|off| off.target != SwitchTarget::Hub);
        off.first().map(|off| Arc::clone(off))
    }
}

/// The provider as sign-ins know it: whoever is switched off is as good as disabled, wherever it is asked for.
fn usable(provider: &Arc<Provider>, switches: &[SwitchedOff]) -> Arc<Provider> {
    let is_off = |off: &SwitchedOff| match &off.target {
        SwitchTarget::Provider(id) => *id == provider.id,
        SwitchTarget::Hub | SwitchTarget::Client(_) => false,
    };
    if switches.iter().any(is_off) {
        Arc::new(Provider {
            active: false,
            ..(**provider).clone()
        })
    } else {
        Arc::clone(provider)
    }
}
