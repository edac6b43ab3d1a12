//! Who calls, and what they may.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use crate::people::SeatMetadata;

/// Whoever calls.
#[derive(Serialize, JsonSchema)]
struct Me {
    /// As the audit log names them, after `staff:`.
    id: String,
    /// What colleagues call them.
    name: String,
    /// The roles that count in this call.
    roles: Vec<SeatMetadata>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = schemas.subschema_for::<Me>();
    vec![
        Operation::new(
            ("get", "/me"),
            "who_am_i",
            "Who calls, and what they may",
            show,
        )
        .gives(200, Some(shape)),
    ]
}

async fn show(State(api): State<Arc<Api>>, caller: Caller) -> Json<Me> {
    Json(Me {
        id: caller.member.id.to_string(),
        name: api.console.door.card(&caller.member).name,
        roles: caller
            .rights
            .seats()
            .iter()
            .map(SeatMetadata::from)
            .collect(),
    })
}
