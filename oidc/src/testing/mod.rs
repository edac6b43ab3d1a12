//! A provider in a box for the tests of this room: memory stores, a clock that stands still, and a
//! house that signs the same fictional citizen in without asking.

mod answered;
mod directory;
mod documents;
mod families;
mod fixed;
mod form;
mod gate;
mod house;
mod proofs;
mod records;
mod registration;
mod rich;
pub(crate) mod tokens;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use guichet_domain::{Acr, Clock as _, IdentityClaims, PersonId, SigningAlg, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy, Typ};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::short_lived::{Limits, ShortLived};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::register::policy::RegistrationPolicy;
use crate::{
    CibaSettings, ClientKeys, DeferredSettings, DeviceSettings, Engine, EngineParts,
    EngineSettings, NoRichAuthorization, PushedSettings, TokenSettings, routes,
};

use crate::records::Granted;

pub(crate) use answered::Answered;
pub(crate) use directory::Directory;
pub(crate) use documents::Published;
pub(crate) use families::Families;
pub(crate) use fixed::FixedClock;
pub(crate) use form::{Form, redirect_uri};
pub(crate) use gate::TestGate;
pub(crate) use house::TestHouse;
pub(crate) use proofs::{CERTIFICATE, ath, over, with_proof};
pub(crate) use records::Records;
pub(crate) use registration::{INITIAL, policy};
pub(crate) use rich::{PROVIDER, TestDesk, voucher_for};
pub(crate) use tokens::{refreshing, text};

pub(crate) const ISSUER: &str = "https://hub.example";
pub(crate) const SECRET: &str = "a-secret-of-the-tests";
pub(crate) const VERIFIER: &str = "a-verifier-of-the-tests-with-43-characters-";
pub(crate) const SUBJECT: &str = "AbCdEf0123";
/// Whom [`SUBJECT`] names.
pub(crate) const PERSON: PersonId = PersonId::from_bytes([5; 16]);
pub(crate) const SID: &str = "sid-for-this-client";

