//! Every address of the hub itself, relative to the issuer's path. The engine's are `oidc`'s.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, StatusCode};

use crate::error_pages;
use crate::hub::Hub;
use crate::login::{
    abandon, choose_provider, code, consent, identify, logo, stray, upstream_callback,
};
use crate::logout::{callback, sign_out};

/// The login, step by step; the sign-out; the hub's keys as a client.
pub fn routes(hub: Hub) -> Router {
    let steps = Router::new()
        .route("/login/{id}", get(stray::resume))
        .route(
            "/login/{id}/provider",
            get(choose_provider::show).post(choose_provider::choose),
        )
        .route("/callback/{provider}", get(upstream_callback::callback))
        .route("/login/{id}/identity", get(identify::identify))
        .route(
            "/login/{id}/consent",
            get(consent::show).post(consent::decide),
        )
        .route("/login/{id}/logo", get(logo::show))
        .route("/login/{id}/return", get(code::finish))
        .route("/login/{id}/abandon", post(abandon::post))
        .route("/logout", post(sign_out::decide))
        .route("/logout/callback", get(callback::callback))
        .layer(middleware::from_fn(no_head));
    Router::new()
        .route("/errors/{code}", get(error_pages::explain))
        .route("/client/jwks", get(client_jwks))
        .merge(steps)
        .with_state(hub)
}

/// HEAD takes no step: link previews and scanners send it, and it would spend what is used once.
async fn no_head(request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, POST")]).into_response();
    }
    next.run(request).await
}

/// The hub's keys as a client of providers.
async fn client_jwks(State(hub): State<Hub>) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/jwk-set+json"),
        (CACHE_CONTROL, "public, max-age=600"),
    ];
    (headers, hub.parts().keys.client_ring().jwks()).into_response()
}
