//! What the exchange answers over HTTP, under the issuer: the catalogue for everybody, the confirmation of
//! deliveries by both sides, and what all of that looks like, for programs.

mod catalogue;
mod deliveries;
mod openapi;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use guichet_oidc::Engine;

use crate::Desk;

/// What every handler is given.
#[derive(Clone)]
struct Counter {
    desk: Arc<Desk>,
    engine: Engine,
}

/// Every endpoint of the exchange, relative to the issuer's path.
pub fn routes(desk: Arc<Desk>, engine: Engine) -> Router {
    Router::new()
        .route("/exchange/catalogue", get(catalogue::json))
        .route("/exchange/catalogue.jwt", get(catalogue::signed))
        .route("/exchange/deliveries", post(deliveries::post))
        .route("/exchange/openapi.json", get(openapi::document))
        .route("/exchange/schemas/{name}", get(openapi::schema))
        .with_state(Counter { desk, engine })
}
