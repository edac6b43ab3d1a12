//! A receiver of webhooks, and the stock library that judges what it got and signs what a hub is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::peers::{node, verdict};
use crate::wait;

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Got {
    /// Where it came to.
    pub path: String,
    /// Its headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// A program that is told things. Dropping it ends it.
pub struct Receiver {
    /// Where it hears.
    pub url: String,
    state: Arc<Mutex<Heard>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    /// What it answers; 307 leads elsewhere.
    status: u16,
    all: Vec<Got>,
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Result<Self> {
        let state = Arc::new(Mutex::new(Heard {
            status: 204,
            all: Vec::new(),
        }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/hooks", listener.local_addr()?);
        let router = Router::new()
            .route("/hooks", post(take))
            .route("/elsewhere", post(take))
            .with_state(Arc::clone(&state));
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, state, server })
    }

    /// Answers so from now on.
    pub fn answer(&self, status: u16) {
        self.heard().status = status;
    }

    /// Everything that came, in order.
    pub fn got(&self) -> Vec<Got> {
        self.heard().all.clone()
    }

    /// Waits until a message says this type for the time `count`; that one. What a node that died had in hand
    /// comes back after a minute.
    pub async fn told(&self, kind: &str, count: usize) -> Result<Got> {
        wait::for_long(Duration::from_mins(1), kind, async || {
            let all = self.got();
            let mut of_kind = all.into_iter().filter(|got| got.is_of(kind));
            of_kind.nth(count - 1)
        })
        .await
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Got {
    /// Its `webhook-id`.
    pub fn id(&self) -> &str {
        self.headers.get("webhook-id").map_or("", String::as_str)
    }

    /// Whether it says this type.
    pub fn is_of(&self, kind: &str) -> bool {
        let said: Value = serde_json::from_str(&self.body).unwrap_or_default();
        said["type"] == kind
    }

    /// What it says, once the stock library has verified it with what its receiver knows: `whsec_…` or `whpk_…`.
    ///
    /// # Errors
    /// What does not hold.
    pub fn verified(&self, known: &str) -> Result<Value> {
        let name = if known.starts_with("whpk_") {
            "public_key"
        } else {
            "secret"
        };
        let settings = json!({ name: known, "headers": self.headers, "body": self.body });
        verdict(node("webhook_judge.mjs")?.arg(settings.to_string()))
    }
}

/// `webhook-signature` of a message, by HMAC-SHA256.
pub fn signed(secret: &str, id: &str, seconds: i64, body: &str) -> Result<String> {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_"))?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(tag.as_ref())))
}

async fn take(
    State(state): State<Arc<Mutex<Heard>>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let mut heard = state.lock().unwrap_or_else(PoisonError::into_inner);
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.to_string(), value)
    });
    heard.all.push(Got {
        path: uri.path().to_owned(),
        headers: headers.collect(),
        body,
    });
    match heard.status {
        307 => Redirect::temporary("/elsewhere").into_response(),
        status => StatusCode::from_u16(status)
            .unwrap_or(StatusCode::IM_A_TEAPOT)
            .into_response(),
    }
}
