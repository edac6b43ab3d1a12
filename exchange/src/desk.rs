//! The desk: everything that happens between a service, a citizen and a data provider, in one hand.
//!
//! | what | file |
//! |---|---|
//! | may it be asked for? | `request/` |
//! | what would leave? | `prepare/` |
//! | what the citizen decided, and how it ends | `grant/` |
//! | what the citizen wants erased | `erasure/` |
//! | the right to fetch it, once | `voucher/` |
//! | whose row it is, without a name | `matching.rs` |
//! | what both sides are told | `events/`, `parties.rs` |
//! | what was not confirmed, what an operator should look at | `unconfirmed.rs`, `alarms.rs` |
//! | what the ledger says of it, and what the citizen keeps | `trail/`, `receipt/` |
//! | what everybody may read, what both sides confirm | `endpoints/` |
//!
//! The engine calls it through [`RichAuthorization`]; the pages call it directly. It renders nothing.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{
    AuditEvent, Client, ClientId, Clock, DataProvider, DataProviderId, Entropy, EventKind,
    EvidenceTypeId, ExchangeId, FieldName, KeyManagementAlg, PersonId, PurposeId, Scopes,
    SubjectIdentifier, Timestamp,
};
use guichet_keys::{Keys, Mac, Sealer, SubjectNamespace, first_half};
use guichet_ledger::Ledger;
use guichet_oidc::{
    AuthorizationDetail, ClientKeys, RefusalCounts, RichAuthorization, RichFailure, RichRefusal,
    Voucher, VoucherOrder,
};
use guichet_store::Fault;
use guichet_store::durable::{
    ActivePerson, Erasures, EvidenceGrantRecord, EvidenceGrants, ExchangeEntries, People,
    PersonGate, RefreshTokens, RegistrySnapshot, Subjects,
};
use guichet_store::short_lived::{AccessTokens, Attempts, Vouchers};
use serde_json::{Map, Value};

use crate::endpoints::SignedCatalogue;
use crate::events::Events;
use crate::prepare::EvidencePost;
use crate::request::{EVIDENCE, Requests};
use crate::{Ask, Catalogue, Counts, Usage};

/// What a desk is built from.
pub struct DeskParts {
    /// The hub's issuer.
    pub issuer: String,
    /// Which evidence there is.
    pub catalogue: Arc<Catalogue>,
    /// Signing, sealing, names.
    pub keys: Keys,
    /// Services, and data providers as clients.
    pub clients: Arc<dyn ClientDirectory>,
    /// The same, all of them: what each may ask for is published.
    pub services: Arc<dyn ServiceDirectory>,
    /// Who hands evidence out.
    pub data_providers: Arc<dyn DataProviderDirectory>,
    /// What citizens decided.
    pub grants: Arc<dyn EvidenceGrants>,
    /// What citizens want erased.
    pub erasures: Arc<dyn Erasures>,
    /// What both sides are told.
    pub events: Arc<Events>,
    /// What the ledger says of exchanges.
    pub entries: Arc<dyn ExchangeEntries>,
    /// Rights to fetch, once.
    pub vouchers: Arc<dyn Vouchers>,
    /// Who may act: for anybody else nothing is fetched, whatever they decided (threat N-08).
    pub gate: Arc<dyn PersonGate>,
    /// Who is who by now.
    pub people: Arc<dyn People>,
    /// What data providers know citizens by.
    pub subjects: Arc<dyn Subjects>,
    /// What ends with a decision.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// The same.
    pub refresh: Arc<dyn RefreshTokens>,
    /// What is asked for how often.
    pub attempts: Arc<dyn Attempts>,
    /// How long an access token may live at most.
    pub tokens_live: Duration,
    /// How long what may be fetched again and again lives on while nobody fetches.
    pub unused_for: Duration,
    /// The keys of clients, as the engine knows them.
    pub client_keys: Arc<ClientKeys>,
    /// The way to data providers.
    pub post: Arc<dyn EvidencePost>,
    /// The audit log.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Everybody who may ask.
pub trait ServiceDirectory: Send + Sync {
    /// Every client, active or not, by identifier.
    fn services(&self) -> Vec<Arc<Client>>;
}

impl ServiceDirectory for RegistrySnapshot {
    fn services(&self) -> Vec<Arc<Client>> {
        self.clients()
    }
}

/// The desk.
pub struct Desk {
    pub(crate) parts: DeskParts,
    pub(crate) requests: Requests,
    pub(crate) terms: Sealer,
    pub(crate) vouchers: Sealer,
    /// Who was refused a voucher lately, and why.
    pub(crate) refusals: RefusalCounts<(ClientId, &'static str)>,
    pub(crate) signed_catalogue: SignedCatalogue,
    aliases: Mac,
    /// The counts worked out last.
    pub(crate) counts: Mutex<Option<Arc<Counts>>>,
    /// Held by whoever works them out.
    pub(crate) counting: tokio::sync::Mutex<()>,
}

impl Desk {
    /// Sets the desk up. Makes the key that data providers encrypt to while a citizen looks, where there
    /// is none.
    pub fn new(parts: DeskParts) -> Result<Self, Fault> {
        let ring = parts.keys.decryption_ring();
        ring.ensure(KeyManagementAlg::EcdhEsA256Kw, parts.clock.now())
            .map_err(|error| Fault::new("make a key for evidence", error))?;
        Ok(Self {
            requests: Requests::new(
                Arc::clone(&parts.catalogue),
                Arc::clone(&parts.data_providers),
            ),
            terms: parts.keys.sealer("evidence terms"),
            vouchers: parts.keys.sealer("evidence voucher"),
            refusals: RefusalCounts::default(),
            signed_catalogue: SignedCatalogue::default(),
            aliases: parts.keys.mac("evidence exchange alias"),
            counts: Mutex::default(),
            counting: tokio::sync::Mutex::default(),
            parts,
        })
    }

