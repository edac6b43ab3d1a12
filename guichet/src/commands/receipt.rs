//! `guichet receipt verify`: a citizen's receipt, or a statement of their history (`statement`), offline. Whoever
//! holds the hub's published keys needs nothing else.

use std::path::Path;

use anyhow::{Context as _, Result};
use guichet_exchange::{Labelled, ReceiptKeys, Statement, verify_receipt};
use serde_json::json;

use super::{config, print, statement, verdict};
use crate::cli::{ConfigArguments, Exit, Output, ReceiptCommand};
use crate::node::{Ground, Opening, foundation};

/// Runs the command. Ends with 0 when every check holds, with 1 otherwise.
pub(crate) async fn run(command: ReceiptCommand) -> Result<Exit> {
    let (file, keys, checkpoint, earlier, config) = match command {
        ReceiptCommand::Recount { file, config } => {
            return statement::recount(&file, &config).await;
        }
        ReceiptCommand::Verify {
            file,
            keys,
            checkpoint,
            earlier,
            config,
        } => (file, keys, checkpoint, earlier, config),
    };
    let keys = keys_of(keys.as_deref(), &config)?;
    let kept = checkpoint.map(|path| text(&path, "--checkpoint"));
    let kept = kept.transpose()?;
    if statement::is_one(&file)? {
        let earlier = earlier.as_deref();
        return statement::verify(&file, &keys, earlier, kept.as_deref(), config.output);
    }
    let receipt = text(&file, "the receipt")?;
    let verification = verify_receipt(&receipt, &keys, kept.as_deref());
    match config.output {
        Output::Json => {
            let says = json!({ "says": verification.says });
            print::json(&verdict::as_json(&verification, says))?;
        }
        Output::Text => {
            verdict::tell(&verification, "receipt")?;
            if let Some(said) = verification.says.as_ref().filter(|_| verification.holds()) {
                retell(said)?;
            }
        }
    }
    Ok(if verification.holds() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Those of the file; without one, of the keys that the settings name.
fn keys_of(file: Option<&Path>, config: &ConfigArguments) -> Result<ReceiptKeys> {
    if let Some(path) = file {
        return ReceiptKeys::parse(&foundation::read(path, "--keys")?).context("--keys");
    }
    let published = published_by(config)?;
    Ok(ReceiptKeys::parse(published.to_string().as_bytes())?)
}

/// What the hub of these settings publishes.
pub(super) fn published_by(config: &ConfigArguments) -> Result<serde_json::Value> {
    let settings = config::load(config).context(
        "without --keys the keys of this hub are taken, and for that its settings (--config) are needed",
    )?;
    published(&Ground::of(&settings.settings)?)
}

/// What receipts of the hub on this ground are verified with.
pub(super) fn published(ground: &Ground) -> Result<serde_json::Value> {
    let keys = ground.keys(Opening::Existing)?;
    let ledger =
        guichet_ledger::verifier_key(&ground.ledger_origin, &keys.ledger_signer().verifier());
    Ok(ReceiptKeys::published(&keys, &ledger))
}

fn text(path: &Path, what: &str) -> Result<String> {
    String::from_utf8(foundation::read(path, what)?).with_context(|| format!("{what}: not text"))
}

/// What it says, a line each.
fn retell(said: &Statement) -> Result<()> {
    let listed = |fields: &[Labelled]| {
        let labels: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
        labels.join(", ")
    };
    let rows = [
        ("decided", format!("{}, {}", said.outcome, said.decided)),
        (
            "service",
            format!("{} ({})", said.service.name, said.service.id),
        ),
        ("evidence", said.evidence_type.label.clone()),
        ("data provider", said.data_provider.name.clone()),
        ("asked for", listed(&said.asked)),
        ("may leave", listed(&said.granted)),
        ("purpose", said.purpose.sentence.clone()),
        ("basis", said.basis.clone()),
        ("until", said.valid_until.clone()),
        ("fetched", said.pulls.to_string()),
    ];
    for (name, value) in rows {
        print::line(&format!("  {name}: {value}"))?;
    }
    if let Some(ended) = &said.ended {
        print::line(&format!("  ended: {}, {}", ended.how, ended.at))?;
    }
    Ok(())
}
