//! Tests of clients: a provider that plays false, begun, answered and read.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use guichet_domain::{ClientId, ClientTestId};
use http::{HeaderMap, StatusCode};
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::conditions::{answered, expected, meets, overtaken, shown_to};
use super::intake::{Brought, MERGE_PATCH, metadata};
use super::operation::Operation;
use super::problem::{Problem, faulty};
use super::shelf::find;
use crate::people::{Action, Kind};
use crate::tester::{Begun, Changes, Refused, Report};
use crate::{ClientRecords, Expected};

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let begun = schemas.subschema_for::<Begun>();
    let report = schemas.subschema_for::<Report>();
    let reports = schemas.subschema_for::<Vec<Report>>();
    let changes = schemas.subschema_for::<Changes>();
    vec![
        Operation::new(
            ("post", "/clients/{id}/tests"),
            "begin_test",
            "Begins a test of a client's software: an issuer that plays false, for two hours",
            begin,
        )
        .right(Action::Change, Kind::Client)
        .gives(201, Some(begun)),
        Operation::new(
            ("get", "/clients/{id}/tests"),
            "list_tests",
            "The tests of a client, the latest first",
            list,
        )
        .right(Action::Read, Kind::Client)
        .gives(200, Some(reports)),
        Operation::new(
            ("get", "/tests/{id}"),
            "show_test",
            "What a test came to so far",
            show,
        )
        .right(Action::Read, Kind::Client)
        .tagged()
        .gives(200, Some(report.clone())),
        Operation::new(
            ("patch", "/tests/{id}"),
            "answer_test",
            "Says whether the application took the person in, and chooses what is played next",
            answer,
        )
        .right(Action::Change, Kind::Client)
        .conditional()
        .tagged()
        .takes(MERGE_PATCH, changes)
        .gives(200, Some(report)),
    ]
}

async fn begin(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let client = find::<ClientRecords>(&api, &caller, &id, Action::Change).await?;
    let begun = api.tester.begin(&client, &caller.actor()).await;
    let begun = begun.map_err(|refused| refusal(&api, &refused))?;
    Ok((StatusCode::CREATED, Json(begun)).into_response())
}

async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Report>>, Problem> {
    let client = find::<ClientRecords>(&api, &caller, &id, Action::Read).await?;
    let reports = api.tester.reports(&client.id).await;
    Ok(Json(reports.map_err(faulty(&api, "read tests"))?))
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Client)?;
    let (report, tag) = report(&api, &caller, Action::Read, &id).await?;
    Ok(shown_to(&headers, &tag, &report))
}

async fn answer(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Change, Kind::Client)?;
    let (_, tag) = report(&api, &caller, Action::Change, &id).await?;
    let expected = expected(&headers)?;
    if expected == Expected::Unstated {
        return Err(Problem::unstated());
    }
    meets(&expected, Some(&tag))?;
    let members = brought.members(MERGE_PATCH).await?;
    let changes: Changes = metadata(&members)?;
    let test: ClientTestId = id.parse().map_err(|_| Problem::unknown())?;
    let known = matches!(expected, Expected::Tagged(_)).then_some(&*tag);
    let noted = api.tester.note(test, &changes, known).await;
    noted.map_err(|refused| refusal(&api, &refused))?;
    let (report, tag) = report(&api, &caller, Action::Change, &id).await?;
    Ok(answered(StatusCode::OK, &tag, &report))
}

/// A test and its tag, where the caller may do this to its client.
async fn report(
    api: &Api,
    caller: &Caller,
    action: Action,
    id: &str,
) -> Result<(Report, String), Problem> {
    let id: ClientTestId = id.parse().map_err(|_| Problem::unknown())?;
    let known = api.tester.known(id).await;
    let known = known.map_err(faulty(api, "read a test"))?;
    let (report, tag) = known.ok_or_else(Problem::unknown)?;
    let client: ClientId = report.client_id.parse().map_err(|_| Problem::unknown())?;
    caller.here(api, action, Kind::Client, &caller.grounds.client(&client))?;
    Ok((report, tag))
}

fn refusal(api: &Api, refused: &Refused) -> Problem {
    let status = match refused {
        Refused::TooMany => StatusCode::TOO_MANY_REQUESTS,
        Refused::NoRedirect | Refused::Over => StatusCode::CONFLICT,
        Refused::Overtaken => return overtaken(),
        Refused::Fault(_) | Refused::Keys(_) => {
            return Problem::fault(api, "test a client", refused);
        }
    };
    Problem::said(status, refused.to_string())
}
