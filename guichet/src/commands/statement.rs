//! `guichet receipt verify` and `recount` of a statement: that a history is all of it. It is read line by line,
//! however long it is.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_exchange::ReceiptKeys;
use guichet_ledger::History;
use guichet_portal::statement::{Closed, Recount, is_statement, verify_statement};
use serde_json::{Value, json};

use super::{config, print, verdict};
use crate::cli::{ConfigArguments, Exit, Output};
use crate::node::{Ground, Opening};

/// Whether the file looks like a statement rather than like a receipt.
pub(super) fn is_one(file: &Path) -> Result<bool> {
    let mut first = String::new();
    open(file, "the receipt")?
        .read_line(&mut first)
        .context("the receipt: not text")?;
    Ok(is_statement(&first))
}

/// Ends with 0 when every check holds, with 1 otherwise.
pub(super) fn verify(
    file: &Path,
    keys: &ReceiptKeys,
    earlier: Option<&Path>,
    kept: Option<&str>,
    output: Output,
) -> Result<Exit> {
    let statement = open(file, "the statement")?;
    let mut earlier = earlier.map(|path| open(path, "--earlier")).transpose()?;
    let earlier = earlier.as_mut().map(|it| it as &mut dyn BufRead);
    let found = verify_statement(statement, keys, earlier, kept).context("the statement")?;
    let head = found.says.as_ref();
    match output {
        Output::Json => {
            let says = json!({
                "entries": head.map(|head| head.says.entries),
                "before": head.map(|head| head.says.before),
            });
            print::json(&verdict::as_json(&found, says))?;
        }
        Output::Text => {
            verdict::tell(&found, "statement")?;
            if let Some(head) = head.filter(|_| found.holds()) {
                print::line(&format!(
                    "  {} entries, of the log before entry {}",
                    head.says.entries, head.says.before
                ))?;
            }
        }
    }
    Ok(if found.holds() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Ends with 0 when the statement has all that the audit log has of its citizen, and nothing else.
pub(super) async fn recount(file: &Path, arguments: &ConfigArguments) -> Result<Exit> {
    let ground = Ground::of(&config::load(arguments)?.settings)?;
    let keys = ground.keys(Opening::Existing)?;
    let verifier = keys.ledger_signer().verifier();
    let durable = ground.durable(Opening::Existing).await?;
    let records = Arc::clone(&durable.ledger);
    let history = History::new(records, verifier, ground.ledger_origin.clone());
    let statement = open(file, "the statement")?;
    let published = ReceiptKeys::published(&keys, &history.verifier_key()).to_string();
    let published = ReceiptKeys::parse(published.as_bytes()).context("the hub's own keys")?;
    let counted = guichet_portal::statement::recount(statement, &published, &history).await;
    durable.close().await;
    let Some(counted) = counted? else {
        print::line("this is not a statement of a history")?;
        return Ok(Exit::Failed);
    };
    match arguments.output {
        Output::Json => print::json(&counted_as_json(&counted))?,
        Output::Text => tell(&counted)?,
    }
    Ok(if counted.agrees() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn counted_as_json(counted: &Recount) -> Value {
    let closed = |closed: &Closed| {
        json!({
            "since": closed.since.to_string(),
            "until": closed.until.to_string(),
            "explained": closed.is_explained,
            "entries": closed.entries,
        })
    };
    json!({
        "agrees": counted.agrees(),
        "read": counted.read,
        "theirs": counted.theirs,
        "problem": counted.problem.as_ref().map(ToString::to_string),
        "left_out": counted.left_out,
        "slipped_in": counted.slipped_in,
        "just_after": counted.just_after,
        "closed": counted.closed.iter().map(closed).collect::<Vec<_>>(),
    })
}

fn tell(counted: &Recount) -> Result<()> {
    print::line(&format!(
        "{} entries of the {} that were read are theirs",
        counted.theirs, counted.read
    ))?;
    if let Some(problem) = &counted.problem {
        print::line(&format!("its first line is NOT TO BE BELIEVED: {problem}"))?;
    }
    for Closed {
        since,
        until,
        is_explained,
        entries,
    } in &counted.closed
    {
        let why = if *is_explained {
            "corrections on record explain it"
        } else {
            "NO CORRECTION explains it"
        };
        print::line(&format!(
            "left out from {since} to {until}, {entries} entries: {why}"
        ))?;
    }
    for place in &counted.just_after {
        print::line(&format!("entry {place} came while the statement was made"))?;
    }
    for place in &counted.left_out {
        print::line(&format!("entry {place} is LEFT OUT"))?;
    }
    for place in &counted.slipped_in {
        print::line(&format!("entry {place} is NOT THEIRS"))?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line reads the files that it is given"
)]
fn open(file: &Path, what: &str) -> Result<BufReader<File>> {
    let opened = File::open(file).with_context(|| format!("{what}: {}", file.display()))?;
    Ok(BufReader::new(opened))
}
