//! The audit log: its latest checkpoint, and its entries for whoever keeps a copy. Reading it is on record.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_domain::{AuditEvent, EventKind};
use guichet_store::durable::EntryRecord;
use http::{StatusCode, Uri};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::intake::moment;
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::{Problem, faulty};
use crate::audit::{AuditQuery, Bounds};
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

/// Entries that were looked up.
#[derive(Serialize, JsonSchema)]
struct LookedUp {
    /// The newest first.
    items: Vec<Entry>,
    /// What to ask for the next ones with; there is none when nothing stands here.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Entries from this place on are not found yet: the index has read so far. Nothing stands here when it has
    /// read everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_to: Option<u64>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let checkpoint = schemas.subschema_for::<Checkpoint>();
    let page = schemas.subschema_for::<Page<Entry>>();
    let looked_up = schemas.subschema_for::<LookedUp>();
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
        Operation::new(
            ("get", "/ledger/search"),
            "search_entries",
            "Entries of the audit log, the newest first; a page that is not full may have a next one: so far was looked",
            search,
        )
        .right(Action::Read, Kind::Ledger)
        .asks("kind", "Of this kind, or one that begins so: `switch.off`, `switch`.")
        .asks("by", "By whom, as entries name them.")
        .asks("object", "About this client, provider, habilitation, or whatever else stands in it by name.")
        .asks("since", "Not before then (RFC 3339).")
        .asks("until", "Not after then (RFC 3339).")
        .paged()
        .gives(200, Some(looked_up)),
    ]
}

async fn checkpoint_now(
    State(api): State<Arc<Api>>,
    caller: Caller,
) -> Result<Json<Checkpoint>, Problem> {
    caller.here(&api, Action::Read, Kind::Ledger, &Place::Hub)?;
    let latest = api.history.checkpoint().await;
    let latest = latest.map_err(faulty(&api, "read a checkpoint"))?;
    let (note, size) = latest.map_or((None, 0), |(note, signed)| (Some(note), signed.size));
    Ok(Json(Checkpoint {
        origin: api.history.origin().to_owned(),
        key: api.history.verifier_key(),
        note,
        size,
    }))
}

/// What is looked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Looked {
    kind: String,
    by: String,
    object: String,
    since: Option<String>,
    until: Option<String>,
    cursor: Option<String>,
    limit: Option<String>,
}

async fn search(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<LookedUp>, Problem> {
    caller.here(&api, Action::Read, Kind::Ledger, &Place::Hub)?;
    let text = uri.query().unwrap_or_default();
    let looked: Result<Looked, _> = guichet_web::parse_strictly(text.as_bytes());
    let looked = looked.map_err(|_| {
        let detail = "kind, by, object, since, until, cursor and limit, once each";
        Problem::said(StatusCode::BAD_REQUEST, detail)
    })?;
    let paging = Paging::asked(looked.cursor.clone(), looked.limit.as_deref())?;
    let before = paging.place()?;
    let query = AuditQuery {
        since: moment("since", looked.since.as_deref())?,
        until: moment("until", looked.until.as_deref())?,
        kind: looked.kind,
        by: looked.by,
        object: looked.object,
    };
    let door = &api.console.door;
    let faulty = faulty(&api, "read the audit log");
    let bounds = Bounds::page(paging.limit);
    let found = api.audit.search(&query, before, bounds).await;
    let found = found.map_err(&faulty)?;
    let first = found.entries.last().map_or(0, |entry| entry.sequence);
    let event = AuditEvent::new(EventKind::LedgerRead, door.clock.now())
        .detail("by", caller.actor())
        .detail("from", first)
        .detail("entries", found.entries.len());
    door.ledger.append(event).await.map_err(faulty)?;
    let next = found.before.map(|before| before.to_string());
    Ok(Json(LookedUp {
        next: next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        items: found.entries.iter().map(Entry::of).collect(),
        read_to: found.behind,
    }))
}

impl Entry {
    fn of(entry: &EntryRecord) -> Self {
        Self {
            sequence: entry.sequence,
            event: serde_json::from_slice(&entry.entry).unwrap_or_default(),
            bytes: STANDARD.encode(&entry.entry),
        }
    }
}

async fn entries(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Page<Entry>>, Problem> {
    caller.here(&api, Action::Read, Kind::Ledger, &Place::Hub)?;
    let paging = Paging::of(&uri)?;
    let first = paging.place()?.map_or(0, |after| after + 1);
    let door = &api.console.door;
    let limit = u32::try_from(paging.limit).unwrap_or(u32::MAX);
    let faulty = faulty(&api, "read the audit log");
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
        items: read.iter().map(Entry::of).collect(),
    }))
}
