//! Data providers added, changed and disabled by an operator. Running nodes follow within seconds: vouchers
//! that are out stop as well.

use std::sync::Arc;

use guichet_domain::{
    AuditEvent, Client, Clock, DataProvider, DataProviderMetadata, EventKind, InvalidMember,
};
use guichet_ledger::Ledger;
use guichet_store::durable::Registry;
use serde_json::{Map, Value};

use crate::ProviderChangeError;
use crate::providers::changed;

/// What a change of a data provider is made with.
pub struct DataProviderDesk {
    /// Where they are registered.
    pub registry: Arc<dyn Registry>,
    /// Each change is an entry before it is a change.
    pub ledger: Ledger,
    /// Whether the client with its `client_id` may be its own.
    pub fits: fn(&DataProvider, Option<&Client>) -> Result<(), InvalidMember>,
    /// Those that the settings declare: each start writes them again.
    pub declared: Vec<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl DataProviderDesk {
    /// Adds one.
    pub async fn add(&self, metadata: &DataProviderMetadata) -> Result<(), ProviderChangeError> {
        match self.known(&metadata.id).await {
            Ok(known) => Err(ProviderChangeError::Exists(known.id.to_string())),
            Err(ProviderChangeError::Unknown(_)) => self.put(metadata, "added").await,
            Err(error) => Err(error),
        }
    }

    /// Changes members of one; `null` puts a member back to its default.
    pub async fn set(
        &self,
        id: &str,
        changes: Map<String, Value>,
    ) -> Result<(), ProviderChangeError> {
        let known = self.known(id).await?;
        let metadata = changed(&DataProviderMetadata::from(&*known), changes)?;
        self.put(&metadata, "changed").await
    }

    /// Has nothing be had from one any more.
    pub async fn disable(&self, id: &str) -> Result<(), ProviderChangeError> {
        if self.declared.iter().any(|declared| declared == id) {
            return Err(ProviderChangeError::Declared(id.to_owned()));
        }
        let inactive = Map::from_iter([("active".to_owned(), Value::Bool(false))]);
        self.set(id, inactive).await
    }

    async fn known(&self, id: &str) -> Result<Arc<DataProvider>, ProviderChangeError> {
        let mut all = self.registry.data_providers().await?.into_iter();
        let known = all.find(|known| known.id.as_str() == id);
        known.ok_or_else(|| ProviderChangeError::Unknown(id.to_owned()))
    }

    async fn put(
        &self,
        metadata: &DataProviderMetadata,
        what: &'static str,
    ) -> Result<(), ProviderChangeError> {
        let known = metadata.check()?;
        let mut clients = self.registry.clients().await?.into_iter();
        let client = clients.find(|client| client.id == known.client);
        (self.fits)(&known, client.as_deref())?;
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::DataProviderChanged, now)
            .client(&known.client)
            .detail("data_provider", &known.id)
            .detail("change", what)
            .detail("active", known.active);
        self.ledger.append(event).await?;
        self.registry.put_data_provider(&known, now).await?;
        Ok(())
    }
}
