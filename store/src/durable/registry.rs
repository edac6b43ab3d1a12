//! Clients, providers and data providers as they are registered.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use guichet_domain::{
    Client, ClientId, DataProvider, DataProviderId, Provider, ProviderId, Timestamp,
};

use crate::Fault;

/// Registered clients, providers and data providers. Read into memory as a whole and refreshed when `revision`
/// grows, so that a request never waits for them.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Grows with every change, on any node.
    async fn revision(&self) -> Result<i64, Fault>;

    /// Every client.
    async fn clients(&self) -> Result<Vec<Arc<Client>>, Fault>;

    /// The same as of now, where a reading may be remembered: what was written before this is asked is there.
    async fn clients_now(&self) -> Result<Vec<Arc<Client>>, Fault> {
        self.clients().await
    }

    /// Every provider.
    async fn providers(&self) -> Result<Vec<Arc<Provider>>, Fault>;

    /// Every data provider, by identifier.
    async fn data_providers(&self) -> Result<Vec<Arc<DataProvider>>, Fault>;

    /// Adds a client or replaces the one with its identifier.
    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault>;

    /// Puts a client in the place of the one that the caller knows; where it knows none there must be
    /// none. The revision that this made; nothing where somebody else was faster, and nothing changed.
    async fn replace_client(
        &self,
        known: Option<&Client>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<i64>, Fault>;

    /// The same of a provider: whether that was still so.
    async fn replace_provider(
        &self,
        known: Option<&Provider>,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// The same of a data provider.
    async fn replace_data_provider(
        &self,
        known: Option<&DataProvider>,
        data_provider: &DataProvider,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Adds a provider or replaces the one with its identifier.
    async fn put_provider(&self, provider: &Provider, now: Timestamp) -> Result<(), Fault>;

    /// Adds a data provider or replaces the one with its identifier.
    async fn put_data_provider(&self, known: &DataProvider, now: Timestamp) -> Result<(), Fault>;

    /// What is switched off.
    async fn switches(&self) -> Result<Vec<SwitchedOff>, Fault>;

    /// Switches something off, or says anew why it is.
    async fn switch_off(&self, off: &SwitchedOff, now: Timestamp) -> Result<(), Fault>;

    /// Switches something off in the place of what the caller knows of it, or where it knows of nothing there is
    /// nothing; whether that was still so.
    async fn replace_switch(
        &self,
        known: Option<&SwitchedOff>,
        off: &SwitchedOff,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Switches on what is off as the caller knows it; whether it still was.
    async fn switch_on_known(&self, known: &SwitchedOff) -> Result<bool, Fault>;

    /// Switches something on; whether it was off.
    async fn switch_on(&self, target: &SwitchTarget) -> Result<bool, Fault>;

    /// Removes a client; whether there was one.
    async fn remove_client(&self, id: &ClientId) -> Result<bool, Fault>;

    /// Removes a provider; whether there was one.
    async fn remove_provider(&self, id: &ProviderId) -> Result<bool, Fault>;

    /// Removes a data provider; whether there was one.
    async fn remove_data_provider(&self, id: &DataProviderId) -> Result<bool, Fault>;
}
