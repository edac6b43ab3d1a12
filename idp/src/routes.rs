//! Every address of the provider, relative to its issuer's path: the engine's, the sign-in's in the
//! order of its steps, the account's.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::account::{home, passkey as add_passkey, remove, security, totp};
use crate::sign_in::{authorize, cancel, passkey, password, second_factor};
use crate::{Idp, refusal, sign_out};

/// The whole instance, pages for its errors and security headers included. The caller puts on the
/// client's address (`guichet_web::TrustedProxies`), which the limits on tries count by.
pub fn routes(idp: Idp) -> Router {
    let engine = guichet_oidc::routes(idp.engine.clone(), Arc::new(idp.clone()));
    let pages = idp.pages.clone();
    let own = Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(authorize::direct))
        .route(
            "/sign-in/{id}/password",
            get(password::show).post(password::submit),
        )
        .route(
            "/sign-in/{id}/code",
            get(second_factor::show).post(second_factor::submit),
        )
        .route(
            "/sign-in/{id}/no-second-factor",
            get(second_factor::show_none),
        )
        .route("/sign-in/{id}/passkey", post(passkey::submit))
        .route("/sign-in/{id}/cancel", post(cancel::submit))
        .route("/account/security", get(security::show))
        .route("/account/security/totp", get(totp::show).post(totp::submit))
        .route(
            "/account/security/passkey",
            get(add_passkey::show).post(add_passkey::submit),
        )
        .route(
            "/account/security/{authenticator}/remove",
            get(remove::show).post(remove::submit),
        )
        .route("/sign-out", get(sign_out::show).post(sign_out::submit))
        .route("/signed-out", get(sign_out::show_done))
        .with_state(idp.clone());
    let all = engine
        .merge(own)
        .layer(middleware::from_fn_with_state(idp, refusal::explain));
    pages.wrap(all.merge(pages.common_routes()))
}
