//! `/account/close`: a citizen closes their account themselves. What services may fetch ends, what they agreed
//! to is taken back, every session ends, services are told; and for a while they can have it open again, with
//! the word of two providers. What the law keeps is said before.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::PersonId;
use guichet_exchange::How;
use guichet_store::Fault;
use guichet_web::{Form, PageContext, PageError, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;
use crate::not_me;

/// `GET /account/close`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let csrf = person.map(|person| portal.own_token(&browser, person, CLOSE));
    let answer = form(&portal, page, csrf, StatusCode::OK);
    Ok(with_cookie(answer, cookie))
}

/// What the confirmation posts.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    understood: String,
    #[serde(flatten)]
    posted: Posted,
}

/// `POST /account/close`: by a fresh sign-in. Whoever is not signed in any more finds the page as it is.
pub(crate) async fn close(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, PageError> {
    let as_it_is = || Redirect::to(&portal.path("/account/close")).into_response();
    let asked = portal.clock.now();
    let own = portal.fresh_form(&headers, CLOSE, &confirmed.posted, "close");
    let (person, browser) = match own.await? {
        Ok(own) => own,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if confirmed.understood != "yes" {
        let page = portal.answering(page, "/account/close");
        let csrf = Some(portal.own_token(&browser, person, CLOSE));
        return Ok(form(&portal, page, csrf, StatusCode::BAD_REQUEST));
    }
    let ended = portal.end_everything(person).await;
    ended.map_err(|fault| portal.fault("end what services may do", &fault))?;
    let Some(closed) = portal.cases.close(&headers, asked).await? else {
        return Ok(as_it_is());
    };
    let mut answer = not_me::to_case(&portal, browser, not_me::CLOSED, closed.case);
    answer.headers_mut().append(SET_COOKIE, closed.forget);
    Ok(answer)
}

impl Portal {
    /// Nothing is fetched any more, and nothing they agreed to stands. Each end is on record by itself; whoever
    /// is cut short does the rest again.
    async fn end_everything(&self, person: PersonId) -> Result<(), Fault> {
        let now = self.clock.now();
        if let Some(desk) = &self.exchange {
            for held in desk.of_person(person, MOST).await? {
                desk.end(held.exchange, person, How::Citizen, now).await?;
            }
        }
        self.withdraw_all(person).await
    }
}

fn form(portal: &Portal, page: PageContext, csrf: Option<String>, status: StatusCode) -> Response {
    let data = context! {
        signed_in => csrf.is_some(),
        csrf,
        missing => status != StatusCode::OK,
        days => portal.reopened_within.as_secs() / 86_400,
        evidence => portal.exchange.is_some(),
    };
    let page = portal.in_room(page, Room::Rights);
    portal
        .pages
        .html_with(status, &page, "portal/close.html", data)
}

/// More decisions than anybody makes.
const MOST: u32 = 10_000;

/// The name of the form in its CSRF token, about nothing in particular.
const CLOSE: (&str, &str) = ("account-close", "");
