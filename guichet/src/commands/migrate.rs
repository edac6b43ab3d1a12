//! `guichet migrate status|up`.

use anyhow::Result;
use guichet_store::durable::MigrationStatus;
use serde_json::json;

use super::{config, print};
use crate::cli::{Exit, MigrateCommand, Output};
use crate::node::{Ground, Opening};

/// Runs the command; exit 1 when something is pending.
pub(crate) async fn run(command: MigrateCommand) -> Result<Exit> {
    let (arguments, opening) = match command {
        MigrateCommand::Status(arguments) => (arguments, Opening::Existing),
        MigrateCommand::Up(arguments) => (arguments, Opening::FirstStart),
    };
    let durable = Ground::of(&config::load(&arguments)?.settings)?
        .durable(opening)
        .await?;
    if opening == Opening::FirstStart {
        durable.migrate_up().await?;
    }
    let status = durable.migrate_status().await?;
    durable.close().await;
    show(&status, arguments.output)?;
    Ok(if status.iter().all(|one| one.applied) {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn show(status: &[MigrationStatus], output: Output) -> Result<()> {
    match output {
        Output::Json => print::json(&status.iter().map(row).collect::<Vec<_>>()),
        Output::Text => print::table(
            ["VERSION", "STATE", "WHAT IT BRINGS"],
            status.iter().map(|one| {
                let state = if one.applied { "applied" } else { "pending" };
                [
                    one.version.to_string(),
                    state.to_owned(),
                    one.description.to_owned(),
                ]
            }),
        ),
    }
}

fn row(one: &MigrationStatus) -> serde_json::Value {
    json!({ "version": one.version, "applied": one.applied, "description": one.description })
}
