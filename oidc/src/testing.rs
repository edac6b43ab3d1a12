//! A provider in a box for the tests of this room: memory stores, a clock that stands still, and a
//! house that signs the same fictional citizen in without asking.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::client::ClientDirectory;
use guichet_domain::{
    Acr, Amr, Client, ClientMetadata, Clock, Entropy, GrantId, IdentityClaims, SessionId,
    SigningAlg, Timestamp,
};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy, client_secret_hash, pkce_s256, sha256_of};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::Fault;
use guichet_store::durable::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};
use guichet_store::short_lived::{Limits, ShortLived};
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

use crate::{
    AcceptedRequest, Browser, Engine, EngineParts, EngineSettings, FormPost, House, Outcome,
    PageRefusal, SignOutRequest, routes,
};

pub(crate) const ISSUER: &str = "https://hub.example";
pub(crate) const SECRET: &str = "a-secret-of-the-tests";
pub(crate) const VERIFIER: &str = "a-verifier-of-the-tests-with-43-characters-";
pub(crate) const SUBJECT: &str = "AbCdEf0123";
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
    pub(crate) records: Arc<Records>,
    ledger: Ledger,
    router: Router,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(ISSUER).await
    }

    pub(crate) async fn at(issuer: &str) -> Self {
        let clock = Arc::new(FixedClock(AtomicI64::new(NOON.millis())));
        let entropy = Arc::new(CountingEntropy::default());
        let keys = new_keys();
        let client_keys = new_keys();
        let clients = Arc::new(Directory::new(&client_keys));
        let records = Arc::new(Records::default());
        let ledger = Ledger::open(
            records.clone(),
            keys.ledger_signer(),
            "test",
            LedgerSettings::default(),
        )
        .await
        .unwrap();
        let store = ShortLived::memory(Limits::default(), clock.clone(), "test");
        let engine = Engine::new(EngineParts {
            settings: settings(issuer),
            keys: keys.clone(),
            clients: clients.clone(),
            codes: store.codes.clone(),
            access_tokens: store.access_tokens.clone(),
            replay: store.replay.clone(),
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy,
        });
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
            records,
            ledger,
        }
    }

    /// Kinds and reasons of the events recorded so far, in order.
    pub(crate) async fn recorded(&self) -> Vec<String> {
        self.ledger.flush().await.unwrap();
        self.records
            .entries()
            .iter()
            .filter_map(|entry| told(entry))
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

fn new_keys() -> Keys {
    Keys::open(
        Arc::new(MemoryCustody::new()),
        Arc::new(SystemEntropy),
        NOON,
        &[SigningAlg::Es256, SigningAlg::EdDsa],
    )
    .unwrap()
}

fn settings(issuer: &str) -> EngineSettings {
    EngineSettings {
        issuer: issuer.to_owned(),
        code_lifetime: Duration::from_secs(30),
        access_token_lifetime: Duration::from_mins(1),
        id_token_lifetime: Duration::from_mins(5),
        acr_values_supported: vec![Acr::Eidas1, Acr::Eidas2],
        signing_algs: vec![SigningAlg::Es256, SigningAlg::EdDsa],
        data_scopes: vec!["family_quotient".to_owned()],
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answered {
    async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(self.header("location").unwrap()).unwrap()
    }

    pub(crate) fn location_parameter(&self, name: &str) -> Option<String> {
        self.location()
            .query_pairs()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The error a client is told, wherever it stands.
    pub(crate) fn error(&self) -> Option<String> {
        if self.header("location").is_some() {
            return self.location_parameter("error");
        }
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body["error"].as_str().map(str::to_owned)
    }

    /// A page of the house, and no way to any client.
    pub(crate) fn is_page(&self, error: &str) -> bool {
        self.header("location").is_none()
            && self.status == StatusCode::BAD_REQUEST
            && self.body.starts_with(&format!("page {error} "))
    }
}

/// Parameters, in order.
#[derive(Clone, Debug)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    /// An authorization request of `client` that is accepted as it stands.
    pub(crate) fn asking(client: &str) -> Self {
        Self::empty()
            .with("client_id", client)
            .with("redirect_uri", &redirect_uri(client))
            .with("response_type", "code")
            .with("scope", "openid given_name email")
            .with("state", "a state")
            .with("nonce", "a nonce")
            .with("code_challenge", &pkce_s256(VERIFIER))
            .with("code_challenge_method", "S256")
    }

    /// A token request that holds, but for the client's authentication.
    pub(crate) fn redeeming(client: &str, code: &str) -> Self {
        Self::empty()
            .with("grant_type", "authorization_code")
            .with("code", code)
            .with("redirect_uri", &redirect_uri(client))
            .with("code_verifier", VERIFIER)
    }

    /// Sets a parameter.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let mut form = self.without(name);
        form.0.push((name.to_owned(), value.to_owned()));
        form
    }

    /// Adds a parameter, whether it is there already or not.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a parameter out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn text(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    pub(crate) fn posted(&self, path: &str) -> Request<Body> {
        Request::post(path)
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded;charset=UTF-8",
            )
            .body(Body::from(self.text()))
            .unwrap()
    }

    /// The token request as `client` sends it, with its registered method.
    pub(crate) fn by(&self, client: &str) -> Request<Body> {
        match client {
            "post" => self
                .clone()
                .with("client_id", client)
                .with("client_secret", SECRET)
                .posted("/token"),
            "public" => self.clone().with("client_id", client).posted("/token"),
            _ => self.with_basic(client, SECRET),
        }
    }

    pub(crate) fn with_basic(&self, id: &str, secret: &str) -> Request<Body> {
        let mut request = self.posted("/token");
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        request.headers_mut().insert(
            header::AUTHORIZATION,
            format!("Basic {credentials}").parse().unwrap(),
        );
        request
    }

    pub(crate) fn with_assertion(&self, assertion: &str) -> Self {
        self.clone()
            .with(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .with("client_assertion", assertion)
    }

    pub(crate) fn method(self, method: Method, path: &str) -> Request<Body> {
        let mut request = self.posted(path);
        *request.method_mut() = method;
        request
    }
}

