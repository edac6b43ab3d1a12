//! Back from the hub: with a code to exchange, or with an error to explain.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{CookieLife, PageContext, Query};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::desk::{Desk, OnTheWay, SESSION};
use super::refused::{Refused, refuse};

/// The hub's answer (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

pub(super) async fn receive(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    let (code, trip) = match accept(&desk, &headers, answer) {
        Ok(accepted) => accepted,
        Err(refused) => return refuse(&desk, &page, refused),
    };
    let target = trip.target.clone();
    let session = match desk.hub.redeem(code, trip, desk.now()).await {
        Ok(session) => session,
        Err(error) => return refuse(&desk, &page, Refused::by_hub(error)),
    };
    // A new identifier at every sign-in: one planted beforehand is worth nothing afterwards.
    if let Some(former) = desk.cookies.get(&headers, SESSION) {
        desk.sessions.take(former, desk.now());
    }
    if let Some(messenger) = &desk.messenger {
        messenger.greet(&session.subject, desk.now());
    }
    let id = desk.secret();
    desk.sessions.insert(&id, Arc::new(session), desk.now());
    match desk.cookies.set(SESSION, &id, CookieLife::Visit) {
        Ok(cookie) => ([(SET_COOKIE, cookie)], Redirect::to(target.as_str())).into_response(),
        Err(_) => refuse(
            &desk,
            &page,
            Refused::ours(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        ),
    }
}

/// The code, when the answer is to a question of ours, in the browser that asked, by the hub.
fn accept(desk: &Desk, headers: &HeaderMap, answer: Answer) -> Result<(String, OnTheWay), Refused> {
    let bad = |code| Refused::ours(StatusCode::BAD_REQUEST, code);
    let trip = desk
        .on_the_way
        .take(&answer.state, desk.now())
        .ok_or_else(|| bad("invalid_state"))?;
    if desk.cookies.browser(headers) != Some(trip.browser) {
        return Err(bad("wrong_browser"));
    }
    if answer.iss.as_deref() != Some(desk.hub.issuer()) {
        return Err(bad("wrong_issuer"));
    }
    if let Some(error) = &answer.error {
        return Err(Refused::by_answer(
            error,
            answer.error_description.as_deref(),
        ));
    }
    let code = answer
        .code
        .filter(|code| !code.is_empty())
        .ok_or_else(|| bad("no_code"))?;
    Ok((code, trip))
}
