//! `guichet switch list|off|on`: kill switches, also where the console cannot be reached.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_admin::{Actor, KnownSwitch, SwitchDesk, SwitchMetadata};
use guichet_domain::switch::SwitchTarget;
use serde_json::json;

use super::office::Cabinet;
use super::print;
use crate::cli::{ConfigArguments, Exit, Output, SwitchCommand};
use crate::clock::SystemClock;

/// Runs the command.
pub(crate) async fn run(command: SwitchCommand) -> Result<Exit> {
    match command {
        SwitchCommand::List(arguments) => list(&arguments).await,
        SwitchCommand::Off {
            target,
            reason,
            message_fr,
            message_en,
            until,
            config,
        } => {
            let metadata = SwitchMetadata {
                target,
                reason,
                message_fr,
                message_en,
                until,
                ..SwitchMetadata::default()
            };
            let cabinet = Cabinet::open(&config).await?;
            let off = desk(&cabinet).off(&metadata, KnownSwitch::Whatever).await?;
            tell(cabinet, config.output, &off.target.to_string(), "off").await
        }
        SwitchCommand::On {
            target,
            reason,
            config,
        } => {
            let target = target.parse::<SwitchTarget>().context("TARGET")?;
            let cabinet = Cabinet::open(&config).await?;
            desk(&cabinet)
                .on(&target, &reason, KnownSwitch::Whatever)
                .await?;
            tell(cabinet, config.output, &target.to_string(), "on").await
        }
    }
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let cabinet = Cabinet::open(arguments).await?;
    let all = desk(&cabinet).list().await?;
    let all: Vec<SwitchMetadata> = all.iter().map(SwitchMetadata::from).collect();
    match arguments.output {
        Output::Json => print::json(&all)?,
        Output::Text => {
            let rows = all.into_iter().map(|off| {
                let until = off.until.unwrap_or_default();
                [
                    off.target,
                    off.since.unwrap_or_default(),
                    until,
                    off.by.unwrap_or_default(),
                    off.reason,
                ]
            });
            print::table(["OFF", "SINCE", "UNTIL", "BY", "REASON"], rows)?;
        }
    }
    cabinet.close().await?;
    Ok(Exit::Done)
}

fn desk(cabinet: &Cabinet) -> SwitchDesk {
    SwitchDesk {
        registry: cabinet.registry(),
        ledger: cabinet.books.ledger.clone(),
        by: Actor::CommandLine,
        clock: Arc::new(SystemClock),
    }
}

async fn tell(cabinet: Cabinet, output: Output, target: &str, now: &str) -> Result<Exit> {
    match output {
        Output::Json => print::json(&json!({ "target": target, "now": now }))?,
        Output::Text => print::line(&format!("{target}: {now}; running nodes follow"))?,
    }
    cabinet.close().await?;
    Ok(Exit::Done)
}