pub(crate) fn redirect_uri(client: &str) -> String {
    format!("https://{client}.example/callback?tenant=a%20b")
}

/// The clients of the tests, named for how they authenticate or what is special about them.
pub(crate) struct Directory(Mutex<HashMap<String, Arc<Client>>>);

impl Directory {
    fn new(client_keys: &Keys) -> Self {
        let jwks: Value = serde_json::from_slice(&client_keys.client_ring().jwks()).unwrap();
        let directory = Self(Mutex::new(HashMap::new()));
        directory.add("basic", &json!({}));
        directory.add("other", &json!({}));
        directory.add("lax", &json!({"require_pkce": false}));
        directory.add("signed", &json!({"userinfo_signed_response_alg": "EdDSA"}));
        directory.add(
            "post",
            &json!({"token_endpoint_auth_method": "client_secret_post"}),
        );
        directory.add("public", &json!({"token_endpoint_auth_method": "none"}));
        directory.add("disabled", &json!({"active": false}));
        directory.add("narrow", &json!({"scope": "openid given_name"}));
        directory.add(
            "jwt",
            &json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": jwks}),
        );
        directory
    }

    /// Registers a client, or replaces it.
    pub(crate) fn add(&self, id: &str, special: &Value) {
        let mut metadata = json!({
            "client_id": id,
            "client_secret": SECRET,
            "redirect_uris": [redirect_uri(id), format!("https://{id}.example/second")],
            "post_logout_redirect_uris": [format!("https://{id}.example/bye?from=hub")],
            "backchannel_logout_uri": format!("https://{id}.example/backchannel"),
            "sector": id,
        });
        for (name, value) in special.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
        let client = metadata.check(client_secret_hash).unwrap();
        self.0
            .lock()
            .unwrap()
            .insert(id.to_owned(), Arc::new(client));
    }

    pub(crate) fn disable(&self, id: &str) {
        self.add(id, &json!({"active": false}));
    }
}

impl ClientDirectory for Directory {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.0.lock().unwrap().get(id).cloned()
    }
}

/// A house without pages. Grants every request with [`TestHouse::outcome`], changed by `change`.
#[derive(Default)]
pub(crate) struct TestHouse {
    engine: OnceLock<Engine>,
    pub(crate) asked: Mutex<Vec<AcceptedRequest>>,
    pub(crate) signed_out: Mutex<Vec<SignOutRequest>>,
    pub(crate) change: Mutex<Option<fn(&mut Outcome)>>,
}

