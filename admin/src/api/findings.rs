//! What records point to, looked at: addresses, keys, documents.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::Problem;
use super::shelf;
use crate::checks::{Finding, Looked};
use crate::people::Action;
use crate::{ClientRecords, DataProviderRecords, ProviderRecords};

/// What was found of a record.
#[derive(Serialize, JsonSchema)]
struct Findings {
    /// Each thing that was looked at.
    items: Vec<Finding>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    vec![
        of::<ClientRecords>(schemas),
        of::<ProviderRecords>(schemas),
        of::<DataProviderRecords>(schemas),
    ]
}

fn of<S: Looked>(schemas: &mut SchemaGenerator) -> Operation {
    let shape = schemas.subschema_for::<Findings>();
    Operation::new(
        ("post", format!("/{}/{{id}}/check", S::PLURAL)),
        format!("check_{}", S::ONE),
        format!("Looks at what a {} points to; changes nothing", S::KIND),
        check::<S>,
    )
    .right(Action::Change, S::OF)
    .gives(200, Some(shape))
}

/// Whoever may change a record has the hub call what it names.
async fn check<S: Looked>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Findings>, Problem> {
    let record = shelf::find::<S>(&api, &caller, &id, Action::Change).await?;
    let items = S::look(&api, &record).await;
    Ok(Json(Findings { items }))
}
