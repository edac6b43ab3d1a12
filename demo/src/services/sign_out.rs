//! Signing out: here at once, then at the hub, which tells everybody else.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{Form, PageContext, PageError, Query, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::desk::{Desk, SESSION, Session};
use super::home::SIGN_OUT;

/// The form of the home page.
#[derive(Deserialize)]
pub(super) struct SignOut {
    #[serde(default)]
    csrf: String,
}

/// What the hub sends back.
#[derive(Deserialize)]
pub(super) struct Returned {
    #[serde(default)]
    state: String,
}

pub(super) async fn leave(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Result<Response, PageError> {
    let browser = desk.cookies.browser(&headers);
    desk.csrf
        .verify(&headers, browser.as_ref(), SIGN_OUT, &form.csrf)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    let former = desk.cookies.get(&headers, SESSION);
    let session = former.and_then(|former| desk.sessions.take(former, desk.now()));
    let next = match session {
        Some(session) => hub_then_back(&desk, &session).await,
        None => "/".to_owned(),
    };
    let mut response = Redirect::to(&next).into_response();
    if let Ok(cookie) = desk.cookies.clear(SESSION) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page after the hub is done. It says so only to those we sent there.
pub(super) async fn returned(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    Query(returned): Query<Returned>,
) -> Response {
    if desk.leaving.take(&returned.state, desk.now()).is_none() {
        return Redirect::to("/").into_response();
    }
    desk.pages
        .html(&page, "demo/service_signed_out.html", context!())
}

/// Where to sign out at the hub; our own page when it cannot be asked: here it is done already.
async fn hub_then_back(desk: &Desk, session: &Session) -> String {
    let state = desk.secret();
    desk.leaving.insert(&state, (), desk.now());
    match desk.hub.sign_out_url(session, &state).await {
        Ok(Some(url)) => url.into(),
        Ok(None) => format!("/signed-out?state={state}"),
        Err(error) => {
            tracing::warn!(%error, "the hub could not be told of a sign-out");
            format!("/signed-out?state={state}")
        }
    }
}
