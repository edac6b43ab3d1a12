//! `/clients/{id}/tests` and `/tests/{id}`: a test of a client's software begun, followed and answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{Client, ClientTestId, Timestamp};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::Present;
use super::one_client::OneClient;
use crate::api::Api;
use crate::people::{Action, Kind};
use crate::tester::{Case, Changes, Refused, Report};

const FORM: &str = "console-tests";

/// `GET /clients/{id}/tests`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let (client, may_change) = client(&api, &present, &id).await?;
    let reports = api.tester.reports(&client.id).await;
    let reports = reports.map_err(|fault| console.fault("read tests", &fault))?;
    let (browser, _) = console.browser(&headers)?;
    let data = context! {
        name => client.name.as_str(),
        id => client.id.as_str(),
        reports => Serde(&reports),
        may_change,
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/clients");
    Ok(console.pages.html(&page, "admin/tests.html", data))
}

/// A form that says nothing but that it is ours.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
}

/// `POST /clients/{id}/tests`
pub(super) async fn begin(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let (client, may_change) = client(&api, &present, &id).await?;
    if !may_change {
        return Err(console.refused(&present, Action::Change, Kind::Client));
    }
    let begun = api.tester.begin(&client, &present.actor()).await;
    let begun = begun.map_err(|refused| refusal(&api, &refused))?;
    Ok(Redirect::to(&format!("/tests/{}", begun.id)).into_response())
}

/// `GET /tests/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let (test, report) = report(&api, &id).await?;
    let (client, may_change) = client(&api, &present, &report.client_id).await?;
    let (browser, _) = console.browser(&headers)?;
    let data = context! {
        name => client.name.as_str(),
        issuer => api.tester.issuer_of(test),
        expires => report.expires.parse::<Timestamp>().ok().map(Timestamp::millis),
        report => Serde(&report),
        may_answer => may_change && report.live,
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/clients");
    Ok(console.pages.html(&page, "admin/test.html", data))
}

/// What the developer says of one case, or chooses, or that they are done.
#[derive(Deserialize)]
pub(super) struct Answer {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    case: String,
    /// `yes`, `no`, `again`, or `over`.
    #[serde(default)]
    say: String,
}

/// `POST /tests/{id}`
pub(super) async fn answer(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Answer>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let (test, report) = report(&api, &id).await?;
    let (_, may_change) = client(&api, &present, &report.client_id).await?;
    if !may_change {
        return Err(console.refused(&present, Action::Change, Kind::Client));
    }
    let case = Case::named(&posted.case);
    let said = |signed_in| case.map(|case| (case, signed_in));
    let mut changes = Changes::default();
    match posted.say.as_str() {
        "yes" => changes.signed_in = BTreeMap::from_iter(said(true)),
        "no" => changes.signed_in = BTreeMap::from_iter(said(false)),
        "again" => changes.next = case,
        _ => changes.over = true,
    }
    let noted = api.tester.note(test, &changes, None).await;
    noted.map_err(|refused| refusal(&api, &refused))?;
    Ok(Redirect::to(&format!("/tests/{test}")).into_response())
}

async fn report(api: &Api, id: &str) -> Result<(ClientTestId, Report), PageError> {
    let id: ClientTestId = id.parse().map_err(|_| unknown())?;
    let report = api.tester.report(id).await;
    let report = report.map_err(|fault| api.console.fault("read a test", &fault))?;
    Ok((id, report.ok_or_else(unknown)?))
}

/// The client, and whether they may test it.
async fn client(api: &Api, present: &Present, id: &str) -> Result<(Arc<Client>, bool), PageError> {
    let seen = OneClient::seen(api, present, id).await?;
    let seen = seen.ok_or_else(unknown)?;
    let may_change = seen.may(present, Action::Change);
    Ok((seen.client, may_change))
}

fn unknown() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "scorecard-nobody")
}

fn refusal(api: &Api, refused: &Refused) -> PageError {
    match refused {
        Refused::TooMany => PageError::new(StatusCode::TOO_MANY_REQUESTS, "tester-too-many"),
        Refused::NoRedirect | Refused::Over | Refused::Overtaken => {
            PageError::new(StatusCode::CONFLICT, "tester-over")
        }
        Refused::Fault(_) | Refused::Keys(_) => api.console.fault("test a client", refused),
    }
}
