//! A desk in a box: one service, one data provider with keys of its own, a clock that stands still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{
    Acr, AcrValue, AuditEvent, CaseId, Client, ClientMetadata, Clock, CorrectionId, DataProvider,
    DataProviderMetadata, EvidenceTypeId, ExchangeId, FieldName, GrantId, PersonId, Scopes, Sealed,
    SecretHash, Timestamp,
};
use guichet_keys::{JwsAlg, Keys, SystemEntropy, TypRule, VerifyPolicy, sha256_base64url, verify};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_oidc::{
    AuthorizationDetail, ClientKeys, FetchNothing, RichAuthorization as _, RichExchange,
    RichFailure, Voucher, VoucherOrder,
};
use guichet_store::durable::Mailroom;
use guichet_store::durable::cases::{Case, CaseKind};
use guichet_store::durable::corrections::{Act, Change, Correction, Settled};
use guichet_store::durable::{DeliveryHalf, DeliveryRecord, EntryRecord};
use guichet_store::{Durable, DurableSettings, Fault, Limits, ShortLived};
use serde_json::{Map, Value, json};

use crate::testing::{Holder, Listening, encrypting_keys};
use crate::{
    Ask, Catalogue, Decision, Desk, DeskParts, Digests, EventParts, Events, ServiceDirectory, Word,
};

pub(super) const ISSUER: &str = "https://hub.example";
pub(super) const PERSON: PersonId = PersonId::from_bytes([5; 16]);
/// What "cantine" knows the person by.
pub(super) const CITIZEN_AT_CANTINE: &str = "the-citizen-at-cantine";
pub(super) const GRANT: GrantId = GrantId::from_bytes([6; 16]);
pub(super) const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
pub(super) const DIGEST: &str = "sha-256:N5Qgjz7iUol26zMR2nGYPrVYNMnXx4I-fVSwFLMMjTA";

pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) clock: Arc<StandingClock>,
    /// The level of the sign-in.
    pub(super) acr: AcrValue,
    pub(super) hub: Keys,
    pub(super) directory: Arc<Directory>,
    pub(super) holder: Arc<Holder>,
    /// The service's.
    pub(super) service: Keys,
    pub(super) listening: Arc<Listening>,
    pub(super) durable: Durable,
    pub(super) ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Catalogue::builtin().unwrap()).await
    }

    /// One in which the quotient is shown and fetched from `level` on.
    pub(super) async fn needing(level: Acr) -> Self {
        let entry = "id = \"quotient-familial\"\n";
        let raised = format!("{entry}minimum_acr = \"{level}\"\n");
        let text = include_str!("../../catalogue.toml").replacen(entry, &raised, 1);
        Self::with(Catalogue::parse(&text).unwrap()).await
    }

    async fn with(catalogue: Catalogue) -> Self {
        let clock = Arc::new(StandingClock(AtomicI64::new(1_795_296_504_000)));
        let (hub, service) = (encrypting_keys(), encrypting_keys());
        let holder = Holder::new();
        let directory = Arc::new(Directory::new(&holder.keys, &service));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guichet.db");
        let durable = Durable::sqlite(path, DurableSettings::default())
            .await
            .unwrap();
        durable.migrate_up().await.unwrap();
        let records = durable.ledger.clone();
        let settings = LedgerSettings::default();
        let ledger = Ledger::open(records, hub.ledger_signer(), "test", settings);
        let ledger = ledger.await.unwrap();
        let short_lived = ShortLived::memory(Limits::default(), clock.clone(), "hub");
        let listening = Arc::new(Listening::default());
        let cantine = directory.client("cantine").unwrap();
        let name = CITIZEN_AT_CANTINE.parse().unwrap();
        let subjects = &durable.subjects;
        let named = subjects.assign(&cantine.sector, PERSON, name, clock.now());
        named.await.unwrap();
        let events = Arc::new(Events::new(EventParts {
            issuer: ISSUER.to_owned(),
            keys: hub.clone(),
            clients: directory.clone(),
            outbox: durable.outbox.clone(),
            waiting: durable.waiting_events.clone(),
            post: listening.clone(),
            ledger: ledger.clone(),
            clock: clock.clone(),
        }));
        let desk = Desk::new(DeskParts {
            issuer: ISSUER.to_owned(),
            catalogue: Arc::new(catalogue),
            keys: hub.clone(),
            clients: directory.clone(),
            services: directory.clone(),
            data_providers: directory.clone(),
            grants: durable.evidence_grants.clone(),
            erasures: durable.erasures.clone(),
            events,
            entries: durable.exchange_entries.clone(),
            vouchers: short_lived.vouchers.clone(),
            gate: durable.gate.clone(),
            people: durable.people.clone(),
            subjects: durable.subjects.clone(),
            access_tokens: short_lived.access_tokens.clone(),
            refresh: durable.refresh_tokens.clone(),
            attempts: short_lived.attempts.clone(),
            tokens_live: Duration::from_mins(1),
            unused_for: Duration::from_hours(24 * 180),
            client_keys: Arc::new(ClientKeys::new(Arc::new(FetchNothing), clock.clone())),
            post: holder.clone(),
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy),
        });
        Self {
            desk: desk.unwrap(),
            acr: Acr::Eidas1.into(),
            clock,
            hub,
            directory,
            holder,
            service,
            listening,
            durable,
            ledger,
            _folder: folder,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What "cantine" may ask for, with `more` said.
    pub(super) fn ask(&self, more: &Value) -> Ask {
        let mut members = json!({
            "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
        });
        for (name, value) in more.as_object().unwrap() {
            members[name] = value.clone();
        }
        let Value::Object(members) = members else {
            panic!("an object")
        };
        let asked = [AuthorizationDetail::try_from(members).unwrap()];
        let client = self.directory.client("cantine").unwrap();
        let accepted = self
            .desk
            .check(&client, &asked, &Scopes::default(), self.now());
        self.desk.asks(&accepted.unwrap()).remove(0)
    }

    /// A decision about `ask` under a name that differs by `seed`.
    pub(super) async fn decide(
        &self,
        seed: u8,
        ask: &Ask,
        word: Word,
    ) -> Option<AuthorizationDetail> {
        let digests = digests(&["quotient", "tranche"]);
        self.decide_on(seed, ask, word, &digests).await
    }

    /// The same about values with these digests.
    pub(super) async fn decide_on(
        &self,
        seed: u8,
        ask: &Ask,
        word: Word,
        digests: &Digests,
    ) -> Option<AuthorizationDetail> {
        let who = Who::default();
        let decided = self.decide_as(&who, seed, ask, word, digests).await;
        decided.unwrap()
    }

    /// The same by somebody, at some service, in some sign-in, which is over then.
    pub(super) async fn decide_as(
        &self,
        who: &Who,
        seed: u8,
        ask: &Ask,
        word: Word,
        digests: &Digests,
    ) -> Result<Option<AuthorizationDetail>, Fault> {
        let decided = self.word_of(who, seed, ask, word, digests).await;
        self.desk.begin(who.grant, self.now()).await?;
        decided
    }

    /// The same in a sign-in that is not over.
    pub(super) async fn word_of(
        &self,
        who: &Who,
        seed: u8,
        ask: &Ask,
        word: Word,
        digests: &Digests,
    ) -> Result<Option<AuthorizationDetail>, Fault> {
        let client = who.client.parse().unwrap();
        let decided = self.desk.decide(Decision {
            exchange: exchange(seed),
            ask,
            grant: who.grant,
            person: who.person,
            client: &client,
            acr: self.acr,
            word,
            digests,
            text_digest: [9; 32],
            locale: "fr",
            now: self.now(),
        });
        decided.await
    }

    /// All of it, sent.
    pub(super) async fn send(&self, seed: u8, more: &Value) -> AuthorizationDetail {
        let ask = self.ask(more);
        let fields = ask.fields().to_vec();
        let sent = self.decide(seed, &ask, Word::Sent { fields }).await;
        sent.unwrap()
    }

    pub(super) async fn voucher(
        &self,
        detail: &AuthorizationDetail,
    ) -> Result<Voucher, RichFailure> {
        let grant_id = detail.members()["grant_id"].as_str().unwrap();
        self.order(detail, grant_id, "famille", DIGEST).await
    }

    pub(super) async fn order(
        &self,
        detail: &AuthorizationDetail,
        grant_id: &str,
        audience: &str,
        request_digest: &str,
    ) -> Result<Voucher, RichFailure> {
        let asked = RichExchange {
            grant_id,
            request_digest,
        };
        self.order_as(&Who::default(), detail, audience, asked)
            .await
    }

    /// The same with a token of somebody, at some service, of some sign-in.
    pub(super) async fn order_as(
        &self,
        who: &Who,
        detail: &AuthorizationDetail,
        audience: &str,
        asked: RichExchange<'_>,
    ) -> Result<Voucher, RichFailure> {
        let client = self.directory.client(who.client).unwrap();
        let order = VoucherOrder {
            client: &client,
            grant: who.grant,
            person: Some(who.person),
            session: None,
            acr: self.acr,
            amr: &[],
            actor: None,
            details: std::slice::from_ref(detail),
            jkt: JKT,
            audience,
            asked,
            now: self.now(),
        };
        self.desk.exchange(order).await
    }

    /// What the client `id` hears of a voucher.
    pub(super) async fn heard(&self, id: &str, voucher: &str) -> Option<Map<String, Value>> {
        let client = self.directory.client(id).unwrap();
        let heard = self.desk.introspect(voucher, &client, self.now());
        heard.await.unwrap()
    }

    /// What a voucher says, opened and verified as its data provider does.
    pub(super) fn opened(&self, voucher: &str) -> Map<String, Value> {
        let signed = self.holder.keys.decryption_ring().open(voucher).unwrap();
        let signed = String::from_utf8(signed).unwrap();
        let jwks = guichet_keys::JwkSet::parse(&self.hub.jwks()).unwrap();
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::Exactly("evidence-voucher+jwt"),
        };
        verify(&signed, &jwks, policy).unwrap().claims
    }

    /// An operator freezes a person.
    pub(super) async fn freeze(&self, person: PersonId) -> Case {
        let case = Case {
            id: CaseId::from_bytes([3; 16]),
            kind: CaseKind::Freeze,
            person: Some(person),
            opened: self.act(),
            reason: "a ticket".to_owned(),
            evidence: Sealed::from_bytes(Vec::new()),
            ended: None,
        };
        self.durable.cases.open(&case).await.unwrap();
        case
    }

    /// The case is over.
    pub(super) async fn thaw(&self, case: Case) {
        assert!(self.durable.cases.end(case.id, &self.act()).await.unwrap());
    }

    fn act(&self) -> Act {
        Act {
            by: "alice".to_owned(),
            at: self.now(),
        }
    }

    /// Sends it, and fetches it; the name of the voucher that was spent.
    pub(super) async fn fetched(&self, seed: u8, more: &Value) -> String {
        let detail = self.send(seed, more).await;
        self.pulled(&detail).await
    }

    /// Fetches it; the name of the voucher that was spent.
    pub(super) async fn pulled(&self, detail: &AuthorizationDetail) -> String {
        let voucher = self.voucher(detail).await.unwrap();
        let heard = self.heard("fd-famille", &voucher.token).await.unwrap();
        sha256_base64url(heard["jti"].as_str().unwrap().as_bytes())
    }

    /// Both parties say where events are sent, and take them.
    pub(super) fn both_listen(&self) {
        for id in ["cantine", "fd-famille"] {
            let uri = format!("https://{id}.example/events").parse().unwrap();
            self.directory
                .change_client(id, |client| client.events_uri = Some(uri));
        }
        self.listening.says(202, "");
    }

    /// Carries what is due, as the hub does.
    pub(super) async fn deliver(&self) {
        let events = self.desk.events().clone();
        let outbox = self.durable.outbox.clone();
        let room = Mailroom::new(outbox, vec![events], self.clock.clone());
        room.deliver_due().await;
    }

    /// What the events say that came since, by the party's address.
    pub(super) fn posted(&self) -> Vec<(String, Value)> {
        let said = |(url, token): (String, String)| (url, self.event(&token));
        self.listening.came().into_iter().map(said).collect()
    }

    /// What an event says, verified as its party does.
    pub(super) fn event(&self, token: &str) -> Value {
        let jwks = guichet_keys::JwkSet::parse(&self.hub.jwks()).unwrap();
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::Exactly("secevent+jwt"),
        };
        Value::Object(verify(token, &jwks, policy).unwrap().claims)
    }

    pub(super) async fn pulls(&self, seed: u8) -> u32 {
        let record = self.durable.evidence_grants.get(exchange(seed)).await;
        record.unwrap().unwrap().pulls
    }

    /// The service confirms what it got the latest time.
    pub(super) async fn arrived(&self, seed: u8) {
        let pull = self.pulls(seed).await;
        let half = DeliveryRecord {
            exchange: exchange(seed),
            voucher: [u8::try_from(pull).unwrap(); 32],
            pull,
            half: DeliveryHalf::Received,
            digest: [seed; 32],
            receipt: "a.b.c".to_owned(),
            at: self.now(),
        };
        assert!(self.durable.evidence_grants.deliver(&half).await.unwrap());
    }

    /// Two operators find that `absorbed` and `kept` are one.
    pub(super) async fn merge(&self, kept: PersonId, absorbed: PersonId) {
        let act = |by: &str| Act {
            by: by.to_owned(),
            at: self.now(),
        };
        let merge = Correction {
            id: MERGE,
            change: Change::Merge { kept, absorbed },
            reason: "T-1".to_owned(),
            proposed: act("alice"),
            confirmed: None,
            undone: None,
        };
        let corrections = &self.durable.corrections;
        assert!(corrections.propose(&merge).await.unwrap());
        let settled = corrections.confirm(MERGE, &act("bob")).await.unwrap();
        assert_eq!(settled, Settled::Done);
    }

    /// And that they are not.
    pub(super) async fn undo_the_merge(&self) {
        let act = Act {
            by: "alice".to_owned(),
            at: self.now(),
        };
        let undone = self.durable.corrections.undo(MERGE, &act, act.at).await;
        assert_eq!(undone.unwrap(), Settled::Done);
    }

    /// The entries of the ledger, as they are written.
    pub(super) async fn entries(&self) -> Vec<String> {
        self.ledger.flush().await.unwrap();
        let entries = self.durable.ledger.read(0, 1000).await.unwrap();
        let text = |one: EntryRecord| String::from_utf8(one.entry).unwrap();
        entries.into_iter().map(text).collect()
    }

    /// Everything in the ledger.
    pub(super) async fn events(&self) -> Vec<AuditEvent> {
        let event = |entry: &String| {
            let value: Value = serde_json::from_str(entry).unwrap();
            let event = value.get("event").cloned().unwrap_or(value);
            serde_json::from_value(event).unwrap()
        };
        self.entries().await.iter().map(event).collect()
    }

    pub(super) async fn kinds(&self) -> Vec<String> {
        let events = self.events().await;
        let about = events
            .iter()
            .filter(|event| event.details.contains_key("exchange"));
        about.map(|event| event.kind.to_string()).collect()
    }
}

