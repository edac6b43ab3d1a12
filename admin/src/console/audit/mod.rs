//! The pages of the audit log: entries by kind, by whom, about what and when; one entry with the proof that it
//! is in the log; and the same as a file. Reading is on record.

mod row;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::{AuditEvent, EventKind, Timestamp};
use guichet_ledger::{leaf_hash, verify_inclusion};
use guichet_web::{PageContext, PageError, Serde, context, csv_head, csv_row};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::row::{InWords, Row, event};
use super::event_words::EventWords;
use super::{Console, Present};
use crate::api::Api;
use crate::audit::{AuditQuery, Bounds, Found, place_of};
use crate::people::{Action, Kind};

const PATH: &str = "/audit";
const SHOWN: usize = 50;

/// What is asked for.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    by: String,
    object: String,
    /// Days: `2027-01-31`.
    since: String,
    until: String,
    /// Where to go on.
    #[serde(skip_serializing)]
    before: String,
}

/// `GET /audit`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = reader(console, &headers).await?;
    let (found, query) = asked.search(&api, &present, Bounds::page(SHOWN)).await?;
    let words = EventWords::of(&console.pages, page.locale);
    let rows = found.entries.iter().map(|it| Row::of(it).in_short(words));
    let rows: Vec<InWords> = rows.collect();
    let older = found
        .before
        .map(|before| format!("{query}&before={before}"));
    let data = context! {
        rows => Serde(&rows),
        asked => Serde(&asked),
        filter => query,
        older,
        behind => found.behind,
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/audit.html", data))
}

/// `GET /audit.csv`
pub(super) async fn as_csv(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = reader(&api.console, &headers).await?;
    let (found, _) = asked.search(&api, &present, Bounds::FILE).await?;
    let mut text = csv_head(&["sequence", "time", "kind", "by", "members"]);
    for row in found.entries.iter().map(Row::of) {
        let members: Vec<String> = row
            .members
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        text.extend(csv_row(&[
            row.sequence.to_string(),
            Timestamp::from_millis(row.at).to_string(),
            row.kind,
            row.by,
            members.join(" "),
        ]));
    }
    Ok(file("text/csv; charset=utf-8", "guichet-audit.csv", text))
}

/// `GET /audit.jsonl`: a line for each entry, with the bytes that were hashed.
pub(super) async fn as_lines(
    State(api): State<Arc<Api>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = reader(&api.console, &headers).await?;
    let (found, _) = asked.search(&api, &present, Bounds::FILE).await?;
    let lines = found.entries.iter().map(|entry| {
        let line = json!({
            "sequence": entry.sequence,
            "event": event(entry),
            "bytes": STANDARD.encode(&entry.entry),
        });
        format!("{line}\n")
    });
    let text: String = lines.collect();
    Ok(file(
        "application/x-ndjson",
        "guichet-audit.jsonl",
        text.into_bytes(),
    ))
}

/// `GET /audit/{sequence}`: one entry, and the proof that the latest checkpoint covers it.
pub(super) async fn one(
    State(api): State<Arc<Api>>,
    Path(sequence): Path<u64>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = reader(console, &headers).await?;
    let fault = |fault| console.fault("read the audit log", &fault);
    let gone =
        || PageError::new(StatusCode::NOT_FOUND, "error-not-found").with_way_back(PATH, None);
    if i64::try_from(sequence).is_err() {
        return Err(gone());
    }
    let entry = api.history.read(sequence, 1).await.map_err(fault)?;
    let entry = entry.into_iter().find(|it| it.sequence == sequence);
    let entry = entry.ok_or_else(gone)?;
    note_read(&api, &present, (sequence, 1)).await?;
    let leaf = leaf_hash(&entry.entry);
    let latest = api.history.checkpoint().await.map_err(fault)?;
    let covering = latest.filter(|(_, signed)| sequence < signed.size);
    let mut proof = None;
    if let Some((_, signed)) = &covering {
        let mut prover = api.history.prover();
        proof = prover
            .inclusion(sequence, signed.size)
            .await
            .map_err(fault)?;
    }
    let holds = match (&covering, &proof) {
        (Some((_, signed)), Some(proof)) => {
            verify_inclusion(leaf, sequence, signed.size, proof, &signed.root)
        }
        _ => false,
    };
    let hashes = proof.unwrap_or_default();
    let hashes: Vec<String> = hashes.iter().map(|hash| STANDARD.encode(hash)).collect();
    let data = context! {
        row => Serde(&Row::of(&entry).in_words(EventWords::of(&console.pages, page.locale))),
        raw => String::from_utf8_lossy(&entry.entry).into_owned(),
        bytes => STANDARD.encode(&entry.entry),
        leaf => STANDARD.encode(leaf),
        note => covering.as_ref().map(|(note, _)| note.clone()),
        size => covering.as_ref().map(|(_, signed)| signed.size),
        hashes => Serde(&hashes),
        holds,
        key => api.history.verifier_key(),
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/audit_entry.html", data))
}

impl Asked {
    /// What is found, and what was asked for as a query.
    async fn search(
        &self,
        api: &Api,
        present: &Present,
        bounds: Bounds,
    ) -> Result<(Found, String), PageError> {
        let query = AuditQuery {
            kind: self.kind.trim().to_owned(),
            by: self.by.trim().to_owned(),
            object: self.object.trim().to_owned(),
            since: day(&self.since, "00:00:00")?,
            until: day(&self.until, "23:59:59.999")?,
        };
        let before = match self.before.as_str() {
            "" => None,
            text => Some(place_of(text).ok_or_else(bad)?),
        };
        let found = api.audit.search(&query, before, bounds).await;
        let found = found.map_err(|fault| api.console.fault("read the audit log", &fault))?;
        let first = found.entries.last().map_or(0, |entry| entry.sequence);
        note_read(api, present, (first, found.entries.len())).await?;
        let fields = [
            ("kind", &self.kind),
            ("by", &self.by),
            ("object", &self.object),
            ("since", &self.since),
            ("until", &self.until),
        ];
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            if !value.is_empty() {
                text.append_pair(name, value);
            }
        }
        Ok((found, text.finish()))
    }
}

async fn reader(console: &Console, headers: &HeaderMap) -> Result<Present, PageError> {
    let present = console.present(headers).await?;
    console.must(&present, Action::Read, Kind::Ledger)?;
    Ok(present)
}

/// That it was read is on record before anything of it is shown.
async fn note_read(
    api: &Api,
    by: &Present,
    (from, entries): (u64, usize),
) -> Result<(), PageError> {
    let door = &api.console.door;
    let event = AuditEvent::new(EventKind::LedgerRead, door.clock.now())
        .detail("by", by.actor())
        .detail("from", from)
        .detail("entries", entries);
    let noted = door.ledger.append(event).await;
    noted
        .map(drop)
        .map_err(|fault| api.console.fault("read the audit log", &fault))
}

fn day(text: &str, time: &str) -> Result<Option<Timestamp>, PageError> {
    match text.trim() {
        "" => Ok(None),
        day => format!("{day}T{time}Z")
            .parse()
            .map(Some)
            .map_err(|_| bad()),
    }
}

fn bad() -> PageError {
    PageError::new(StatusCode::BAD_REQUEST, "error-bad-request").with_way_back(PATH, None)
}

fn file(media_type: &str, name: &str, text: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, text).into_response()
}
