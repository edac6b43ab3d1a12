//! `/account/reopen/{case}/{key}`: the link that was mailed to whoever closed their account. Opening it changes
//! nothing, since programs open links too; its button leads to a sign-in, which does.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_web::{Form, PageContext, PageError, Purpose, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use crate::Portal;
use crate::account::{Posted, with_cookie};

/// `GET /account/reopen/{case}/{key}`
pub(crate) async fn show(
    State(portal): State<Portal>,
    Path((case, key)): Path<(String, String)>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if portal.cases.follow_reopening(&case, &key).await?.is_none() {
        return Err(over());
    }
    let (browser, cookie) = portal.browser(&headers)?;
    let csrf = portal.csrf.token(&browser, Purpose::new(REOPEN, &case));
    let data = context! { csrf, action => format!("/account/reopen/{case}/{key}") };
    let answer = portal.pages.html(&page, "portal/reopen.html", data);
    Ok(with_cookie(answer, cookie))
}

/// `POST /account/reopen/{case}/{key}`: on to a sign-in, at which this browser's link counts.
pub(crate) async fn follow(
    State(portal): State<Portal>,
    Path((case, key)): Path<(String, String)>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    portal.check_form(&headers, Purpose::new(REOPEN, &case), &posted.csrf)?;
    let Some(brought) = portal.cases.follow_reopening(&case, &key).await? else {
        return Err(over());
    };
    let on = portal.path("/account/sign-in?to=thawed");
    let mut answer = Redirect::to(&on).into_response();
    answer.headers_mut().append(SET_COOKIE, brought);
    Ok(answer)
}

fn over() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "reopen-over")
}

/// The name of the form in its CSRF token.
const REOPEN: &str = "reopen";
