//! Providers, as an operator changes them.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::{
    AuditEvent, CivilRegisterPolicy, EventKind, InvalidMember, Provider, ProviderMetadata, Sealed,
    Timestamp,
};
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::Registry;

use crate::{ChangeError, Records};

/// The providers of a registry. Disabling one ends logins under way as well (threat N-05). A changed
/// issuer, endpoint or `client_id` takes the secret away, which must then be given again (threat N-15); it
/// never comes out.
pub struct ProviderRecords {
    /// Where they are registered.
    pub registry: Arc<dyn Registry>,
    /// Seals the hub's secrets at providers; the context is the provider's identifier.
    pub secrets: Sealer,
    /// For those that say nothing of the civil register.
    pub register: CivilRegisterPolicy,
    /// What only the hub can judge of a record: whether its rules compile.
    pub usable: fn(&Provider) -> Result<(), InvalidMember>,
}

#[async_trait]
impl Records for ProviderRecords {
    type Metadata = ProviderMetadata;
    type Record = Provider;
    const KIND: &'static str = "provider";
    const NAME: &'static str = "id";

    fn id(metadata: &ProviderMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &Provider) -> &str {
        record.id.as_str()
    }

    fn metadata(record: &Provider) -> ProviderMetadata {
        ProviderMetadata::from(record)
    }

    fn is_active(record: &Provider) -> bool {
        record.active
    }

    fn inactive(record: &Provider) -> Provider {
        Provider {
            active: false,
            ..record.clone()
        }
    }

    fn brings_secret(
        &self,
        known: &Provider,
        metadata: &ProviderMetadata,
    ) -> Result<bool, ChangeError> {
        let Some(given) = &metadata.client_secret else {
            return Ok(false);
        };
        let Some(sealed) = &known.client_secret else {
            return Ok(true);
        };
        let kept = self.secrets.open(known.id.as_str().as_bytes(), sealed);
        let kept = kept.map_err(|error| Fault::new("open a provider's secret", error))?;
        Ok(!guichet_keys::same(&kept, given.as_bytes()))
    }

    fn event(record: &Provider, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::ProviderChanged, now)
            .provider(&record.id)
            .detail("change", what)
            .detail("active", record.active)
    }

    async fn all(&self) -> Result<Vec<Arc<Provider>>, Fault> {
        self.registry.providers().await
    }

    async fn check(
        &self,
        known: Option<&Provider>,
        metadata: &ProviderMetadata,
    ) -> Result<Provider, ChangeError> {
        let mut failed = None;
        let seal = |secret: &str| {
            let sealed = self.secrets.seal(metadata.id.as_bytes(), secret.as_bytes());
            sealed.unwrap_or_else(|error| {
                failed = Some(error);
                Sealed::from_bytes(Vec::new())
            })
        };
        let provider = metadata.check_over(known, seal, self.register)?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        (self.usable)(&provider)?;
        Ok(provider)
    }

    async fn replace(
        &self,
        known: Option<&Provider>,
        record: &Provider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.registry.replace_provider(known, record, now).await
    }
}
