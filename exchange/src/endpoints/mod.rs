//! What the exchange answers over HTTP, under the issuer: the catalogue, the counts and what receipts are
//! verified with for everybody; for both sides the confirmation of deliveries, the events that wait, answers
//! on erasure, and the indexing of registers; and what all of that looks like, for programs.

mod blind_indexes;
mod catalogue;
mod deliveries;
mod erasures;
mod events;
mod log;
mod openapi;
mod said;
mod schemas;

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use guichet_oidc::Engine;
use http::StatusCode;

pub(crate) use catalogue::SignedCatalogue;

use crate::Desk;

/// What every handler is given.
#[derive(Clone)]
struct Counter {
    desk: Arc<Desk>,
    engine: Engine,
}

/// What everybody may read, relative to the issuer's path.
pub fn routes(desk: Arc<Desk>, engine: Engine) -> Router {
    Router::new()
        .route("/exchange/catalogue", get(catalogue::json))
        .route("/exchange/catalogue.jwt", get(catalogue::signed))
        .route(
            "/exchange/schemas/evidence/{file}",
            get(schemas::of_evidence),
        )
        .route("/exchange/openapi.json", get(openapi::document))
        .route("/exchange/schemas/{name}", get(openapi::schema))
        .route("/exchange/counts", get(log::counts))
        .route("/exchange/checkpoint", get(log::checkpoint))
        .route("/exchange/receipts/keys", get(log::receipt_keys))
        .with_state(Counter { desk, engine })
}

/// What services and data providers call from their own servers, each proving who it is.
pub fn routes_for_servers(desk: Arc<Desk>, engine: Engine) -> Router {
    Router::new()
        .route("/exchange/blind-indexes", post(blind_indexes::post))
        .route("/exchange/deliveries", post(deliveries::post))
        .route("/exchange/events", post(events::poll))
        .route("/exchange/erasures", post(erasures::post))
        .with_state(Counter { desk, engine })
}

/// The answer where something of ours broke: `what` did not happen, and the log says why.
fn failed(error: &(dyn Error + 'static), what: &'static str) -> Response {
    tracing::error!(error, "{what}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
