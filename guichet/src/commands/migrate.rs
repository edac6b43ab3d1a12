//! `guichet migrate status|up`.

use anyhow::Result;
use guichet_store::durable::{MigrationState, MigrationStatus};
use serde_json::json;

use super::{config, print};
use crate::cli::{Exit, MigrateCommand, Output};
use crate::node::{Ground, Opening};

/// Runs the command; exit 1 when something is pending or not as this program knows it.
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
    let is_applied = |one: &MigrationStatus| one.state == MigrationState::Applied;
    Ok(if status.iter().all(is_applied) {
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
                [
                    one.version.to_string(),
                    one.state.as_str().to_owned(),
                    one.description.to_owned(),
                ]
            }),
        ),
    }
}

fn row(one: &MigrationStatus) -> serde_json::Value {
    json!({ "version": one.version, "state": one.state.as_str(), "description": one.description })
}
