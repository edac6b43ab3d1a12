//! What stands outside the hub, on a loopback port: two identity providers that sign what a test
//! wants, and the back-channel addresses of the services.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guichet_domain::{Clock as _, SigningAlg};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy, Typ};
use http::StatusCode;
use http::header::CONTENT_TYPE;
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

/// The partner.
#[derive(Clone)]
pub(crate) struct Partner(Arc<Inner>);

struct Inner {
    origin: String,
    keys: Keys,
    other_keys: Keys,
    clock: Arc<Time>,
    manner: Mutex<Manner>,
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

    /// Publishes, from now on, the keys of [`Manner::SigningElsewhere`].
    pub(crate) fn publish_other_keys(&self) {
        self.0.publishes_other_keys.store(true, Ordering::Relaxed);
    }

    /// Answers 503 for its metadata from now on.
    pub(crate) fn hide_metadata(&self) {
        self.0.hides_metadata.store(true, Ordering::Relaxed);
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
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/session/end"),
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
    ([(CONTENT_TYPE, "application/json")], keys.ring().jwks()).into_response()
}

async fn token(
    State(partner): State<Partner>,
    Path(id): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    partner.0.token_requests.lock().unwrap().push(form);
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
    let id_token = keys
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims)
        .unwrap();
    Json(json!({"access_token": "at-1", "token_type": "Bearer", "id_token": id_token}))
        .into_response()
}

async fn userinfo(State(partner): State<Partner>) -> Json<Value> {
    let mut claims = json!({
        "sub": "u-1", "given_name": "Camille Aimée", "family_name": "MARTIN",
        "birthdate": "1990-04-12", "gender": "female", "birthplace": "69383",
        "birthcountry": "99100", "email": "camille@example.org", "email_verified": true,
        "acr": "eidas3", "groups": ["admin"],
    });
    put_over(&mut claims, &partner.0.userinfo.lock().unwrap());
    Json(claims)
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
