//! Signing and encryption keys: which there are, and their rotation.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use guichet_domain::{AuditEvent, EventKind, SigningAlg};
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::problem::Problem;
use crate::people::{Action, Kind, Place};

/// A key and its part in the rotation.
#[derive(Serialize, JsonSchema)]
struct Key {
    /// Its identifier, as the JWK Set has it.
    kid: String,
    /// What it is for.
    ring: String,
    /// Its algorithm.
    alg: String,
    /// `next`, `current` or `previous`.
    stage: String,
    /// Since when, in milliseconds since 1970.
    since: i64,
}

/// Every key.
#[derive(Serialize, JsonSchema)]
struct Keys {
    /// The keys.
    items: Vec<Key>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = schemas.subschema_for::<Keys>();
    vec![
        Operation::new(("get", "/keys"), "list_keys", "Lists the keys and their parts", list)
            .right(Action::Read, Kind::Key)
            .gives(200, Some(shape.clone())),
        Operation::new(
            ("post", "/keys/{id}/rotation"),
            "rotate_keys",
            "Rotates the signing keys of an algorithm: the next one signs, the current one verifies",
            rotate,
        )
        .right(Action::Change, Kind::Key)
        .gives(200, Some(shape)),
    ]
}

async fn list(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Keys>, Problem> {
    caller.here(&api, Action::Read, Kind::Key, &Place::Hub)?;
    Ok(Json(keys(&api)))
}

/// The entry first: a rotation nobody can account for must not happen.
async fn rotate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(alg): Path<String>,
) -> Result<Json<Keys>, Problem> {
    caller.here(&api, Action::Change, Kind::Key, &Place::Hub)?;
    let alg: SigningAlg = alg.parse().map_err(|_| Problem::unknown())?;
    if !api.keys.ring().algs().contains(&alg) {
        return Err(Problem::said(
            StatusCode::NOT_FOUND,
            "this hub does not sign so",
        ));
    }
    let door = &api.console.door;
    let now = door.clock.now();
    let event = AuditEvent::new(EventKind::KeyRotated, now)
        .detail("alg", alg.as_str())
        .detail("by", caller.actor());
    let appended = door.ledger.append(event).await;
    appended.map_err(|fault| Problem::fault(&api, "record a rotation", &fault))?;
    let rotated = api.keys.ring().rotate(alg, now);
    rotated.map_err(|error| Problem::fault(&api, "rotate a key", &error))?;
    Ok(Json(keys(&api)))
}

fn keys(api: &Api) -> Keys {
    let all = api.keys.inventory().into_iter().map(|key| Key {
        kid: key.kid,
        ring: key.ring.to_owned(),
        alg: key.alg.to_owned(),
        stage: key.stage.as_str().to_owned(),
        since: key.since.millis(),
    });
    Keys {
        items: all.collect(),
    }
}
