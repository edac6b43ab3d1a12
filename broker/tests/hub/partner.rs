//! What stands outside the hub, on a loopback port: two identity providers that sign what a test
//! wants, and the back-channel addresses of the services.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guichet_domain::{Clock as _, Encryption, SigningAlg};
use guichet_keys::{
    EncryptionKeySet, JwsAlg, Keys, MemoryCustody, SystemEntropy, Typ, TypRule, VerifyPolicy,
    encrypt, verify_self_contained,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::world::Time;

/// How the token endpoint behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As it should.
    Honest,
    /// It never answers.
    Hanging,
    /// It answers with a page.
    Babbling,
    /// It refuses the code.
    Refusing,
    /// It signs with keys it does not publish.
    SigningElsewhere,
}

/// What it does beyond the plainest protocol.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way of its own")]
pub(crate) struct Ways {
    /// The keys it encrypts ID tokens to, and how.
    pub(crate) encrypts_id_token: Option<(EncryptionKeySet, Encryption)>,
    /// The same for userinfo answers.
    pub(crate) encrypts_userinfo: Option<(EncryptionKeySet, Encryption)>,
    /// Whether userinfo answers are signed.
    pub(crate) signs_userinfo: bool,
    /// Whether what it encrypts is not signed before.
    pub(crate) leaves_unsigned: bool,
    /// Whether it wants proofs of possession, with its nonce.
    pub(crate) wants_proofs: bool,
    /// Whether there is no place to sign out at.
    pub(crate) keeps_sessions: bool,
    /// What one of its endpoints answers instead, whatever it is asked.
    pub(crate) answers: Option<(Endpoint, StatusCode, &'static str)>,
    /// Whether its token answers lack the ID token.
    pub(crate) omits_id_token: bool,
    /// When its keys end, by their own word, in seconds.
    pub(crate) keys_end: Option<i64>,
}

/// An endpoint that can answer as a test wants.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Pushed,
    Token,
    Userinfo,
}

/// The nonce it wants in proofs.
const DPOP_NONCE: &str = "nonce-of-the-partner";

/// The partner.
#[derive(Clone)]
pub(crate) struct Partner(Arc<Inner>);

struct Inner {
    origin: String,
    keys: Keys,
    other_keys: Keys,
    clock: Arc<Time>,
    manner: Mutex<Manner>,
    ways: Mutex<Ways>,
    pushed: Mutex<Vec<HashMap<String, String>>>,
    authorizations: Mutex<Vec<String>>,
    proofs: Mutex<Vec<Value>>,
    /// Members put over the ID token's and the userinfo answer's.
    id_token: Mutex<Value>,
    userinfo: Mutex<Value>,
    nonce: Mutex<String>,
    token_requests: Mutex<Vec<HashMap<String, String>>>,
    publishes_other_keys: AtomicBool,
    hides_metadata: AtomicBool,
    hangs_with_metadata: AtomicBool,
    metadata_requests: AtomicUsize,
    notices: watch::Sender<Vec<(String, String)>>,
}

impl Partner {
    /// Starts it.
    pub(crate) async fn start(clock: Arc<Time>) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let keys = || {
            let custody = Arc::new(MemoryCustody::new());
            Keys::open(
                custody,
                Arc::new(SystemEntropy),
                clock.now(),
                &[SigningAlg::Es256],
            )
            .unwrap()
        };
        let partner = Self(Arc::new(Inner {
            origin,
            keys: keys(),
            other_keys: keys(),
            clock: Arc::clone(&clock),
            manner: Mutex::new(Manner::Honest),
            ways: Mutex::default(),
            pushed: Mutex::default(),
            authorizations: Mutex::default(),
            proofs: Mutex::default(),
            id_token: Mutex::new(json!({})),
            userinfo: Mutex::new(json!({})),
            nonce: Mutex::default(),
            token_requests: Mutex::default(),
            publishes_other_keys: AtomicBool::new(false),
            hides_metadata: AtomicBool::new(false),
            hangs_with_metadata: AtomicBool::new(false),
            metadata_requests: AtomicUsize::new(0),
            notices: watch::Sender::new(Vec::new()),
        }));
        let router = Router::new()
            .route("/{id}/.well-known/openid-configuration", get(metadata))
            .route("/{id}/jwks", get(jwks))
            .route("/{id}/token", post(token))
            .route("/{id}/par", post(push))
            .route("/{id}/userinfo", get(userinfo))
            .route("/backchannel/{client}", post(notice))
            .with_state(partner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        partner
    }

    /// Where it listens.
    pub(crate) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// The issuer of one of its providers.
    pub(crate) fn issuer(&self, id: &str) -> String {
        format!("{}/{id}", self.0.origin)
    }

