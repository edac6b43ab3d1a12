//! The codes of devices (RFC 8628 §3.3): the citizen types the code, sees who asks, and says yes or no
//! before anything starts.
//!
//! The code is typed even when the address brings it along, and compared before it is believed: a link
//! that somebody else sent leads here as well (RFC 8628 §5.4).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::BrowserId;
use guichet_oidc::{DeferredKind, Note, Typed, WaitingRequest};
use guichet_web::{ClientAddress, Form, PageContext, PageError, Purpose, Query, context};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::Portal;
use crate::account::{Word, not_found, tidy, with_cookie};

/// What the address may bring along.
#[derive(Deserialize)]
pub(crate) struct Brought {
    #[serde(default)]
    user_code: String,
}

/// `GET /account/device`: the field for the code.
pub(crate) async fn enter(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, PageError> {
    if !portal.engine.serves_devices() {
        return Err(not_found());
    }
    let (browser, cookie) = portal.browser(&headers)?;
    let code = tidy(&brought.user_code, LONGEST_CODE);
    let answer = form(&portal, &page, browser, &code, None, StatusCode::OK);
    Ok(with_cookie(answer, cookie))
}

/// What the page posts.
#[derive(Deserialize)]
pub(crate) struct Code {
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    csrf: String,
}

/// `POST /account/device`: the code leads to the request of the device that shows it.
pub(crate) async fn look(
    State(portal): State<Portal>,
    page: PageContext,
    address: ClientAddress,
    headers: HeaderMap,
    Form(code): Form<Code>,
) -> Result<Response, PageError> {
    let browser = portal.check_form(&headers, Purpose::new(ENTER, ""), &code.csrf)?;
    let from = address.throttle_key().to_string();
    let typed = portal.engine.device_request(&code.user_code, &from).await;
    let typed = typed.map_err(|fault| portal.fault("find a device's request", &fault))?;
    let (problem, status) = match typed {
        Typed::Found(waiting) => {
            let ticket = portal.engine.ticket(&waiting, browser);
            let ticket = ticket.map_err(|fault| portal.fault("make a ticket", &fault))?;
            let next = portal.path(&format!("/account/device/{ticket}"));
            return Ok(Redirect::to(&next).into_response());
        }
        Typed::Unknown => ("device-unknown", StatusCode::UNPROCESSABLE_ENTITY),
        Typed::TooMany => ("device-too-many", StatusCode::TOO_MANY_REQUESTS),
    };
    let code = tidy(&code.user_code, LONGEST_CODE);
    let page = portal.answering(page, "/account/device");
    Ok(form(&portal, &page, browser, &code, Some(problem), status))
}

/// `GET /account/device/{ticket}`: who asks, and the code to compare.
pub(crate) async fn show(
    State(portal): State<Portal>,
    Path(ticket): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let browser = portal.cookies.browser(&headers).ok_or_else(gone)?;
    let waiting = found(&portal, &ticket, browser).await?;
    let Note::UserCode(code) = &waiting.note else {
        return Err(gone());
    };
    let client = portal.engine.client_of(&waiting.request).ok_or_else(gone)?;
    let data = context! {
        ticket => ticket.as_str(),
        code,
        service => client.name.as_str(),
        private => client.needs_consent(),
        host => client.home_host(),
        minutes => portal.minutes_since(&waiting),
        csrf => portal.csrf.token(&browser, Purpose::new(DECIDE, &ticket)),
    };
    let page = page.with_service(client.name.clone());
    Ok(portal.pages.html(&page, "portal/device_show.html", data))
}

/// `POST /account/device/{ticket}`: on to the sign-in, or the end of it.
pub(crate) async fn decide(
    State(portal): State<Portal>,
    Path(ticket): Path<String>,
    word: Word,
) -> Result<Response, PageError> {
    let (browser, accepted) = word.check(&portal, Purpose::new(DECIDE, &ticket))?;
    let waiting = found(&portal, &ticket, browser).await?;
    Ok(portal.carry_on(waiting.request, accepted, word.head).await)
}

/// What the field takes.
const LONGEST_CODE: usize = 16;

/// The names of the forms in their CSRF tokens.
const ENTER: &str = "device";
const DECIDE: &str = "device-decide";

/// The device's request behind a ticket of this browser.
async fn found(
    portal: &Portal,
    ticket: &str,
    browser: BrowserId,
) -> Result<WaitingRequest, PageError> {
    let found = portal.engine.by_ticket(ticket, browser).await;
    let found = found.map_err(|fault| portal.fault("find a device's request", &fault))?;
    found
        .filter(|waiting| waiting.kind() == DeferredKind::Device)
        .ok_or_else(gone)
}

fn form(
    portal: &Portal,
    page: &PageContext,
    browser: BrowserId,
    code: &str,
    problem: Option<&'static str>,
    status: StatusCode,
) -> Response {
    let error = problem.map(|text| portal.pages.text(page.locale, text, &[]));
    let data = context! {
        code,
        error,
        csrf => portal.csrf.token(&browser, Purpose::new(ENTER, "")),
    };
    portal
        .pages
        .html_with(status, page, "portal/device_enter.html", data)
}

fn gone() -> PageError {
    PageError::new(StatusCode::GONE, "device-gone")
}
