//! `/token`: what a client gets for a code (RFC 6749 §4.1.3, OIDC Core §3.1.3).
//!
//! [`exchange`] is the order of the checks. Each yields a proof the next one needs: no tokens without
//! a [`RedeemedCode`], no redemption without an [`AuthenticatedClient`].

mod grant_type;
mod issue;
mod redeem;
mod verifier;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, ClientAuthentication, EventKind};
use http::{HeaderMap, StatusCode};

use crate::client_auth::AuthenticatedClient;
use crate::parameters::Parameters;
use crate::refusal::{Failure, token_error};
use crate::routes::Rooms;
use crate::{Engine, form, respond};

use issue::TokenAnswer;
use redeem::RedeemedCode;

/// `POST /token`. No CORS headers: the clients here are servers and native applications, and what no
/// script needs no script gets (threat N-49).
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match exchange(&rooms.engine, &head.headers, body).await {
        Ok(answer) => respond::json(StatusCode::OK, &answer),
        Err(failure) => {
            let refusal = failure.seen_from_outside();
            token_error(rooms.engine.issuer(), refusal)
        }
    }
}

/// The checks of a token request, in order.
async fn exchange(
    engine: &Engine,
    headers: &HeaderMap,
    body: Body,
) -> Result<TokenAnswer, Failure> {
    let text = form::read(headers, body).await?;
    let asked = Parameters::read(&text, PARAMETERS)?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, headers, &asked).await?;
    noted(engine, &client, async {
        grant_type::supported(&asked)?;
        let code = RedeemedCode::check(engine, &client, &asked).await?;
        issue::tokens(engine, &client, code).await
    })
    .await
}

/// What the request may hold; `scope` has no meaning for a code and is ignored.
const PARAMETERS: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// Runs what follows authentication, and records why the client was refused.
async fn noted<T>(
    engine: &Engine,
    client: &AuthenticatedClient,
    check: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let checked = check.await;
    if let Err(Failure::Refused(refusal)) = &checked {
        if matches!(client.authentication, ClientAuthentication::None) {
            // A public client is whoever says its name.
            engine.note_refusal(EventKind::TokenRefused, &client.id, *refusal);
        } else {
            engine.note(
                AuditEvent::new(EventKind::TokenRefused, engine.now())
                    .client(&client.id)
                    .detail("error", refusal.error)
                    .detail("reason", refusal.reason),
            );
        }
    }
    checked
}
