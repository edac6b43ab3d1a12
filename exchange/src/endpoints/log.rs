//! `GET /exchange/counts`, `/exchange/checkpoint` and `/exchange/receipts/keys`: what everybody may read of
//! the ledger, and what receipts are verified with. None of it is about anybody.

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use guichet_store::Fault;
use http::{HeaderName, StatusCode, header};
use serde::Deserialize;

use super::Counter;

/// What hub, data providers and services count, day by day.
pub(super) async fn counts(State(counter): State<Counter>) -> Response {
    match counter.desk.counts().await {
        Ok(counts) => json(&serde_json::to_value(&*counts).unwrap_or_default()),
        Err(fault) => failed(&fault),
    }
}

/// From which checkpoint a proof is wanted.
#[derive(Deserialize)]
pub(super) struct Since {
    #[serde(default)]
    since: u64,
}

/// The latest signed checkpoint (C2SP tlog-checkpoint), and on a line of its own the proof that it continues
/// the one of `since` entries.
pub(super) async fn checkpoint(
    State(counter): State<Counter>,
    Query(Since { since }): Query<Since>,
) -> Response {
    let history = counter.desk.parts.ledger.history();
    match history.checkpoint_since(since).await {
        Ok(Some(text)) => (PLAIN, text).into_response(),
        Ok(None) => {
            let nothing = "no checkpoint was signed yet\n";
            (StatusCode::NOT_FOUND, PLAIN, nothing).into_response()
        }
        Err(fault) => failed(&fault),
    }
}

const PLAIN: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];

/// The keys of receipts: those of today and those that are past keeping, and the ledger's.
pub(super) async fn receipt_keys(State(counter): State<Counter>) -> Response {
    json(&counter.desk.published_receipt_keys())
}

fn json(value: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    (headers, value.to_string()).into_response()
}

fn failed(fault: &Fault) -> Response {
    let error = fault as &dyn std::error::Error;
    tracing::error!(error, "the ledger could not be read for everybody");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
