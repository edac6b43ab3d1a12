//! `guichet person freeze|close|cases|case`: who may not act, since when, and why.

use std::path::Path;

use anyhow::{Context as _, Result};
use guichet_broker::{CaseEvidence, OpenedBy};
use guichet_domain::CaseId;
use guichet_store::durable::cases::{Case, CaseKind, Listed};
use serde_json::{Value, json};

use super::{Desk, LATEST, tracks};
use crate::cli::{Acting, ConfigArguments, Exit, Output};
use crate::commands::print;

/// Opens a case about a person: from the moment this says so nobody acts as them, on any node.
pub(super) async fn open(
    acting: &Acting,
    person: &str,
    kind: CaseKind,
    reason: &str,
) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let person = desk.find(person).await?;
    let by = OpenedBy::Operator(&desk.operator, reason);
    let nothing = CaseEvidence::default();
    let case = desk.cases.open(person, kind, by, &nothing).await?;
    desk.books.close().await?;
    match acting.config.output {
        Output::Json => print::json(&as_json(&case))?,
        Output::Text => {
            print::line(&format!("case {}  {}", case.id, case.kind))?;
            print::line("`guichet person thaw` proposes its end, another operator confirms it")?;
        }
    }
    Ok(Exit::Done)
}

/// The latest cases.
pub(super) async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = super::open(arguments).await?;
    let latest = durable.cases.list(Listed::Latest, LATEST).await?;
    durable.close().await;
    if arguments.output == Output::Json {
        print::json(&latest.iter().map(as_json).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let rows = latest.into_iter().map(|case| {
        [
            case.id.to_string(),
            case.kind.to_string(),
            case.person.map_or_else(String::new, |it| it.to_string()),
            case.opened.at.seconds().to_string(),
            case.opened.by,
            case.ended.map_or_else(String::new, |act| act.by),
            case.reason,
        ]
    });
    let head = [
        "CASE",
        "KIND",
        "PERSON",
        "SINCE (UNIX)",
        "OPENED BY",
        "ENDED BY",
        "REASON",
    ];
    print::table(head, rows)?;
    Ok(Exit::Done)
}

/// A case, with what was there when it was opened: as JSON, whatever the output, since it has no shape of a
/// table. Into the folder `csv`, where there is to be one, goes what is on record of the visits it is about.
pub(super) async fn show(acting: &Acting, id: CaseId, csv: Option<&Path>) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let shown = desk.cases.show(id, &desk.operator).await?;
    let files = match (&shown, csv) {
        (Some((_, evidence)), Some(folder)) => {
            let tracks = desk.cases.tracks(evidence).await?;
            Some(tracks::write(folder, &tracks)?)
        }
        _ => None,
    };
    desk.books.close().await?;
    let (case, evidence) = shown.context("there is no such case")?;
    let mut shown = as_json(&case);
    shown["evidence"] = serde_json::to_value(evidence)?;
    if let Some(files) = files {
        shown["files"] = json!(files);
    }
    print::json(&shown)?;
    Ok(Exit::Done)
}

fn as_json(case: &Case) -> Value {
    let ended = case.ended.as_ref();
    json!({
        "case": case.id, "kind": case.kind.as_str(), "person": case.person, "reason": case.reason,
        "opened": {"by": case.opened.by, "at": case.opened.at.seconds()},
        "ended": ended.map(|act| json!({"by": act.by, "at": act.at.seconds()})),
    })
}
