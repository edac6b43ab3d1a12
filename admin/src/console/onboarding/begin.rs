//! The first page: whoever signed in and is nobody here says who they are, and owns a team from then on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::staff::Who;
use guichet_web::{Form, PageContext, PageError, Purpose, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::in_words;
use crate::api::Api;
use crate::onboarding::{Newcomer, OnboardingError, Wrong};

/// Where it is.
pub(in crate::console) const FIRST_PAGE: &str = "/onboarding/begin";

const FORM: &str = "console-newcomer";
const FIELDS: [&str; 5] = ["name", "address", "organisation", "legal_id", "team"];

/// `GET /onboarding/begin`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if api.console.is_present(&headers).await?.is_some() {
        return Ok(Redirect::to("/onboarding").into_response());
    }
    if !api.onboarding.open {
        return Err(closed());
    }
    let who = api.console.newcomer(&headers).await?;
    form(
        &api,
        &page,
        &headers,
        who.as_ref(),
        (&Newcomer::default(), &[]),
    )
}

fn form(
    api: &Api,
    page: &PageContext,
    headers: &HeaderMap,
    who: Option<&Who>,
    (typed, wrongs): (&Newcomer, &[Wrong]),
) -> Result<Response, PageError> {
    let console = &api.console;
    let (browser, cookie) = console.browser(headers)?;
    let csrf = who.map(|who| console.csrf.token(&browser, Purpose::new(FORM, &who.key())));
    let errors = in_words(api, page.locale, wrongs, FIELDS);
    let data = context! {
        typed => Serde(typed),
        errors => Serde(&errors),
        csrf,
        to => FIRST_PAGE,
    };
    let status = if wrongs.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let mut answer = console
        .pages
        .html(page, "admin/onboarding/begin.html", data);
    *answer.status_mut() = status;
    let cookies = cookie.map(|cookie| (http::header::SET_COOKIE, cookie));
    answer.headers_mut().extend(cookies);
    Ok(answer)
}

/// What they say of themselves.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    legal_id: String,
    #[serde(default)]
    team: String,
}

/// `POST /onboarding/begin`
pub(super) async fn welcome(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let who = console.newcomer(&headers).await?.ok_or_else(closed)?;
    let browser = console.cookies.browser(&headers);
    let key = who.key();
    let purpose = Purpose::new(FORM, &key);
    console
        .csrf
        .check(&headers, browser.as_ref(), purpose, &posted.csrf)?;
    let newcomer = Newcomer {
        name: posted.name,
        address: posted.address,
        organisation: posted.organisation,
        legal_id: posted.legal_id,
        team: posted.team,
    };
    match api.onboarding.welcome(&who, &newcomer).await {
        Ok(_) => {
            // Somebody now: another session.
            let cookie = console.begin_session(who, &headers).await?;
            let to = Redirect::to("/onboarding");
            Ok(([(http::header::SET_COOKIE, cookie)], to).into_response())
        }
        Err(OnboardingError::Wrong(wrongs)) => {
            form(&api, &page, &headers, Some(&who), (&newcomer, &wrongs))
        }
        Err(OnboardingError::Forbidden) => Err(closed()),
        Err(error) => Err(console.fault("begin a team", &error)),
    }
}

fn closed() -> PageError {
    PageError::new(StatusCode::FORBIDDEN, "onboarding-closed").with_way_back("/sign-in", None)
}
