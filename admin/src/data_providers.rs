//! Data providers, as an operator changes them.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::{
    AuditEvent, Client, DataProvider, DataProviderMetadata, EventKind, InvalidMember, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::Registry;

use crate::{ChangeError, Records};

/// The data providers of a registry. Disabling one stops vouchers that are out as well.
pub struct DataProviderRecords {
    /// Where they are registered.
    pub registry: Arc<dyn Registry>,
    /// Clients that will be registered before it is.
    pub coming: Vec<Client>,
    /// Whether the client with its `client_id` may be its own.
    pub fits: fn(&DataProvider, Option<&Client>) -> Result<(), InvalidMember>,
}

#[async_trait]
impl Records for DataProviderRecords {
    type Metadata = DataProviderMetadata;
    type Record = DataProvider;
    const KIND: &'static str = "data provider";
    const NAME: &'static str = "id";

    fn id(metadata: &DataProviderMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &DataProvider) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &DataProvider) -> DataProviderMetadata {
        DataProviderMetadata::from(record)
    }

    fn is_active(record: &DataProvider) -> bool {
        record.active
    }

    fn inactive(record: &DataProvider) -> DataProvider {
        DataProvider {
            active: false,
            ..record.clone()
        }
    }

    fn brings_secret(
        &self,
        _known: &DataProvider,
        _metadata: &DataProviderMetadata,
    ) -> Result<bool, ChangeError> {
        Ok(false)
    }

    fn event(record: &DataProvider, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::DataProviderChanged, now)
            .client(&record.client)
            .detail("data_provider", &record.id)
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<DataProvider>>, Fault> {
        self.registry.data_providers().await
    }

    async fn check(
        &self,
        _known: Option<&DataProvider>,
        metadata: &DataProviderMetadata,
    ) -> Result<DataProvider, ChangeError> {
        let record = metadata.check()?;
        let mut coming = self.coming.iter();
        if let Some(client) = coming.find(|client| client.id == record.client) {
            (self.fits)(&record, Some(client))?;
            return Ok(record);
        }
        let mut clients = self.registry.clients().await?.into_iter();
        let client = clients.find(|client| client.id == record.client);
        (self.fits)(&record, client.as_deref())?;
        Ok(record)
    }

    async fn replace(
        &self,
        known: Option<&DataProvider>,
        record: &DataProvider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.registry
            .replace_data_provider(known, record, now)
            .await
    }
}
