//! The whole HTTP surface of the engine on one screen.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::{StatusCode, header};

use crate::binding::give_nonce;
use crate::{
    Engine, House, authorize, deferred, documents, introspection, par, register, revocation,
    session_end, token, userinfo,
};

/// What every handler is given.
#[derive(Clone)]
pub(crate) struct Rooms {
    pub(crate) engine: Engine,
    pub(crate) house: Arc<dyn House>,
}

/// Every endpoint of the engine, relative to the issuer's path.
pub fn routes(engine: Engine, house: Arc<dyn House>) -> Router {
    Router::new()
        .route("/par", post(par::post))
        .route("/token", post(token::post))
        .route("/device_authorization", post(deferred::device::post))
        .route("/bc-authorize", post(deferred::ciba::post))
        .route("/userinfo", get(userinfo::get).post(userinfo::post))
        .merge(registration(&engine))
        // On those before it: nobody proves anything to the others.
        .layer(from_fn_with_state(engine.clone(), give_nonce))
        .route(
            "/.well-known/openid-configuration",
            get(documents::metadata),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(documents::metadata),
        )
        .route("/jwks", get(documents::jwks))
        .route(
            "/authorize",
            get(authorize::get).post(authorize::post).head(no_head),
        )
        .route("/token/introspection", post(introspection::post))
        // By the name that data providers of FranceConnect already call.
        .route("/checktoken", post(introspection::post))
        .route("/token/revocation", post(revocation::post))
        .route(
            "/session/end",
            get(session_end::get).post(session_end::post).head(no_head),
        )
        .with_state(Rooms { engine, house })
}

/// Where clients register themselves: nowhere, unless the operator lets them (threat N-65).
fn registration(engine: &Engine) -> Router<Rooms> {
    if engine.registrar().is_none() {
        return Router::new();
    }
    Router::new()
        .route("/register", post(register::post))
        .route(
            "/register/{client_id}",
            get(register::get)
                .put(register::put)
                .delete(register::delete),
        )
}

/// HEAD starts no sign-in and ends no session: link previews and scanners send it.
async fn no_head() -> impl IntoResponse {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        [(header::ALLOW, "GET, POST")],
    )
}

/// The metadata documents of an issuer with a path where RFC 8414 §3.1 looks for them: between the
/// host and the path. To be mounted at the root of the issuer's origin; empty for an issuer without
/// a path, whose documents [`routes`] already has.
pub fn well_known_routes(engine: Engine, house: Arc<dyn House>) -> Router {
    let path = engine.path().to_owned();
    if path.is_empty() {
        return Router::new();
    }
    Router::new()
        .route(
            &format!("/.well-known/oauth-authorization-server{path}"),
            get(documents::metadata),
        )
        .route(
            &format!("/.well-known/openid-configuration{path}"),
            get(documents::metadata),
        )
        .with_state(Rooms { engine, house })
}