/// Midday of the first of July 2026.
pub(crate) const NOON: Timestamp = Timestamp::from_seconds(1_782_907_200);

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) keys: Keys,
    pub(crate) store: ShortLived,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) house: Arc<TestHouse>,
    pub(crate) clients: Arc<Directory>,
    /// The keys of the client `jwt`.
    pub(crate) client_keys: Keys,
    /// Who may act.
    gate: Arc<TestGate>,
    pub(crate) records: Arc<Records>,
    /// What clients publish.
    pub(crate) published: Arc<Published>,
    ledger: Ledger,
    router: Router,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(ISSUER).await
    }

    pub(crate) async fn at(issuer: &str) -> Self {
        Self::with(|settings| issuer.clone_into(&mut settings.issuer)).await
    }

    /// A world whose provider has these settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut EngineSettings)) -> Self {
        Self::with_parts(|parts| change(&mut parts.settings)).await
    }

    /// One built from other parts.
    pub(crate) async fn with_parts(change: impl FnOnce(&mut EngineParts)) -> Self {
        Self::build(change, None).await
    }

    /// One whose tokens live on and are for whom these settings say.
    pub(crate) async fn with_tokens(tokens: TokenSettings) -> Self {
        Self::with(|settings| settings.tokens = tokens).await
    }

    /// Where clients register themselves, as far as `policy` lets them, and where there is a desk.
    pub(crate) async fn registering(policy: RegistrationPolicy) -> Self {
        let rich = Arc::new(TestDesk::default());
        Self::build(|parts| parts.rich = rich, Some(policy)).await
    }

    async fn build(
        change: impl FnOnce(&mut EngineParts),
        policy: Option<RegistrationPolicy>,
    ) -> Self {
        let clock = Arc::new(FixedClock(AtomicI64::new(NOON.millis())));
        let entropy = Arc::new(fixed::CountingEntropy::default());
        let keys = new_keys();
        let client_keys = new_keys();
        let clients = Arc::new(Directory::new(&keys, &client_keys));
        let records = Arc::new(Records::default());
        let published = Arc::new(Published::default());
        let gate = Arc::new(TestGate::default());
        let ledger = Ledger::open(
            records.clone(),
            keys.ledger_signer(),
            "test",
            LedgerSettings::default(),
        )
        .await
        .unwrap();
        let store = ShortLived::memory(Limits::default(), clock.clone(), "test");
        let mut parts = EngineParts {
            settings: settings(),
            keys: keys.clone(),
            clients: clients.clone(),
            codes: store.codes.clone(),
            pushed: store.pushed.clone(),
            access_tokens: store.access_tokens.clone(),
            refresh: Arc::new(Families::default()),
            gate: gate.clone(),
            replay: store.replay.clone(),
            fetch: published.clone(),
            client_keys: Arc::new(ClientKeys::new(published.clone(), clock.clone())),
            deferred: store.deferred.clone(),
            attempts: store.attempts.clone(),
            rich: Arc::new(NoRichAuthorization),
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy,
        };
        change(&mut parts);
        let engine = match policy {
            Some(policy) => {
                let registering = registration::registering(policy, clients.clone());
                Engine::with_registration(parts, registering)
            }
            None => Engine::new(parts),
        };
        let house = Arc::new(TestHouse::default());
        assert!(house.engine.set(engine.clone()).is_ok());
        Self {
            router: routes(engine.clone(), house.clone()),
            engine,
            keys,
            store,
            clock,
            house,
            clients,
            client_keys,
            gate,
            records,
            published,
            ledger,
        }
    }

    /// Kinds and reasons of the events recorded so far, in order.
    pub(crate) async fn recorded(&self) -> Vec<String> {
        self.ledger.flush().await.unwrap();
        self.records
            .entries()
            .iter()
            .filter_map(|entry| records::told(entry))
            .collect()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.unwrap();
        Answered::of(response).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, path: &str, form: &Form) -> Answered {
        self.send(form.posted(path)).await
    }

    /// Asks for a sign-in; the house grants it.
    pub(crate) async fn authorize(&self, form: &Form) -> Answered {
        self.get(&format!("/authorize?{}", form.text())).await
    }

    /// A code for this client.
    pub(crate) async fn code_for(&self, client: &str) -> String {
        let answered = self.authorize(&Form::asking(client)).await;
        answered.location_parameter("code").unwrap()
    }

    /// The tokens this client gets for a code.
    pub(crate) async fn tokens_for(&self, client: &str) -> Value {
        let code = self.code_for(client).await;
        let answered = self.send(Form::redeeming(client, &code).by(client)).await;
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
        answered.json()
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answered {
        self.send(
            Request::get("/userinfo")
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A request object signed by the client `jwt`: what `form` asks, with these members changed.
    pub(crate) fn request_object(&self, typ: Typ, form: &Form, changed: &Value) -> String {
        let mut claims = json!({});
        for (name, value) in &form.0 {
            claims[name] = value.as_str().into();
        }
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let ring = self.client_keys.client_ring();
        ring.sign_jwt(SigningAlg::Es256, typ, &claims).unwrap()
    }

    /// What the form gets at `/par`, with the assertion of the client `jwt`.
    pub(crate) async fn push(&self, form: &Form, jti: &str) -> Answered {
        let assertion = self.assertion(&json!({"jti": jti}));
        self.post("/par", &form.with_assertion(&assertion)).await
    }

    /// The client `jwt` is one of FAPI from now on.
    pub(crate) fn becomes_fapi(&self) {
        let jwks: Value = serde_json::from_slice(&self.client_keys.client_ring().jwks()).unwrap();
        let fapi = json!({
            "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
        });
        self.clients.add("jwt", &fapi);
    }

    /// An assertion signed by the client `jwt`, with these members changed (`null` leaves one out).
    pub(crate) fn assertion(&self, changed: &Value) -> String {
        let now = self.clock.now().seconds();
        let mut claims = json!({
            "iss": "jwt", "sub": "jwt", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "one",
        });
        for (name, value) in changed.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        self.client_keys
            .client_ring()
            .sign_jwt(SigningAlg::Es256, guichet_keys::Typ::Jwt, &claims)
            .unwrap()
    }
}

pub(crate) fn new_keys() -> Keys {
    Keys::open(
        Arc::new(MemoryCustody::new()),
        Arc::new(SystemEntropy),
        NOON,
        &[SigningAlg::Es256, SigningAlg::EdDsa],
    )
    .unwrap()
}

fn settings() -> EngineSettings {
    EngineSettings {
        issuer: ISSUER.to_owned(),
        code_lifetime: Duration::from_secs(30),
        pushed: PushedSettings::default(),
        access_token_lifetime: Duration::from_mins(1),
        id_token_lifetime: Duration::from_mins(5),
        acr_values_supported: vec![Acr::Eidas1.into(), Acr::Eidas2.into()],
        signing_algs: vec![SigningAlg::Es256, SigningAlg::EdDsa],
        data_scopes: vec!["family_quotient".to_owned()],
        dpop_nonce_required: false,
        client_certificates: None,
        deferred: deferred(ISSUER),
        public_subjects: false,
        ui_locales: vec!["fr", "en"],
        tokens: TokenSettings::default(),
    }
}

/// What somebody granted the client `basic`.
pub(crate) fn granted(scopes: &str) -> Granted {
    let outcome = TestHouse::outcome();
    Granted {
        client: "basic".parse().unwrap(),
        subject: outcome.subject,
        claims: outcome.claims,
        id_token_claims: IdentityClaims::default(),
        scopes: scopes.parse().unwrap(),
        resources: Vec::new(),
        acr: outcome.acr,
        amr: outcome.amr,
        auth_time: outcome.auth_time,
        session: outcome.session,
        sid: outcome.sid,
        grant: outcome.grant,
        at: NOON,
        person: Some(PERSON),
        provider: None,
        details: Vec::new(),
    }
}

fn deferred(issuer: &str) -> DeferredSettings {
    DeferredSettings {
        device: Some(DeviceSettings {
            verification_uri: format!("{issuer}/account/device"),
            lifetime: Duration::from_mins(10),
            interval: Duration::from_secs(5),
        }),
        ciba: Some(CibaSettings {
            lifetime: Duration::from_mins(5),
            longest: Duration::from_mins(10),
            interval: Duration::from_secs(5),
        }),
    }
}