    /// Behaves like this from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.0.manner.lock().unwrap() = manner;
    }

    /// Does this from now on.
    pub(crate) fn adopt(&self, ways: Ways) {
        *self.0.ways.lock().unwrap() = ways;
    }

    /// The requests that were pushed.
    pub(crate) fn pushed(&self) -> Vec<HashMap<String, String>> {
        self.0.pushed.lock().unwrap().clone()
    }

    /// The `Authorization` headers its token endpoint was sent.
    pub(crate) fn authorizations(&self) -> Vec<String> {
        self.0.authorizations.lock().unwrap().clone()
    }

    /// What the proofs said that held.
    pub(crate) fn proofs(&self) -> Vec<Value> {
        self.0.proofs.lock().unwrap().clone()
    }

    /// Its keys, as they are published.
    pub(crate) fn jwks(&self) -> Value {
        serde_json::from_slice(&self.0.keys.ring().jwks()).unwrap()
    }

    fn ways(&self) -> Ways {
        self.0.ways.lock().unwrap().clone()
    }

    fn sign(&self, keys: &Keys, claims: &Value) -> String {
        if self.ways().leaves_unsigned {
            return claims.to_string();
        }
        keys.ring()
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, claims)
            .unwrap()
    }

    /// What it answers at this endpoint instead.
    fn answer_at(&self, endpoint: Endpoint) -> Option<Response> {
        let answer = self.ways().answers.filter(|(at, ..)| *at == endpoint);
        answer.map(|(_, status, body)| (status, body).into_response())
    }

    /// The refusal of a request without a proof that holds.
    fn without_proof(&self, headers: &HeaderMap) -> Option<Response> {
        if !self.ways().wants_proofs {
            return None;
        }
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::DPOP_PROOF,
        };
        let proof = headers["dpop"].to_str().unwrap();
        let (proof, _) = verify_self_contained(proof, policy).unwrap();
        if proof
            .claims
            .get("nonce")
            .is_some_and(|nonce| nonce == DPOP_NONCE)
        {
            let claims = Value::Object(proof.claims);
            self.0.proofs.lock().unwrap().push(claims);
            return None;
        }
        let refused = (
            StatusCode::BAD_REQUEST,
            [("dpop-nonce", DPOP_NONCE)],
            Json(json!({"error": "use_dpop_nonce"})),
        );
        Some(refused.into_response())
    }

    /// Publishes, from now on, the keys of [`Manner::SigningElsewhere`].
    pub(crate) fn publish_other_keys(&self) {
        self.0.publishes_other_keys.store(true, Ordering::Relaxed);
    }

    /// Answers 503 for its metadata from now on.
    pub(crate) fn hide_metadata(&self) {
        self.0.hides_metadata.store(true, Ordering::Relaxed);
    }

    /// Answers for its metadata again.
    pub(crate) fn show_metadata(&self) {
        self.0.hides_metadata.store(false, Ordering::Relaxed);
    }

    /// Never answers for its metadata from now on.
    pub(crate) fn hang_with_metadata(&self) {
        self.0.hangs_with_metadata.store(true, Ordering::Relaxed);
    }

    /// How often its metadata was asked for.
    pub(crate) fn metadata_requests(&self) -> usize {
        self.0.metadata_requests.load(Ordering::Relaxed)
    }

    /// Puts these members in ID tokens; `"absent"` leaves one out.
    pub(crate) fn claim_in_id_token(&self, members: Value) {
        *self.0.id_token.lock().unwrap() = members;
    }

    /// Puts these members in userinfo answers; `"absent"` leaves one out.
    pub(crate) fn claim_in_userinfo(&self, members: Value) {
        *self.0.userinfo.lock().unwrap() = members;
    }

    /// The nonce that the next ID token carries.
    pub(crate) fn expect_nonce(&self, nonce: &str) {
        nonce.clone_into(&mut self.0.nonce.lock().unwrap());
    }

    /// A logout token of one of its providers about `u-1`, with these members put over; `"absent"`
    /// leaves one out.
    pub(crate) fn logout_token(&self, id: &str, members: &Value) -> String {
        self.sign_logout_token(&self.0.keys, id, members)
    }

    /// The same signed with keys that it does not publish.
    pub(crate) fn forged_logout_token(&self, id: &str) -> String {
        self.sign_logout_token(&self.0.other_keys, id, &json!({}))
    }

    fn sign_logout_token(&self, keys: &Keys, id: &str, members: &Value) -> String {
        let now = self.0.clock.now().seconds();
        let mut claims = json!({
            "iss": self.issuer(id), "aud": format!("hub-at-{id}"), "sub": "u-1", "iat": now,
            "exp": now + 120, "jti": format!("jti-{now}"),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        put_over(&mut claims, members);
        keys.ring()
            .sign_jwt(SigningAlg::Es256, Typ::LogoutToken, &claims)
            .unwrap()
    }

    /// The forms its token endpoint was sent.
    pub(crate) fn token_requests(&self) -> Vec<HashMap<String, String>> {
        self.0.token_requests.lock().unwrap().clone()
    }

    /// Waits until this many logout notices came; who was told, and the token.
    pub(crate) async fn notices(&self, count: usize) -> Vec<(String, String)> {
        let mut seen = self.0.notices.subscribe();
        seen.wait_for(|notices| notices.len() >= count)
            .await
            .unwrap()
            .clone()
    }
}

async fn metadata(State(partner): State<Partner>, Path(id): Path<String>) -> Response {
    partner.0.metadata_requests.fetch_add(1, Ordering::Relaxed);
    if partner.0.hangs_with_metadata.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
    if partner.0.hides_metadata.load(Ordering::Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let issuer = partner.issuer(&id);
    let end_session = (!partner.ways().keeps_sessions).then(|| format!("{issuer}/session/end"));
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": end_session,
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "authorization_response_iss_parameter_supported": true,
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
    .into_response()
}

async fn jwks(State(partner): State<Partner>) -> Response {
    let other = partner.0.publishes_other_keys.load(Ordering::Relaxed);
    let keys = if other {
        &partner.0.other_keys
    } else {
        &partner.0.keys
    };
    let mut set: Value = serde_json::from_slice(&keys.ring().jwks()).unwrap();
    if let Some(end) = partner.ways().keys_end {
        for key in set["keys"].as_array_mut().unwrap() {
            key["exp"] = end.into();
        }
    }
    Json(set).into_response()
}

async fn push(
    State(partner): State<Partner>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(answer) = partner.answer_at(Endpoint::Pushed) {
        return answer;
    }
    partner.0.pushed.lock().unwrap().push(form);
    let pushed = json!({"request_uri": "urn:example:pushed", "expires_in": 60});
    (StatusCode::CREATED, Json(pushed)).into_response()
}

async fn token(
    State(partner): State<Partner>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if let Some(refused) = partner.without_proof(&headers) {
        return refused;
    }
    let authorization = headers.get(AUTHORIZATION);
    partner.0.authorizations.lock().unwrap().push(
        authorization
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default(),
    );
    partner.0.token_requests.lock().unwrap().push(form);
    if let Some(answer) = partner.answer_at(Endpoint::Token) {
        return answer;
    }
    let manner = *partner.0.manner.lock().unwrap();
    let keys = match manner {
        Manner::Hanging => std::future::pending().await,
        Manner::Babbling => return "<html>hello</html>".into_response(),
        Manner::Refusing => {
            let error = json!({"error": "invalid_grant", "error_description": "<b>evil</b>"});
            return (StatusCode::BAD_REQUEST, Json(error)).into_response();
        }
        Manner::SigningElsewhere => &partner.0.other_keys,
        Manner::Honest => &partner.0.keys,
    };
    let now = partner.0.clock.now().seconds();
    let mut claims = json!({
        "iss": partner.issuer(&id), "aud": format!("hub-at-{id}"), "sub": "u-1",
        "nonce": *partner.0.nonce.lock().unwrap(), "iat": now, "exp": now + 60, "auth_time": now,
        "acr": "eidas1", "amr": ["pwd"],
    });
    put_over(&mut claims, &partner.0.id_token.lock().unwrap());
    let ways = partner.ways();
    let id_token = match &ways.encrypts_id_token {
        Some(to) => encrypted(&partner.sign(keys, &claims), to),
        None => keys
            .ring()
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims)
            .unwrap(),
    };
    let kind = if ways.wants_proofs { "DPoP" } else { "Bearer" };
    let mut tokens = json!({"access_token": "at-1", "token_type": kind});
    if !ways.omits_id_token {
        tokens["id_token"] = id_token.into();
    }
    Json(tokens).into_response()
}

fn encrypted(text: &str, (keys, with): &(EncryptionKeySet, Encryption)) -> String {
    let key = keys.for_alg(with.alg).unwrap();
    encrypt(key, *with, Some("JWT"), text.as_bytes(), &SystemEntropy).unwrap()
}

async fn userinfo(State(partner): State<Partner>, headers: HeaderMap) -> Response {
    if let Some(refused) = partner.without_proof(&headers) {
        return refused;
    }
    if let Some(answer) = partner.answer_at(Endpoint::Userinfo) {
        return answer;
    }
    let mut claims = json!({
        "sub": "u-1", "given_name": "Camille Aimée", "family_name": "MARTIN",
        "birthdate": "1990-04-12", "gender": "female", "birthplace": "69383",
        "birthcountry": "99100", "email": "camille@example.org", "email_verified": true,
        "acr": "eidas3", "groups": ["admin"],
    });
    put_over(&mut claims, &partner.0.userinfo.lock().unwrap());
    let ways = partner.ways();
    if !ways.signs_userinfo {
        return Json(claims).into_response();
    }
    let signed = partner.sign(&partner.0.keys, &claims);
    let answer = match &ways.encrypts_userinfo {
        Some(to) => encrypted(&signed, to),
        None => signed,
    };
    ([(CONTENT_TYPE, "application/jwt")], answer).into_response()
}

async fn notice(
    State(partner): State<Partner>,
    Path(client): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> StatusCode {
    let token = form.get("logout_token").cloned().unwrap_or_default();
    partner
        .0
        .notices
        .send_modify(|notices| notices.push((client, token)));
    StatusCode::OK
}

fn put_over(claims: &mut Value, members: &Value) {
    let claims = claims.as_object_mut().unwrap();
    for (name, value) in members.as_object().unwrap() {
        if value == "absent" {
            claims.remove(name);
        } else {
            claims.insert(name.clone(), value.clone());
        }
    }
}
