//! The services: four relying parties of the hub, written with the `openidconnect` crate as anyone
//! would write theirs, and sharing nothing with the hub but the network.
//!
//! | path | what happens there |
//! |---|---|
//! | `/` | what the service is; who is signed in |
//! | `/sign-in` POST, `/initiate-login` | off to the hub |
//! | `/callback` | back from the hub, with a code or a refusal |
//! | `/sign-out` POST, `/signed-out` | off to the hub to sign out, and back |
//! | `/evidence` POST, `/evidence/callback`, `/document` POST, `/events` POST, `/jwks` | evidence for the procedure (`evidence/`) |
//! | `/backchannel-logout` POST | the hub says that someone signed out elsewhere |

mod backchannel;
mod callback;
mod claims;
mod desk;
mod evidence;
mod home;
mod hub;
mod jws;
mod logout_token;
mod messages;
mod refused;
mod sign_in;
mod sign_out;
mod userinfo;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::cast::Service;
use crate::{DemoError, Surroundings};
use desk::Desk;

/// The whole site of `service`.
pub fn router(service: Service, surroundings: &Surroundings) -> Result<Router, DemoError> {
    let desk = Arc::new(Desk::new(service, surroundings)?);
    let routes = Router::new()
        .route("/", get(home::page))
        .route("/sign-in", post(sign_in::by_form))
        .route("/initiate-login", get(sign_in::by_third_party))
        .route("/callback", get(callback::receive))
        .route("/sign-out", post(sign_out::leave))
        .route("/signed-out", get(sign_out::returned))
        .route("/backchannel-logout", post(backchannel::receive))
        .route("/healthz", get(|| async { "ok" }))
        .merge(evidence::routes())
        .with_state(Arc::clone(&desk));
    Ok(desk.pages.wrap(routes.merge(desk.pages.common_routes())))
}

#[cfg(test)]
mod tests;
