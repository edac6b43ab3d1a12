//! `guichet client list|show|add|set|disable`, and the way to what else there is of clients.

use std::sync::Arc;

use anyhow::Result;
use guichet_admin::onboarding::Admission;
use guichet_admin::{ClientRecords, CredentialKind, Overview};
use guichet_oidc::ClientSecrets;

use super::office::{Cabinet, Office};
use super::{config, credentials, initial_access_tokens, office, print, trials};
use crate::cli::{ClientCommand, ConfigArguments, Exit, Output, RegistryCommand};
use crate::clock::SystemClock;
use crate::node::documents::ClientDocuments;
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: ClientCommand) -> Result<Exit> {
    match command {
        ClientCommand::Registered(RegistryCommand::List(arguments)) => list(&arguments).await,
        ClientCommand::Registered(RegistryCommand::Show { id, config }) => {
            let office = Office::open(&config, drawer).await?;
            print::json(&office.desk.show(&id).await?)?;
            office.close().await
        }
        ClientCommand::Change(change) => Box::pin(office::change(change, drawer)).await,
        ClientCommand::Secret(command) => credentials::run(command, CredentialKind::Secret).await,
        ClientCommand::Key(command) => credentials::run(command, CredentialKind::Key).await,
        ClientCommand::Check { id, config } => trials::check(&id, &config).await,
        ClientCommand::Test { id, run, config } => trials::test(&id, run, &config).await,
        ClientCommand::Token(command) => initial_access_tokens::run(command).await,
    }
}

/// The clients of a registry.
pub(super) fn drawer(cabinet: &Cabinet) -> (ClientRecords, Vec<String>) {
    let settings = &cabinet.books.settings;
    let records = ClientRecords {
        registry: cabinet.registry(),
        secrets: ClientSecrets::new(&cabinet.books.keys),
        documents: Arc::new(ClientDocuments(cabinet.outgoing.clone())),
        public_subjects: settings.hub.public_subjects,
        clock: Arc::new(SystemClock),
        admission: Admission {
            habilitations: cabinet.habilitations(),
            required: settings.onboarding.required,
        },
    };
    let declared = settings.clients.iter().map(|it| it.client_id.clone());
    (records, declared.collect())
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await?;
    let rows = Overview::clients(&*durable.registry).await?;
    if arguments.output == Output::Json {
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