/// Who decides or asks, where and in which sign-in.
pub(super) struct Who {
    pub(super) client: &'static str,
    pub(super) person: PersonId,
    pub(super) grant: GrantId,
}

/// In most tests: the citizen, at "cantine", in one sign-in.
impl Default for Who {
    fn default() -> Self {
        Self {
            client: "cantine",
            person: PERSON,
            grant: GRANT,
        }
    }
}

/// Of values that were shown for these fields.
pub(super) fn digests(fields: &[&str]) -> Digests {
    let fields: Vec<FieldName> = fields.iter().map(|name| name.parse().unwrap()).collect();
    Digests::of(fields.iter().map(|field| (field, &Value::Null)))
}

const MERGE: CorrectionId = CorrectionId::from_bytes([7; 16]);

pub(super) fn exchange(seed: u8) -> ExchangeId {
    ExchangeId::from_bytes([seed; 16])
}

/// A clock that moves only when told to.
pub(super) struct StandingClock(AtomicI64);

impl StandingClock {
    pub(super) fn pass(&self, seconds: u64) {
        let later = self.now().after(Duration::from_secs(seconds));
        self.0.store(later.millis(), Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Who there is, and what tests change of them.
pub(super) struct Directory {
    clients: Mutex<Vec<Client>>,
    famille: Mutex<DataProvider>,
}

impl Directory {
    fn new(holder: &Keys, service: &Keys) -> Self {
        let rights = json!([{
            "evidence_type": "quotient-familial", "fields": ["quotient", "tranche"],
            "purposes": ["tarif-cantine"],
        }]);
        let famille = DataProviderMetadata {
            id: "famille".to_owned(),
            client_id: "fd-famille".to_owned(),
            evidence_endpoint: "https://famille.example/evidence".to_owned(),
            evidence: vec!["quotient-familial".to_owned()],
            ..DataProviderMetadata::default()
        };
        let clients = vec![
            client("cantine", service, &rights),
            client("fd-famille", holder, &json!([])),
            client("autre", service, &json!([])),
        ];
        Self {
            clients: Mutex::new(clients),
            famille: Mutex::new(famille.check().unwrap()),
        }
    }

    pub(super) fn change_client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        let mut clients = self.clients.lock().unwrap();
        let mut all = clients.iter_mut();
        change(all.find(|client| client.id.as_str() == id).unwrap());
    }

    pub(super) fn change_famille(&self, change: impl FnOnce(&mut DataProvider)) {
        change(&mut self.famille.lock().unwrap());
    }
}

fn client(id: &str, keys: &Keys, rights: &Value) -> Client {
    let jwks: Value = serde_json::from_slice(&keys.jwks()).unwrap();
    let metadata: ClientMetadata = serde_json::from_value(json!({
        "client_id": id,
        "redirect_uris": [format!("https://{id}.example/cb")],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": jwks,
        "evidence_rights": rights,
    }))
    .unwrap();
    metadata.check(|_| SecretHash::from_bytes([7; 32])).unwrap()
}

impl ClientDirectory for Directory {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        let clients = self.clients.lock().unwrap();
        let mut all = clients.iter();
        all.find(|client| client.id.as_str() == id)
            .cloned()
            .map(Arc::new)
    }
}

impl ServiceDirectory for Directory {
    fn services(&self) -> Vec<Arc<Client>> {
        let clients = self.clients.lock().unwrap();
        clients.iter().cloned().map(Arc::new).collect()
    }
}

impl DataProviderDirectory for Directory {
    fn data_provider(&self, id: &str) -> Option<Arc<DataProvider>> {
        let famille = self.famille.lock().unwrap();
        (id == famille.id.as_str()).then(|| Arc::new(famille.clone()))
    }

    fn data_providers(&self) -> Vec<Arc<DataProvider>> {
        vec![Arc::new(self.famille.lock().unwrap().clone())]
    }

    fn holder_of(&self, evidence_type: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        let famille = self.famille.lock().unwrap();
        famille
            .offers(evidence_type)
            .then(|| Arc::new(famille.clone()))
    }
}

/// The one data provider.
pub(super) fn famille(world: &World) -> DataProvider {
    world.directory.famille.lock().unwrap().clone()
}
