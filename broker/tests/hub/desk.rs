//! The desk of the exchange behind the hub, and `famille`, the data provider it asks.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::client::EvidenceRight;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{Client, ClientMetadata, DataProvider, DataProviderMetadata, EvidenceTypeId};
use guichet_exchange::testing::{Holder, Listening};
use guichet_exchange::{Catalogue, Desk, DeskParts, EventParts, Events, ServiceDirectory};
use guichet_keys::{Keys, SystemEntropy};
use guichet_ledger::Ledger;
use guichet_oidc::ClientKeys;
use guichet_store::Durable;
use guichet_store::durable::EvidenceGrantRecord;
use guichet_store::short_lived::ShortLived;
use serde_json::{Value, json};

use crate::world::{Directory, ISSUER, Time, World};

/// What a desk stands on.
pub(crate) struct Foundation<'a> {
    pub(crate) keys: &'a Keys,
    pub(crate) directory: &'a Arc<Directory>,
    pub(crate) client_keys: &'a Arc<ClientKeys>,
    pub(crate) short: &'a ShortLived,
    pub(crate) durable: &'a Durable,
    pub(crate) ledger: &'a Ledger,
    pub(crate) clock: &'a Arc<Time>,
}

/// A desk whose data provider is `holder`.
pub(crate) fn desk(on: &Foundation<'_>, holder: &Arc<Holder>) -> Arc<Desk> {
    let events = Events::new(EventParts {
        issuer: ISSUER.to_owned(),
        keys: on.keys.clone(),
        clients: on.directory.clone(),
        outbox: on.durable.outbox.clone(),
        waiting: on.durable.waiting_events.clone(),
        post: Arc::new(Listening::default()),
        ledger: on.ledger.clone(),
        clock: on.clock.clone(),
    });
    let desk = Desk::new(DeskParts {
        issuer: ISSUER.to_owned(),
        catalogue: Arc::new(Catalogue::builtin().unwrap()),
        keys: on.keys.clone(),
        clients: on.directory.clone(),
        services: on.directory.clone(),
        data_providers: on.directory.clone(),
        grants: on.durable.evidence_grants.clone(),
        erasures: on.durable.erasures.clone(),
        events: Arc::new(events),
        entries: on.durable.exchange_entries.clone(),
        vouchers: on.short.vouchers.clone(),
        gate: on.durable.gate.clone(),
        people: on.durable.people.clone(),
        subjects: on.durable.subjects.clone(),
        access_tokens: on.short.access_tokens.clone(),
        refresh: on.durable.refresh_tokens.clone(),
        attempts: on.short.attempts.clone(),
        tokens_live: Duration::from_mins(1),
        unused_for: Duration::from_hours(24 * 180),
        client_keys: on.client_keys.clone(),
        post: holder.clone(),
        ledger: on.ledger.clone(),
        clock: on.clock.clone(),
        entropy: Arc::new(SystemEntropy),
    });
    Arc::new(desk.unwrap())
}

impl ServiceDirectory for Directory {
    fn services(&self) -> Vec<Arc<Client>> {
        Vec::new()
    }
}

/// The data provider, as the hub's record of it says.
pub(crate) fn famille() -> DataProvider {
    let metadata = DataProviderMetadata {
        id: "famille".to_owned(),
        name: Some("Caisse Famille".to_owned()),
        client_id: "fd-famille".to_owned(),
        evidence_endpoint: "https://famille.example/evidence".to_owned(),
        evidence: vec!["quotient-familial".to_owned()],
        ..DataProviderMetadata::default()
    };
    metadata.check().unwrap()
}

/// The same as a client of the hub.
pub(crate) fn client_of(holder: &Holder) -> Client {
    let jwks: Value = serde_json::from_slice(&holder.keys.jwks()).unwrap();
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_id": "fd-famille", "redirect_uris": ["https://famille.example/cb"],
        "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
    }))
    .unwrap();
    metadata.check(guichet_keys::client_secret_hash).unwrap()
}

impl World {
    /// What was decided last, as it rests.
    pub(crate) async fn last_grant(&self) -> EvidenceGrantRecord {
        let audit = self.audit().await;
        let (_, entry) = audit.rsplit_once("\"evidence.decided\"").unwrap();
        let (_, exchange) = entry.split_once("\"exchange\":\"").unwrap();
        let exchange = exchange.split('"').next().unwrap().parse().unwrap();
        let grant = self.durable.evidence_grants.get(exchange).await;
        grant.unwrap().unwrap()
    }

    /// Approves `client` to ask for the family quotient and its bracket, for this purpose.
    pub(crate) fn approve(&self, client: &str, purpose: &str) {
        let right = EvidenceRight {
            evidence_type: "quotient-familial".parse().unwrap(),
            fields: vec!["quotient".parse().unwrap(), "tranche".parse().unwrap()],
            purposes: vec![purpose.parse().unwrap()],
            until: None,
        };
        self.directory
            .change_client(client, |client| client.evidence_rights = vec![right]);
    }
}

impl DataProviderDirectory for Directory {
    fn data_provider(&self, id: &str) -> Option<Arc<DataProvider>> {
        Some(self.famille()).filter(|famille| famille.id.as_str() == id)
    }

    fn data_providers(&self) -> Vec<Arc<DataProvider>> {
        vec![self.famille()]
    }

    fn holder_of(&self, evidence_type: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        Some(self.famille()).filter(|famille| famille.offers(evidence_type))
    }
}
