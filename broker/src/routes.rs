//! Every address of the hub itself, relative to the issuer's path. The engine's are `oidc`'s.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::StatusCode;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};

use crate::hub::Hub;
use crate::login::{
    abandon, barred, choose_provider, closed_way, code, consent, evidence, identify, stray,
    upstream_callback, way_back,
};
use crate::logout::{callback, from_provider, sign_out};
use crate::{error_pages, health, logo};

/// The login, step by step; the sign-out; the hub's keys as a client.
pub fn routes(hub: Hub) -> Router {
    let steps = Router::new()
        .route("/login/{id}", step(get(stray::resume)))
        .route("/login/return/{handle}", step(get(way_back::come_back)))
        .route(
            "/login/{id}/provider",
            step(get(choose_provider::show).post(choose_provider::choose)),
        )
        .route(
            "/login/{id}/provider/{provider}",
            step(get(choose_provider::warning::show)),
        )
        .route(
            "/callback/{provider}",
            step(get(upstream_callback::callback).post(upstream_callback::posted)),
        )
        .route(
            "/callback/{provider}/backchannel-logout",
            post(from_provider::receive),
        )
        .route("/login/{id}/identity", step(get(identify::identify)))
        .route(
            "/login/{id}/consent",
            step(get(consent::show).post(consent::decide)),
        )
        .route(
            "/login/{id}/evidence",
            step(get(evidence::show).post(evidence::decide)),
        )
        .route("/login/{id}/evidence/linked", step(get(evidence::linked)))
        .route("/login/{id}/barred", step(get(barred::show)))
        .route("/login/{id}/closed-way", step(get(closed_way::show)))
        .route("/login/{id}/logo", step(get(logo::of_service)))
        .route("/login/{id}/return", step(get(code::finish)))
        .route("/login/{id}/abandon", step(post(abandon::post)))
        .route("/logout", step(post(sign_out::decide)))
        .route("/logout/callback", step(get(callback::callback)));
    Router::new()
        .route("/errors/{code}", get(error_pages::explain))
        .route("/client/jwks", get(client_jwks))
        .route("/providers/{id}/logo", get(logo::of_provider))
        .route("/status", get(health::page))
        .route("/status.json", get(health::feed))
        .merge(steps)
        .with_state(hub)
}

/// HEAD takes no step: link previews and scanners send it, and it would spend what is used once.
fn step(methods: MethodRouter<Hub>) -> MethodRouter<Hub> {
    methods.head(async || (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, POST")]))
}

/// The hub's keys as a client of providers.
async fn client_jwks(State(hub): State<Hub>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json"),
        (CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, hub.parts().keys.client_jwks()).into_response()
}
