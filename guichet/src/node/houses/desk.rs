//! The desk of the exchange.

use std::sync::Arc;

use anyhow::Result;
use guichet_config::Lifetimes;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_exchange::{
    Catalogue, Desk, DeskParts, EventParts, EventPost, Events, EvidencePost, ServiceDirectory,
};

use super::Clients;
use crate::node::Foundation;
use crate::node::documents::Parties;

/// Builds the desk of the exchange.
pub(super) fn desk(
    foundation: &Foundation,
    issuer: &str,
    clients: &Clients,
    catalogue: Arc<Catalogue>,
    lifetimes: &Lifetimes,
) -> Result<Arc<Desk>> {
    let line = Arc::new(Parties(foundation.outgoing.clone()));
    let events = Events::new(EventParts {
        issuer: issuer.to_owned(),
        keys: foundation.keys.clone(),
        clients: Arc::clone(&clients.directory),
        outbox: Arc::clone(&foundation.durable.outbox),
        waiting: Arc::clone(&foundation.durable.waiting_events),
        post: Arc::clone(&line) as Arc<dyn EventPost>,
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
    });
    let desk = Desk::new(DeskParts {
        issuer: issuer.to_owned(),
        catalogue,
        keys: foundation.keys.clone(),
        clients: Arc::clone(&clients.directory),
        services: Arc::clone(&foundation.registry) as Arc<dyn ServiceDirectory>,
        data_providers: Arc::clone(&foundation.registry) as Arc<dyn DataProviderDirectory>,
        grants: Arc::clone(&foundation.durable.evidence_grants),
        erasures: Arc::clone(&foundation.durable.erasures),
        events: Arc::new(events),
        entries: Arc::clone(&foundation.durable.exchange_entries),
        vouchers: Arc::clone(&foundation.short_lived.vouchers),
        gate: Arc::clone(&foundation.durable.gate),
        people: Arc::clone(&foundation.durable.people),
        subjects: Arc::clone(&foundation.durable.subjects),
        access_tokens: Arc::clone(&foundation.short_lived.access_tokens),
        refresh: Arc::clone(&foundation.durable.refresh_tokens),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        tokens_live: lifetimes.access_token.get(),
        unused_for: lifetimes.unused_grant.get(),
        client_keys: Arc::clone(&clients.keys),
        post: line as Arc<dyn EvidencePost>,
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    })?;
    Ok(Arc::new(desk))
}
