//! How well a client does what the standards advise.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::{Problem, faulty};
use super::shelf::find;
use crate::ClientRecords;
use crate::people::{Action, Kind};
use crate::scorecard::Scorecard;

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let scorecard = schemas.subschema_for::<Scorecard>();
    vec![
        Operation::new(
            ("get", "/clients/{id}/scorecard"),
            "show_scorecard",
            "How well a client does what the standards advise, and until when it may go on so",
            show,
        )
        .right(Action::Read, Kind::Client)
        .gives(200, Some(scorecard)),
    ]
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Scorecard>, Problem> {
    let client = find::<ClientRecords>(&api, &caller, &id, Action::Read).await?;
    let now = api.console.door.clock.now();
    let card = Scorecard::of(&api.statistics, &client, now).await;
    Ok(Json(card.map_err(faulty(&api, "read statistics"))?))
}
