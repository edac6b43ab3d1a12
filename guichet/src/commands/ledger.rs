//! `guichet ledger verify|checkpoint|export`.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_ledger::History;
use serde_json::json;

use super::siem::Export;
use super::{config, print, siem};
use crate::cli::{ConfigArguments, Exit, LedgerCommand, Output};
use crate::node::{Ground, Opening, foundation};

/// Runs the command.
pub(crate) async fn run(command: LedgerCommand) -> Result<Exit> {
    match command {
        LedgerCommand::Verify { against, config } => verify(&config, against.as_deref()).await,
        LedgerCommand::Checkpoint { since, config } => checkpoint(&config, since).await,
        LedgerCommand::Export {
            format,
            from,
            cursor,
            to,
            follow,
            config,
        } => {
            siem::run(&Export {
                format,
                from,
                cursor,
                to,
                follow,
                config,
            })
            .await
        }
    }
}

async fn verify(arguments: &ConfigArguments, against: Option<&Path>) -> Result<Exit> {
    let ground = Ground::of(&config::load(arguments)?.settings)?;
    let (verifier, durable) = (
        ground.keys(Opening::Existing)?.ledger_signer().verifier(),
        ground.durable(Opening::Existing).await?,
    );
    let known = match against {
        Some(path) => vec![
            String::from_utf8(foundation::read(path, "--against")?)
                .context("--against: not text")?,
        ],
        None => Vec::new(),
    };
    let report =
        guichet_ledger::verify(&*durable.ledger, &verifier, &ground.ledger_origin, &known).await?;
    durable.close().await;
    match arguments.output {
        Output::Json => print::json(&json!({
            "sound": report.is_sound(),
            "entries": report.entries,
            "checkpoints": report.checkpoints,
            "covered": report.covered,
            "findings": report.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }))?,
        Output::Text => {
            print::line(&format!(
                "{} entries, {} checkpoints, the last of which covers {}",
                report.entries, report.checkpoints, report.covered
            ))?;
            for finding in &report.findings {
                print::line(&finding.to_string())?;
            }
            print::line(if report.is_sound() {
                "the audit log is whole"
            } else {
                "the audit log is NOT whole"
            })?;
        }
    }
    Ok(if report.is_sound() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn checkpoint(arguments: &ConfigArguments, since: Option<u64>) -> Result<Exit> {
    let ground = Ground::of(&config::load(arguments)?.settings)?;
    let durable = ground.durable(Opening::Existing).await?;
    let checkpoint = match since {
        None => guichet_ledger::latest_checkpoint(&*durable.ledger, true).await?,
        Some(since) => {
            let verifier = ground.keys(Opening::Existing)?.ledger_signer().verifier();
            let records = Arc::clone(&durable.ledger);
            let history = History::new(records, verifier, ground.ledger_origin.clone());
            history.checkpoint_since(since).await?
        }
    };
    durable.close().await;
    print::line(
        checkpoint
            .context("no checkpoint was signed yet")?
            .trim_end(),
    )?;
    Ok(Exit::Done)
}
