//! The audit log: its latest checkpoint, and its entries for whoever keeps a copy. Reading it is on record.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_domain::{AuditEvent, EventKind};
use http::Uri;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::{Problem, faulty};
use crate::people::{Action, Kind, Place};

/// The latest checkpoint.
#[derive(Serialize, JsonSchema)]
struct Checkpoint {
    /// The log's name.
    origin: String,
    /// Its public key, as signed notes write it.
    key: String,
    /// The signed note; there is none before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// How many entries it covers.
    size: u64,
}

/// An entry.
#[derive(Serialize, JsonSchema)]
struct Entry {
    /// Its place in the log, from 0.
    sequence: u64,
    /// What it says.
    event: Value,
    /// The exact bytes that were hashed, in base64: what a proof is about.
    bytes: String,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let checkpoint = schemas.subschema_for::<Checkpoint>();
    let page = schemas.subschema_for::<Page<Entry>>();
    vec![
        Operation::new(
            ("get", "/ledger/checkpoint"),
            "show_checkpoint",
            "The latest signed checkpoint of the audit log",
            checkpoint_now,
        )
        .right(Action::Read, Kind::Ledger)
        .gives(200, Some(checkpoint)),
        Operation::new(
            ("get", "/ledger/entries"),
            "list_entries",
            "Entries of the audit log, the oldest first: an export that goes on where it ended",
            entries,
        )
        .right(Action::Read, Kind::Ledger)
        .paged()
        .gives(200, Some(page)),
    ]
}

async fn checkpoint_now(
    State(api): State<Arc<Api>>,
    caller: Caller,
) -> Result<Json<Checkpoint>, Problem> {
    caller.here(&api, Action::Read, Kind::Ledger, &Place::Hub)?;
    let entropy = &*api.console.door.entropy;
    let latest = api.history.checkpoint().await;
    let latest = latest.map_err(faulty(entropy, "read a checkpoint"))?;
    let (note, size) = latest.map_or((None, 0), |(note, signed)| (Some(note), signed.size));
    Ok(Json(Checkpoint {
        origin: api.history.origin().to_owned(),
        key: api.history.verifier_key(),
        note,
        size,
    }))
}

async fn entries(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Page<Entry>>, Problem> {
    caller.here(&api, Action::Read, Kind::Ledger, &Place::Hub)?;
    let paging = Paging::of(&uri)?;
    let first = match &paging.after {
        None => 0,
        Some(after) => {
            let after: Result<u64, _> = after.parse();
            let after = after.map_err(|_| Paging::foreign())?;
            after.saturating_add(1)
        }
    };
    let door = &api.console.door;
    let limit = u32::try_from(paging.limit).unwrap_or(u32::MAX);
    let faulty = faulty(&*door.entropy, "read the audit log");
    let read = api.history.read(first, limit).await.map_err(&faulty)?;
    let event = AuditEvent::new(EventKind::LedgerRead, door.clock.now())
        .detail("by", caller.actor())
        .detail("from", first)
        .detail("entries", read.len());
    door.ledger.append(event).await.map_err(faulty)?;
    let last = read.last().map(|entry| entry.sequence);
    let is_full = read.len() == paging.limit;
    Ok(Json(Page {
        next: last
            .filter(|_| is_full)
            .map(|last| URL_SAFE_NO_PAD.encode(last.to_string())),
        items: read
            .iter()
            .map(|entry| Entry {
                sequence: entry.sequence,
                event: serde_json::from_slice(&entry.entry).unwrap_or_default(),
                bytes: STANDARD.encode(&entry.entry),
            })
            .collect(),
    }))
}