impl TestHouse {
    pub(crate) fn outcome() -> Outcome {
        Outcome {
            subject: SUBJECT.parse().unwrap(),
            claims: IdentityClaims {
                given_name: Some("Angela".to_owned()),
                family_name: Some("DUBOIS".to_owned()),
                email: Some("angela@mail.example".to_owned()),
                email_verified: Some(true),
                ..IdentityClaims::default()
            },
            scopes: "openid given_name family_name email".parse().unwrap(),
            acr: Acr::Eidas2,
            amr: vec![Amr::Pwd, Amr::Otp],
            auth_time: NOON.before(Duration::from_mins(3)),
            session: SessionId::from_bytes([7; 16]),
            sid: SID.to_owned(),
            grant: GrantId::from_bytes([9; 16]),
            person: None,
        }
    }

    /// How often the house was asked to sign somebody in.
    pub(crate) fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    pub(crate) fn last_asked(&self) -> AcceptedRequest {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl House for TestHouse {
    async fn sign_in(&self, request: AcceptedRequest, browser: Browser) -> Response {
        let mut outcome = Self::outcome();
        if let Some(change) = *self.change.lock().unwrap() {
            change(&mut outcome);
        }
        self.asked.lock().unwrap().push(request.clone());
        let engine = self.engine.get().unwrap();
        match engine.grant(&request, outcome).await {
            Ok(answer) => answer.deliver(self, browser).await,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    async fn sign_out(&self, request: SignOutRequest, browser: Browser) -> Response {
        self.signed_out.lock().unwrap().push(request.clone());
        match self.engine.get().unwrap().signed_out(&request) {
            Some(answer) => answer.deliver(self, browser).await,
            None => "signed out".into_response(),
        }
    }

    async fn refuse(&self, refusal: PageRefusal, _browser: Browser) -> Response {
        let status = StatusCode::from_u16(refusal.status).unwrap();
        let client = refusal.client.map(|id| id.to_string()).unwrap_or_default();
        let text = format!("page {} {client}: {}", refusal.error, refusal.description);
        (status, text).into_response()
    }

    async fn post_form(&self, form: FormPost, _browser: Browser) -> Response {
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        axum::Json(json!({"action": form.action, "fields": fields})).into_response()
    }
}

/// The rows of an audit log, in memory; and a disk that may be full.
#[derive(Default)]
pub(crate) struct Records {
    entries: Mutex<Vec<Vec<u8>>>,
    checkpoints: Mutex<Vec<CheckpointRecord>>,
    pub(crate) is_full: AtomicBool,
}

impl Records {
    pub(crate) fn entries(&self) -> Vec<Vec<u8>> {
        self.entries.lock().unwrap().clone()
    }
}

#[async_trait]
impl LedgerRecords for Records {
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(Fault::bare("the disk is full"));
        }
        let mut rows = self.entries.lock().unwrap();
        if rows.len() as u64 != first {
            return Ok(Placed::Taken);
        }
        rows.extend_from_slice(entries);
        Ok(Placed::Done)
    }

    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        let rows = self.entries.lock().unwrap();
        let numbered = (0..).zip(rows.iter().cloned());
        Ok(numbered
            .map(|(sequence, entry)| EntryRecord { sequence, entry })
            .filter(|record| record.sequence >= first)
            .take(limit as usize)
            .collect())
    }

    async fn size(&self) -> Result<u64, Fault> {
        Ok(self.entries.lock().unwrap().len() as u64)
    }

    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault> {
        self.checkpoints.lock().unwrap().push(checkpoint.clone());
        Ok(())
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault> {
        Ok(self.checkpoints.lock().unwrap().last().cloned())
    }

    async fn checkpoints(&self, from: u64, limit: u32) -> Result<Vec<CheckpointRecord>, Fault> {
        let all = self.checkpoints.lock().unwrap();
        Ok(all
            .iter()
            .filter(|checkpoint| checkpoint.size >= from)
            .take(limit as usize)
            .cloned()
            .collect())
    }
}

/// One entry as a test reads it: its kind, its client, and why something was refused. The ledger's own
/// entries are left out.
fn told(entry: &[u8]) -> Option<String> {
    let entry: Value = serde_json::from_slice(entry).unwrap();
    let kind = entry["kind"].as_str()?;
    let client = entry["client"].as_str()?;
    let reason = entry["details"]["reason"].as_str();
    Some(match reason {
        Some(reason) => format!("{kind} {client}: {reason}"),
        None => format!("{kind} {client}"),
    })
}

/// A clock that moves only when told to.
pub(crate) struct FixedClock(AtomicI64);

impl FixedClock {
    pub(crate) fn advance(&self, duration: Duration) {
        let later = self.now().after(duration);
        self.0.store(later.millis(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Never the same bytes twice, and the same at every run.
#[derive(Default)]
struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let block = sha256_of(&[&count.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
