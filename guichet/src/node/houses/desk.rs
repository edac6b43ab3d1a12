//! The desk of the exchange.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_exchange::{Catalogue, Desk, DeskParts, ServiceDirectory};

use crate::node::Foundation;
use crate::node::documents::{ClientDocuments, DataProviders};

/// Builds the desk of the exchange.
pub(super) fn desk(
    foundation: &Foundation,
    issuer: &str,
    clients: Arc<dyn ClientDirectory>,
    catalogue: Arc<Catalogue>,
    tokens_live: Duration,
) -> Result<Arc<Desk>> {
    let desk = Desk::new(DeskParts {
        issuer: issuer.to_owned(),
        catalogue,
        keys: foundation.keys.clone(),
        clients,
        services: Arc::clone(&foundation.registry) as Arc<dyn ServiceDirectory>,
        data_providers: Arc::clone(&foundation.registry) as Arc<dyn DataProviderDirectory>,
        grants: Arc::clone(&foundation.durable.evidence_grants),
        vouchers: Arc::clone(&foundation.short_lived.vouchers),
        gate: Arc::clone(&foundation.durable.gate),
        subjects: Arc::clone(&foundation.durable.subjects),
        access_tokens: Arc::clone(&foundation.short_lived.access_tokens),
        refresh: Arc::clone(&foundation.durable.refresh_tokens),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        tokens_live,
        fetch: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        post: Arc::new(DataProviders(foundation.outgoing.clone())),
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    })?;
    Ok(Arc::new(desk))
}
