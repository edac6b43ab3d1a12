//! `/account/freeze/{key}`: the link of a mailed notice. Opening it changes nothing, since programs open links too;
//! its one button freezes the identity of whoever was told, signed in or not.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::Timestamp;
use guichet_web::{Form, PageContext, PageError, Purpose, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::not_me::{FROZEN, to_case};

/// `GET /account/freeze/{key}`
pub(crate) async fn show(
    State(portal): State<Portal>,
    Path(key): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(notice) = portal.cases.follow_notice(&key).await? else {
        return Err(over(&portal, &page));
    };
    let (browser, cookie) = portal.browser(&headers)?;
    let data = context! {
        csrf => portal.csrf.token(&browser, Purpose::new(FREEZE, &key)),
        action => format!("/account/freeze/{key}"),
        visit => notice.visit,
        at => Timestamp::millis(notice.at),
    };
    let answer = portal.pages.html(&page, "portal/freeze.html", data);
    Ok(with_cookie(answer, cookie))
}

/// `POST /account/freeze/{key}`
pub(crate) async fn freeze(
    State(portal): State<Portal>,
    Path(key): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let browser = portal.check_form(&headers, Purpose::new(FREEZE, &key), &posted.csrf)?;
    let Some(frozen) = portal.cases.freeze_by_notice(&key).await? else {
        return Err(over(&portal, &page));
    };
    let mut answer = to_case(&portal, browser, FROZEN, frozen.case);
    answer.headers_mut().append(SET_COOKIE, frozen.forget);
    Ok(answer)
}

/// The link leads nowhere any more; the page that freezes with a sign-in is still there.
fn over(portal: &Portal, page: &PageContext) -> PageError {
    let label = portal.pages.text(page.locale, "not-me-title", &[]);
    let error = PageError::new(StatusCode::NOT_FOUND, "freeze-over");
    error.with_way_back(portal.path("/account/not-me"), Some(label))
}

/// The name of the form in its CSRF token.
const FREEZE: &str = "freeze-by-notice";
