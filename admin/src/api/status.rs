//! How this node is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::Problem;
use crate::Health;
use crate::people::{Action, Kind, Place};

/// How a node is.
#[derive(Serialize, JsonSchema)]
struct Status {
    /// Whether it can serve.
    ok: bool,
    /// The issuer.
    issuer: String,
    /// What was looked at.
    checks: Vec<Looked>,
}

/// One thing that was looked at.
#[derive(Serialize, JsonSchema)]
struct Looked {
    /// What.
    check: String,
    /// Whether it holds.
    ok: bool,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = schemas.subschema_for::<Status>();
    vec![
        Operation::new(("get", "/status"), "status", "How this node is", show)
            .right(Action::Read, Kind::Status)
            .gives(200, Some(shape)),
    ]
}

async fn show(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Status>, Problem> {
    caller.here(&api, Action::Read, Kind::Status, &Place::Everybody)?;
    let health = Health::of(&api.checks).await;
    Ok(Json(Status {
        ok: health.ok,
        issuer: api.engine.issuer().to_owned(),
        checks: health
            .checks
            .iter()
            .map(|verdict| Looked {
                check: verdict.check.to_string(),
                ok: verdict.ok,
            })
            .collect(),
    }))
}
