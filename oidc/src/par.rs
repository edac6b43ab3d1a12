//! `/par`: a request pushed by its client before the browser comes (RFC 9126).
//!
//! [`push`] is the order of the checks: the client proves itself as it does at the token endpoint, then
//! the request passes the very checks of `/authorize`, so that whatever is wrong with it is said to the
//! client itself, and nothing of it is ever seen by a browser.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{EventKind, OAuthError};
use http::StatusCode;
use http::request::Parts;

use crate::binding::SenderBinding;
use crate::client_auth::{self, AuthenticatedClient};
use crate::parameters::Parameters;
use crate::pushed::PushAnswer;
use crate::refusal::{Failure, Refusal, token_error};
use crate::routes::Rooms;
use crate::{Engine, authorize, form, pushed, respond};

/// `POST /par`. No CORS headers, as at the token endpoint.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match push(&rooms.engine, &head, body).await {
        Ok(answer) => respond::json(StatusCode::CREATED, &answer),
        Err(failure) => {
            let refusal = failure.seen_from_outside();
            let mut response = token_error(rooms.engine.issuer(), refusal);
            match refusal {
                form::TOO_LARGE | pushed::TOO_LARGE => {
                    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
                }
                // RFC 9126 §2.3.
                pushed::TOO_MANY => *response.status_mut() = StatusCode::TOO_MANY_REQUESTS,
                _ => {}
            }
            response
        }
    }
}

/// The checks of a pushed request, in order.
async fn push(engine: &Engine, head: &Parts, body: Body) -> Result<PushAnswer, Failure> {
    let text = form::read(&head.headers, body).await?;
    let proof = Parameters::read(&text, client_auth::PARAMETERS)?;
    let asked = Parameters::read(&text, authorize::PARAMETERS)?;
    proof.each_once()?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &proof).await?;
    engine.is_on(&client.id)?;
    pushed::may_push(engine, head, &client).await?;
    let checked = checked(engine, head, &client, asked).await;
    if let Err(Failure::Refused(refusal)) = &checked {
        engine.note_refusal(EventKind::LoginRefused, &client.id, *refusal);
    }
    pushed::keep(engine, &client, &checked?).await
}

/// What follows once the client is known.
async fn checked(
    engine: &Engine,
    head: &Parts,
    client: &AuthenticatedClient,
    asked: Parameters,
) -> Result<Parameters, Failure> {
    if asked.is_sent("request_uri") {
        return Err(
            Refusal::new(OAuthError::InvalidRequest, "request_uri must not be pushed").into(),
        );
    }
    let asked = asked.with("client_id", client.id.as_str());
    let asked = authorize::check_pushed(engine, client, &asked).await?;
    let named = asked.get("dpop_jkt");
    let key = SenderBinding::key_of_pushed(engine, head, client, named).await?;
    Ok(match key {
        Some(key) => asked.with("dpop_jkt", &key),
        None => asked,
    })
}
