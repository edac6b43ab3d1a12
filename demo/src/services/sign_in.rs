//! Off to the hub: with a form of ours, or because somebody else says so.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{Form, LocalPath, PageContext, PageError, Query};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::desk::{Desk, OnTheWay};
use super::home::SIGN_IN;
use super::hub::Ask;
use super::refused::{Refused, refuse};

/// The form of the home page.
#[derive(Deserialize)]
pub(super) struct SignIn {
    #[serde(default)]
    csrf: String,
}

/// What a third party may ask for (OIDC Core §4).
#[derive(Deserialize)]
pub(super) struct ThirdParty {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    login_hint: Option<String>,
    #[serde(default)]
    target_link_uri: String,
}

pub(super) async fn by_form(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
    Form(form): Form<SignIn>,
) -> Result<Response, PageError> {
    let browser = desk.cookies.browser(&headers);
    desk.csrf
        .verify(&headers, browser.as_ref(), SIGN_IN, &form.csrf)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    Ok(depart(&desk, &page, &headers, None, LocalPath::or_root("/")).await)
}

/// Starts a login for the one issuer we know, and returns to this site only.
pub(super) async fn by_third_party(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
    Query(asked): Query<ThirdParty>,
) -> Response {
    if asked.iss != desk.hub.issuer() {
        return refuse(
            &desk,
            &page,
            Refused::ours(StatusCode::BAD_REQUEST, "unknown_issuer"),
        );
    }
    let here = desk.pages.base();
    let path = asked
        .target_link_uri
        .strip_prefix(here)
        .filter(|_| !here.is_empty());
    let target = LocalPath::or_root(path.unwrap_or(&asked.target_link_uri));
    let hint = asked.login_hint.filter(|hint| hint.len() <= 255);
    depart(&desk, &page, &headers, hint, target).await
}

async fn depart(
    desk: &Desk,
    page: &PageContext,
    headers: &HeaderMap,
    login_hint: Option<String>,
    target: LocalPath,
) -> Response {
    let Ok((browser, fresh)) = desk.cookies.browser_or_new(headers, &*desk.entropy) else {
        return refuse(
            desk,
            page,
            Refused::ours(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        );
    };
    let trip = OnTheWay {
        browser,
        nonce: desk.secret(),
        verifier: desk.secret(),
        target,
    };
    let state = desk.secret();
    let ask = Ask {
        state: &state,
        trip: &trip,
        locale: page.locale,
        login_hint,
    };
    let url = match desk.hub.sign_in_url(ask).await {
        Ok(url) => url,
        Err(error) => return refuse(desk, page, Refused::by_hub(error)),
    };
    desk.on_the_way.insert(&state, trip, desk.now());
    let mut response = Redirect::to(url.as_str()).into_response();
    if let Some(cookie) = fresh {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
