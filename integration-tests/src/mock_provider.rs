//! An upstream identity provider that can be told to misbehave, at any endpoint and in any way.
//!
//! Its citizen is whoever the test says; it asks nothing and sends the browser straight back. What it can be told
//! to do wrong stands in `mischief`.

mod drip;
mod mischief;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, anyhow};
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use self::drip::Taps;
pub use self::mischief::{Endpoint, Mischief};
use crate::claims::{changed, now};
use crate::keys::{SigningKey, random_text, unsigned};

/// The provider. Dropping it ends it.
pub struct MockProvider {
    /// Its issuer.
    pub issuer: String,
    /// Its identifier at the hub.
    pub id: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

struct Inner {
    issuer: String,
    key: SigningKey,
    foreign: SigningKey,
    mischief: Mutex<Mischief>,
    citizen: Mutex<Value>,
    logins: Mutex<HashMap<String, HashMap<String, String>>>,
    requests: Mutex<Vec<String>>,
}

impl MockProvider {
    /// Serves a provider called `id` on a free port; its citizen is [`someone`].
    pub async fn start(id: &str) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        // By number: a production node reaches networks its settings name, and no `localhost`.
        let issuer = format!("http://{}", listener.local_addr()?);
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            key: SigningKey::generate("mock")?,
            foreign: SigningKey::generate("mock")?,
            mischief: Mutex::default(),
            citizen: Mutex::new(someone()),
            logins: Mutex::default(),
            requests: Mutex::default(),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/session/end", get(end_session))
            .with_state(Arc::clone(&inner));
        let taps = Taps {
            listener,
            inner: Arc::clone(&inner),
        };
        let server = tokio::spawn(async move {
            // Ends when the test does.
            let _ = axum::serve(taps, routes).await;
        });
        Ok(Self {
            issuer,
            id: id.to_owned(),
            inner,
            server,
        })
    }

    /// How the hub is told about it, for `Guests::providers`.
    pub fn registration(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.button(),
            "issuer": self.issuer,
            "client_id": CLIENT_ID,
            "client_secret": "a secret between hub and mock",
            "token_endpoint_auth_method": "client_secret_post",
            "scope": "openid profile birth email",
            "levels": ["eidas1", "eidas2"],
            "acr_map": { "eidas1": "eidas1", "eidas2": "eidas2" },
            "civil_register": "skip",
        })
    }

    /// What its button on the choice page reads.
    pub fn button(&self) -> String {
        format!("Fournisseur {}", self.id)
    }

    /// From now on it does this wrong.
    pub fn misbehave(&self, mischief: Mischief) {
        *lock(&self.inner.mischief) = mischief;
    }

    /// From now on this is who signs in; the claims go to the ID token (`sub`, `acr`) and to userinfo.
    pub fn present(&self, citizen: Value) {
        *lock(&self.inner.citizen) = citizen;
    }

    /// What it signs with, for what a test says in its name.
    pub fn key(&self) -> &SigningKey {
        &self.inner.key
    }

    /// The claims of a logout token (OIDC Back-Channel Logout §2.4) for the session that [`someone`] has here.
    pub fn logout_claims(&self) -> Result<Value> {
        let now = now();
        Ok(json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": random_text()?,
            "sub": "mock-someone", "sid": SESSION,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        }))
    }

    /// The endpoints asked so far, in order.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.inner.requests).clone()
    }
}

impl Drop for MockProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A fictional citizen, as a provider would describe them.
pub fn someone() -> Value {
    json!({
        "sub": "mock-someone",
        "acr": "eidas1",
        "amr": ["pwd"],
        "given_name": "Élodie Marie",
        "family_name": "QUELQUUN",
        "birthdate": "1985-02-14",
        "gender": "female",
        "birthplace": "35238",
        "birthcountry": "99100",
        "email": "elodie@example.org",
    })
}

type Shared = State<Arc<Inner>>;

impl Inner {
    /// Notes a request; the answer is the mischief's, if it concerns this endpoint.
    async fn arrive(&self, endpoint: Endpoint) -> Option<Response> {
        lock(&self.requests).push(format!("{endpoint:?}").to_lowercase());
        let mischief = lock(&self.mischief).clone();
        mischief.at(endpoint).await
    }

    fn id_token(&self, login: &HashMap<String, String>) -> Result<String> {
        let citizen = lock(&self.citizen).clone();
        let now = now();
        let claims = json!({
            "iss": self.issuer,
            "aud": login.get("client_id"),
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": login.get("nonce"),
            "sub": citizen["sub"],
            "acr": citizen["acr"],
            "amr": citizen["amr"],
            "sid": SESSION,
        });
        let mischief = lock(&self.mischief).clone();
        match mischief {
            Mischief::AlgNone => Ok(unsigned(&claims)),
            Mischief::Hs256WithPublicKey => self.key.confuse(&claims),
            Mischief::ForeignKey => self.foreign.sign(&claims),
            Mischief::EmbeddedKey => self.foreign.sign_with(
                &json!({ "alg": "ES256", "typ": "JWT", "jwk": self.foreign.jwk() }),
                &claims,
            ),
            Mischief::Header(header) => self.key.sign_with(&header, &claims),
            Mischief::Claim(name, value) => {
                self.key.sign(&changed(claims, &json!({ name: value })))
            }
            _ => self.key.sign(&claims),
        }
    }

