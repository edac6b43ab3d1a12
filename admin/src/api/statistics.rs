//! How many sign-ins there were.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use guichet_domain::ClientId;
use http::{StatusCode, Uri};
use schemars::SchemaGenerator;
use serde::Deserialize;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::{Problem, faulty};
use crate::people::{Action, Kind};
use crate::statistics::{Figures, Period, Scope};

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let figures = schemas.subschema_for::<Figures>();
    vec![
        Operation::new(
            ("get", "/statistics"),
            "show_statistics",
            "How many sign-ins there were in a period, and where those ended that led nowhere",
            show,
        )
        .right(Action::Read, Kind::Statistics)
        .asks("period", "A year, a month or a day: `2027`, `2027-01`, `2027-01-31`. This month where it is left out.")
        .asks("client_id", "Of this service alone.")
        .gives(200, Some(figures)),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    period: String,
    client_id: Option<String>,
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Figures>, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Statistics)?;
    let query = uri.query().unwrap_or_default();
    let asked: Result<Asked, _> = guichet_web::parse_strictly(query.as_bytes());
    let asked = asked.map_err(|_| malformed("the query is not `period` and `client_id`"))?;
    let now = api.console.door.clock.now();
    let period = Period::asked(&asked.period, now);
    let period = period.ok_or_else(|| malformed("period: 2027, 2027-01 or 2027-01-31"))?;
    let client: Option<Result<ClientId, _>> = asked.client_id.map(|id| id.parse());
    let client = client
        .transpose()
        .map_err(|_| malformed("client_id: none"))?;
    if let Some(client) = &client {
        let place = caller.grounds.client(client);
        caller.here(&api, Action::Read, Kind::Statistics, &place)?;
    }
    let clients = api.clients.registry.clients().await;
    let clients = clients.map_err(faulty(&api, "read clients"))?;
    let clients = clients.iter().map(|it| it.id.clone());
    let scope = Scope::within(&caller.rights, &caller.grounds, client.as_ref(), clients);
    let scope = scope.ok_or_else(Problem::unknown)?;
    let figures = api.statistics.figures(&period, &scope).await;
    Ok(Json(figures.map_err(faulty(&api, "read statistics"))?))
}

fn malformed(detail: &'static str) -> Problem {
    Problem::said(StatusCode::BAD_REQUEST, detail)
}
