//! The hub that the data provider under test believes: its metadata, its keys, and its word on vouchers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use guichet_domain::{Clock as _, SigningAlg};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::SystemClock;

/// The played hub.
pub(super) struct PlayedHub {
    pub(super) issuer: String,
    pub(super) keys: Keys,
    /// The vouchers it made, by their text: what it says when asked.
    vouchers: Mutex<HashMap<String, Word>>,
}

/// What the hub says of a voucher.
pub(super) enum Word {
    /// Active, once, with these claims.
    Active(Value),
    /// No.
    Inactive,
    /// Nothing: it is down.
    Silence,
}

impl PlayedHub {
    pub(super) fn new(issuer: String) -> Result<Self> {
        Ok(Self {
            issuer,
            keys: fresh_keys()?,
            vouchers: Mutex::default(),
        })
    }

    /// What it will say of the voucher `text`.
    pub(super) fn will_say(&self, text: &str, word: Word) {
        self.vouchers().insert(text.to_owned(), word);
    }

    fn say(&self, text: &str) -> Option<Value> {
        let mut vouchers = self.vouchers();
        match vouchers.get(text) {
            Some(Word::Silence) => return None,
            None | Some(Word::Inactive) => return Some(json!({ "active": false })),
            Some(Word::Active(_)) => {}
        }
        match vouchers.insert(text.to_owned(), Word::Inactive) {
            Some(Word::Active(mut claims)) => {
                claims["active"] = true.into();
                Some(claims)
            }
            _ => None,
        }
    }

    fn vouchers(&self) -> MutexGuard<'_, HashMap<String, Word>> {
        self.vouchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys that are gone at exit.
pub(super) fn fresh_keys() -> Result<Keys> {
    let custody = Arc::new(MemoryCustody::new());
    let algs = [SigningAlg::Es256];
    Keys::open(custody, Arc::new(SystemEntropy), SystemClock.now(), &algs)
        .context("keys cannot be made")
}

pub(super) fn router(hub: &Arc<PlayedHub>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/.well-known/oauth-authorization-server", get(metadata))
        .route("/jwks", get(keys))
        .route("/token/introspection", post(introspect))
        .route(
            "/exchange/deliveries",
            post(|| async { StatusCode::NO_CONTENT }),
        )
        .with_state(Arc::clone(hub))
}

async fn metadata(State(hub): State<Arc<PlayedHub>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", hub.issuer);
    Json(json!({
        "issuer": hub.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "introspection_endpoint": at("/token/introspection"),
        "pushed_authorization_request_endpoint": at("/par"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn keys(State(hub): State<Arc<PlayedHub>>) -> Response {
    hub.keys.jwks().into_response()
}

/// The one member of an introspection request that matters here (RFC 7662 §2.1). Who asks is not checked:
/// it is the data provider that is graded.
#[derive(Deserialize)]
struct Question {
    token: String,
}

async fn introspect(State(hub): State<Arc<PlayedHub>>, Form(question): Form<Question>) -> Response {
    match hub.say(&question.token) {
        Some(word) => Json(word).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
