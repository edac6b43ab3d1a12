//! `guichet data-provider list|show`.

use anyhow::Result;
use guichet_domain::DataProviderMetadata;

use super::drawer;
use crate::cli::{ConfigArguments, Exit, Output, RegistryCommand};
use crate::commands::office::Office;
use crate::commands::{config, print};
use crate::node::{Ground, Opening};

/// Runs the command.
pub(super) async fn run(command: RegistryCommand) -> Result<Exit> {
    match command {
        RegistryCommand::List(arguments) => list(&arguments).await,
        RegistryCommand::Show { id, config } => {
            let office = Office::open(&config, drawer).await?;
            print::json(&office.desk.show(&id).await?)?;
            office.close().await
        }
    }
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await?;
    let known = durable.registry.data_providers().await?;
    let rows = known
        .iter()
        .map(|known| DataProviderMetadata::from(&**known));
    if arguments.output == Output::Json {
        print::json(&rows.collect::<Vec<_>>())?;
    } else {
        print::table(
            ["ID", "NAME", "CLIENT_ID", "EVIDENCE", "ACTIVE"],
            rows.map(|row| {
                [
                    row.id,
                    row.name.unwrap_or_default(),
                    row.client_id,
                    row.evidence.join(" "),
                    row.active.unwrap_or(true).to_string(),
                ]
            }),
        )?;
    }
    durable.close().await;
    Ok(Exit::Done)
}
