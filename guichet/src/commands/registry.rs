//! `guichet client list|show`, `guichet data-provider list|show`.

use anyhow::{Context as _, Result};
use guichet_admin::Overview;
use guichet_domain::DataProviderMetadata;
use guichet_store::durable::Durable;

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, Output, RegistryCommand};
use crate::node::{Ground, Opening};

/// Clients.
pub(crate) async fn clients(command: RegistryCommand) -> Result<Exit> {
    let (arguments, id) = parts(command);
    let durable = open(&arguments).await?;
    let rows = Overview::clients(&*durable.registry).await?;
    if let Some(id) = id {
        let row = rows.into_iter().find(|row| row.client_id == id);
        print::json(&row.with_context(|| format!("there is no client {id}"))?)?;
    } else if arguments.output == Output::Json {
        print::json(&rows)?;
    } else {
        print::table(
            ["CLIENT_ID", "NAME", "AUTHENTICATION", "ACTIVE"],
            rows.into_iter().map(|row| {
                [
                    row.client_id,
                    row.name,
                    row.token_endpoint_auth_method.to_owned(),
                    row.active.to_string(),
                ]
            }),
        )?;
    }
    durable.close().await;
    Ok(Exit::Done)
}

/// Data providers.
pub(crate) async fn data_providers(command: RegistryCommand) -> Result<Exit> {
    let (arguments, id) = parts(command);
    let durable = open(&arguments).await?;
    let known = durable.registry.data_providers().await?;
    let mut rows = known
        .iter()
        .map(|known| DataProviderMetadata::from(&**known));
    if let Some(id) = id {
        let row = rows.find(|row| row.id == id);
        print::json(&row.with_context(|| format!("there is no data provider {id}"))?)?;
    } else if arguments.output == Output::Json {
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

fn parts(command: RegistryCommand) -> (ConfigArguments, Option<String>) {
    match command {
        RegistryCommand::List(config) => (config, None),
        RegistryCommand::Show { id, config } => (config, Some(id)),
    }
}

async fn open(arguments: &ConfigArguments) -> Result<Durable> {
    Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await
}