    /// The evidence that an accepted request asks for.
    pub fn asks(&self, details: &[AuthorizationDetail]) -> Vec<Ask> {
        details.iter().filter_map(Ask::of_detail).collect()
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.parts.catalogue
    }

    /// What both sides are told.
    pub fn events(&self) -> &Arc<Events> {
        &self.parts.events
    }

    /// What citizens read for an evidence; its name when the catalogue has it no longer.
    pub fn evidence_label(&self, id: &EvidenceTypeId, lang: &str) -> String {
        let known = self.catalogue().evidence(id);
        known.map_or_else(
            || id.to_string(),
            |known| known.label().in_language(lang).to_owned(),
        )
    }

    /// The same for a field.
    pub fn field_label(&self, id: &EvidenceTypeId, field: &FieldName, lang: &str) -> String {
        let known = self.catalogue().evidence(id);
        let known = known.and_then(|known| known.field(field));
        known.map_or_else(
            || field.to_string(),
            |known| known.label().in_language(lang).to_owned(),
        )
    }

    /// The name of a data provider on pages.
    pub fn holder_name(&self, id: &DataProviderId) -> String {
        let known = self.parts.data_providers.data_provider(id.as_str());
        known.map_or_else(|| id.to_string(), |known| known.name.clone())
    }

    /// What citizens read for a purpose.
    pub fn purpose_sentence(&self, id: &PurposeId, lang: &str) -> String {
        let known = self.catalogue().purpose(id);
        known.map_or_else(
            || id.to_string(),
            |known| known.sentence().in_language(lang).to_owned(),
        )
    }

    /// The text of law a purpose rests on; empty when the catalogue has it no longer.
    pub fn purpose_legal(&self, id: &PurposeId, lang: &str) -> String {
        let known = self.catalogue().purpose(id);
        known.map_or_else(String::new, |known| {
            known.legal().in_language(lang).to_owned()
        })
    }

    /// The data provider that `client` is.
    pub fn holder_behind(&self, client: &ClientId) -> Option<Arc<DataProvider>> {
        let all = self.parts.data_providers.data_providers();
        all.into_iter().find(|holder| holder.client == *client)
    }

    /// The name by which `holder` alone knows `person`: what its vouchers say, and what it gets when the
    /// citizen signs in there.
    pub async fn subject_at(
        &self,
        holder: &DataProvider,
        person: PersonId,
    ) -> Result<SubjectIdentifier, Fault> {
        let parts = &self.parts;
        let sector = holder.sector();
        if let Some(known) = parts.subjects.subject(&sector, person).await? {
            return Ok(known);
        }
        let now = parts.clock.now();
        let fresh = parts.keys.new_sector_key(&sector);
        let fresh = fresh.map_err(|error| Fault::new("make a sector key", error))?;
        let key = parts.subjects.sector_key(&sector, fresh, now).await?;
        let namespace = SubjectNamespace::DataProvider;
        let subject = parts
            .keys
            .subject(&key, &parts.issuer, &sector, person, namespace)
            .map_err(|error| Fault::new("derive a subject", error))?;
        parts.subjects.assign(&sector, person, subject, now).await
    }

    /// What the data provider knows an exchange by. It tells nothing of what the service knows it by.
    pub(crate) fn alias(&self, exchange: ExchangeId) -> ExchangeId {
        let tag = self.aliases.tag(&[exchange.as_bytes()]);
        ExchangeId::from_bytes(first_half(tag))
    }

    /// Whether a decision is this person's: their own, or of somebody who turned out to be them.
    pub(crate) async fn is_theirs(
        &self,
        record: &EvidenceGrantRecord,
        person: PersonId,
    ) -> Result<bool, Fault> {
        if record.person == person {
            return Ok(true);
        }
        let people = &self.parts.people;
        Ok(people.standing(record.person).await? == people.standing(person).await?)
    }

    /// Whether what began at `since` may go on as `person`.
    pub(crate) async fn admits(&self, person: PersonId, since: Timestamp) -> Result<bool, Fault> {
        let admitted = ActivePerson::admit(&*self.parts.gate, person, since).await?;
        Ok(admitted.is_ok())
    }

    pub(crate) async fn append(&self, event: AuditEvent) -> Result<(), Fault> {
        self.parts.ledger.append(event).await.map(drop)
    }
}

/// An event of an exchange. It never says who: entries are handed out in receipts.
pub(crate) fn exchange_event(kind: EventKind, exchange: ExchangeId, now: Timestamp) -> AuditEvent {
    AuditEvent::new(kind, now).detail("exchange", exchange)
}

#[async_trait]
impl RichAuthorization for Desk {
    fn types(&self) -> &[&str] {
        &[EVIDENCE]
    }

    fn check(
        &self,
        client: &Client,
        asked: &[AuthorizationDetail],
        scopes: &Scopes,
        now: Timestamp,
    ) -> Result<Vec<AuthorizationDetail>, RichRefusal> {
        self.requests.check(client, asked, scopes, now)
    }

    fn lasts_until(&self, granted: &[AuthorizationDetail]) -> Option<Timestamp> {
        let until = |ask: Ask| match ask.usage() {
            Usage::Single => None,
            Usage::Recurring { until, .. } => Some(*until),
        };
        self.asks(granted).into_iter().filter_map(until).max()
    }

    async fn exchange(&self, order: VoucherOrder<'_>) -> Result<Voucher, RichFailure> {
        self.issue(order).await
    }

    async fn introspect(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Map<String, Value>>, Fault> {
        self.spend(token, client, now).await
    }
}
