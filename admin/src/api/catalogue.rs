//! Which evidence there is, as the exchange knows it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use guichet_exchange::Catalogue;
use schemars::{SchemaGenerator, json_schema};

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::Problem;
use crate::people::{Action, Kind, Place};

pub(super) fn operations(_schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = json_schema!({
        "type": "object",
        "description": "The catalogue of evidence, as it is published.",
        "required": ["version", "holders", "purposes", "evidence"],
    });
    vec![
        Operation::new(
            ("get", "/catalogue"),
            "show_catalogue",
            "Which evidence there is, who holds it and for which purposes it may be asked for",
            show,
        )
        .right(Action::Read, Kind::Catalogue)
        .gives(200, Some(shape)),
    ]
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
) -> Result<Json<Arc<Catalogue>>, Problem> {
    caller.here(&api, Action::Read, Kind::Catalogue, &Place::Everybody)?;
    Ok(Json(Arc::clone(&api.catalogue)))
}