    /// The claims of userinfo; signed, where the mischief is about that.
    fn userinfo(&self) -> Result<Response> {
        let citizen = lock(&self.citizen).clone();
        let mischief = lock(&self.mischief).clone();
        let sides = json!({ "iss": self.issuer, "aud": CLIENT_ID });
        let token = match mischief {
            Mischief::ForeignUserinfo => {
                let other = json!({ "sub": "somebody-else" });
                return Ok(Json(changed(citizen, &other)).into_response());
            }
            Mischief::UserinfoClaim(name, value) => {
                let claims = changed(changed(citizen, &sides), &json!({ name: value }));
                self.key.sign(&claims)?
            }
            Mischief::UserinfoForeignKey => self.foreign.sign(&changed(citizen, &sides))?,
            _ => return Ok(Json(citizen).into_response()),
        };
        Ok(([(header::CONTENT_TYPE, "application/jwt")], token).into_response())
    }
}

/// What the hub is called here.
const CLIENT_ID: &str = "guichet";

/// What every session is called here.
const SESSION: &str = "mock-session";

async fn discovery(State(inner): Shared) -> Response {
    if let Some(fault) = inner.arrive(Endpoint::Discovery).await {
        return fault;
    }
    let at = |path: &str| format!("{}{path}", inner.issuer);
    let document = json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/session/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    });
    let mischief = lock(&inner.mischief).clone();
    Json(match mischief {
        Mischief::Metadata(member, value) => changed(document, &json!({ member: value })),
        _ => document,
    })
    .into_response()
}

async fn jwks(State(inner): Shared) -> Response {
    match inner.arrive(Endpoint::Jwks).await {
        Some(fault) => fault,
        None => Json(inner.key.jwks()).into_response(),
    }
}

async fn authorize(State(inner): Shared, Query(login): Query<HashMap<String, String>>) -> Response {
    lock(&inner.requests).push("authorize".to_owned());
    match come_back(&inner, login) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

fn come_back(inner: &Inner, login: HashMap<String, String>) -> Result<String> {
    let mischief = lock(&inner.mischief).clone();
    let code = random_text()?;
    let mut url = Url::parse(login.get("redirect_uri").map_or("", String::as_str))?;
    if let Mischief::ForeignCallback(other) = &mischief {
        url.path_segments_mut()
            .map_err(|()| anyhow!("no address of the hub"))?
            .pop()
            .push(other);
    }
    let state = login.get("state").cloned().unwrap_or_default();
    {
        let mut query = url.query_pairs_mut();
        match &mischief {
            Mischief::ErrorResponse(error, description) => {
                query
                    .append_pair("error", error)
                    .append_pair("error_description", description);
            }
            Mischief::ForeignCode(code) => {
                query.append_pair("code", code);
            }
            _ => {
                query.append_pair("code", &code);
            }
        }
        if mischief != Mischief::NoState {
            query.append_pair("state", &state);
        }
        let foreign = mischief == Mischief::ForeignIssInResponse;
        query.append_pair(
            "iss",
            if foreign {
                "https://elsewhere.example"
            } else {
                &inner.issuer
            },
        );
    }
    lock(&inner.logins).insert(code, login);
    Ok(url.into())
}

async fn token(State(inner): Shared, Form(form): Form<HashMap<String, String>>) -> Response {
    if let Some(fault) = inner.arrive(Endpoint::Token).await {
        return fault;
    }
    let code = form.get("code").cloned().unwrap_or_default();
    let Some(login) = lock(&inner.logins).remove(&code) else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_grant" })),
        )
            .into_response();
    };
    match inner.id_token(&login) {
        Ok(id_token) => Json(json!({
            "access_token": "mock-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": id_token,
        }))
        .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn userinfo(State(inner): Shared, headers: HeaderMap) -> Response {
    if let Some(fault) = inner.arrive(Endpoint::Userinfo).await {
        return fault;
    }
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|token| token != "Bearer mock-access-token")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match inner.userinfo() {
        Ok(answer) => answer,
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn end_session(
    State(inner): Shared,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    lock(&inner.requests).push("end_session".to_owned());
    let Some(url) = query.get("post_logout_redirect_uri") else {
        return "signed out".into_response();
    };
    let state = query
        .get("state")
        .map(|state| format!("?state={state}"))
        .unwrap_or_default();
    Redirect::to(&format!("{url}{state}")).into_response()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A test that panicked elsewhere must not hide why.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
