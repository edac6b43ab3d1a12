//! The hub's word that someone signed out elsewhere (OIDC Back-Channel Logout §2.5 to §2.8).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use guichet_web::{Form, PageError};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::desk::{Desk, Session};
use super::jws;
use super::logout_token::{self, Expected, LogoutToken, Who};

#[derive(Deserialize)]
pub(super) struct Notice {
    logout_token: String,
}

pub(super) async fn receive(
    State(desk): State<Arc<Desk>>,
    form: Result<Form<Notice>, PageError>,
) -> Response {
    let Ok(Form(notice)) = form else {
        return refused("logout_token is missing");
    };
    match believe(&desk, &notice.logout_token).await {
        Ok(token) => {
            let ended = desk
                .sessions
                .drop_where(|session| concerns(&token.who, session));
            tracing::info!(
                ended,
                service = desk.service.client_id(),
                "signed out by the hub"
            );
            StatusCode::OK.into_response()
        }
        Err(reason) => refused(&reason),
    }
}

async fn believe(desk: &Desk, token: &str) -> Result<LogoutToken, String> {
    let key_id = jws::key_id(token);
    let keys = desk
        .hub
        .keys_with(key_id.as_deref())
        .await
        .map_err(|error| error.to_string())?;
    let expected = Expected {
        issuer: desk.hub.issuer(),
        client_id: desk.service.client_id(),
        alg: desk.service.id_token_alg(),
        keys: &keys,
    };
    let now = desk.now();
    let token = logout_token::verify(token, &expected, now).map_err(|error| error.to_string())?;
    if desk.taken_logouts.insert(&token.jti, (), now) {
        Ok(token)
    } else {
        Err("the jti was seen before".to_owned())
    }
}

fn concerns(who: &Who, session: &Session) -> bool {
    match who {
        Who::Person { sub } => session.subject == *sub,
        Who::Session { sid, sub } => {
            session.sid.as_ref() == Some(sid)
                && sub.as_ref().is_none_or(|sub| session.subject == *sub)
        }
    }
}

fn refused(reason: &str) -> Response {
    tracing::warn!(reason, "a logout token was refused");
    let body = json!({"error": "invalid_request", "error_description": reason});
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
