//! How well a client does what the standards advise.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use guichet_domain::ClientId;
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::{Problem, faulty};
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
    caller.somewhere(&api, Action::Read, Kind::Client)?;
    let id: ClientId = id.parse().map_err(|_| Problem::unknown())?;
    let place = caller.grounds.client(&id);
    caller.here(&api, Action::Read, Kind::Client, &place)?;
    let entropy = &*api.console.door.entropy;
    let clients = api.clients.registry.clients().await;
    let clients = clients.map_err(faulty(entropy, "read clients"))?;
    let client = clients.iter().find(|it| it.id == id);
    let client = client.ok_or_else(Problem::unknown)?;
    let now = api.console.door.clock.now();
    let card = Scorecard::of(&api.statistics, client, now).await;
    Ok(Json(card.map_err(faulty(entropy, "read statistics"))?))
}
