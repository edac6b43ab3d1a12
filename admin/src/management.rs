//! The management listener: `/livez`, `/readyz`, `/healthz`, `/metrics` and the status page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use guichet_keys::Keys;
use guichet_store::durable::{LedgerRecords, Registry};
use guichet_web::{PageContext, Serde, context};
use http::{HeaderMap, StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{Check, Console, Health, Overview};

/// What the management listener looks at.
#[derive(Clone)]
pub struct Management {
    /// Whoever is in at the console is shown the way back there.
    pub console: Console,
    /// The issuer, as shown.
    pub issuer: String,
    /// What must hold for this node to serve.
    pub checks: Vec<Check>,
    /// What an operator should look at though this node serves.
    pub watched: Vec<Check>,
    /// Clients and providers.
    pub registry: Arc<dyn Registry>,
    /// The audit log's rows.
    pub ledger: Arc<dyn LedgerRecords>,
    /// The key ring.
    pub keys: Keys,
    /// Counters.
    pub metrics: PrometheusHandle,
}

/// Every path of the management listener.
pub fn routes(management: Management) -> Router {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/", get(status))
        .with_state(Arc::new(management))
}

impl Management {
    async fn health(&self) -> Health {
        let health = Health::of(&self.checks).await;
        health.warned_of(&self.watched).await
    }
}

/// The process answers: restart it when this does not.
async fn live() -> &'static str {
    "ok\n"
}

/// The node can serve: send it no traffic while this says no.
async fn ready(State(management): State<Arc<Management>>) -> Response {
    if Health::of(&management.checks).await.ok {
        (StatusCode::OK, "ok\n").into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready: see /healthz\n").into_response()
    }
}

/// Each check with what it found, as JSON.
async fn health(State(management): State<Arc<Management>>) -> Response {
    let health = management.health().await;
    let status = if health.ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health)).into_response()
}

/// Counters in the text format of Prometheus.
async fn metrics(State(management): State<Arc<Management>>) -> Response {
    let text = management.metrics.render();
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
        .into_response()
}

/// The node at a glance, for a person.
async fn status(
    State(management): State<Arc<Management>>,
    page: PageContext,
    headers: HeaderMap,
) -> Response {
    let console = &management.console;
    // A session that cannot be read is none here: this page is for everybody.
    let present = console.is_present(&headers).await.ok().flatten();
    let page = match &present {
        Some(present) => console.page(page, present, "/"),
        None => page.wide(),
    };
    let health = management.health().await;
    let overview = Overview::of(
        management.registry.as_ref(),
        management.ledger.as_ref(),
        &management.keys,
    )
    .await;
    match overview {
        Ok(overview) => console.pages.html(
            &page,
            "admin/status.html",
            context!(
                issuer => management.issuer.as_str(),
                is_in => present.is_some(),
                health => Serde(&health),
                overview => Serde(&overview),
            ),
        ),
        Err(fault) => {
            tracing::error!(error = %fault, "the status page could not be made");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the store does not answer: see /healthz\n",
            )
                .into_response()
        }
    }
}
