//! `guichet provider list|show|add|set|disable|test`.

use std::path::Path;

use anyhow::Result;
use guichet_admin::{Overview, ProviderRecords};
use guichet_broker::claims_mapping::Trial;
use guichet_domain::Acr;
use guichet_domain::simulation::somebody;
use serde_json::json;

use super::office::{self, Cabinet, Office, read};
use super::{config, print};
use crate::cli::{ConfigArguments, Exit, Output, ProviderCommand, RegistryCommand};
use crate::node::{Ground, Opening, declared};

/// Runs the command.
pub(crate) async fn run(command: ProviderCommand) -> Result<Exit> {
    match command {
        ProviderCommand::Registered(RegistryCommand::List(arguments)) => list(&arguments).await,
        ProviderCommand::Registered(RegistryCommand::Show { id, config }) => {
            let office = Office::open(&config, drawer).await?;
            print::json(&office.desk.show(&id).await?)?;
            office.close().await
        }
        ProviderCommand::Change(change) => Box::pin(office::change(change, drawer)).await,
        ProviderCommand::Test { id, claims, config } => {
            try_out(&id, claims.as_deref(), &config).await
        }
    }
}

/// The providers of a registry.
pub(super) fn drawer(cabinet: &Cabinet) -> (ProviderRecords, Vec<String>) {
    let settings = &cabinet.books.settings;
    let records = ProviderRecords {
        registry: cabinet.registry(),
        secrets: cabinet.books.keys.sealer(guichet_broker::PROVIDER_SECRET),
        register: settings.civil_register.default,
        usable: declared::rules_compile,
    };
    let declared = settings.providers.iter().map(|it| it.id.clone());
    (records, declared.collect())
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await?;
    let rows = Overview::providers(&*durable.registry).await?;
    if arguments.output == Output::Json {
        print::json(&rows)?;
    } else {
        print::table(
            ["ID", "NAME", "ISSUER", "LEVELS", "ACTIVE"],
            rows.into_iter().map(|row| {
                [
                    row.id,
                    row.name,
                    row.issuer,
                    row.levels.join(" "),
                    row.active.to_string(),
                ]
            }),
        )?;
    }
    durable.close().await;
    Ok(Exit::Done)
}

/// What the record of a provider makes of claims, rule by rule.
async fn try_out(id: &str, claims: Option<&Path>, arguments: &ConfigArguments) -> Result<Exit> {
    let input = match claims {
        Some(file) => read(file)?,
        None => somebody(Acr::Eidas1),
    };
    let office = Office::open(arguments, drawer).await?;
    let record = office.desk.known(id).await?;
    let trial = Trial::run(&record, input)?;
    let holds = trial.rules.iter().all(|rule| rule.error.is_none());
    match office.output {
        Output::Json => print::json(&trial)?,
        Output::Text => in_words(&trial)?,
    }
    office.close().await?;
    Ok(if holds { Exit::Done } else { Exit::Failed })
}

fn in_words(trial: &Trial) -> Result<()> {
    print::line("input")?;
    print::json(&trial.input)?;
    print::line("")?;
    let rules = trial.rules.iter().map(|rule| {
        let outcome = match (&rule.result, &rule.error) {
            (Some(result), _) => result.to_string(),
            (None, error) => format!("✗ {}", error.as_deref().unwrap_or_default()),
        };
        [rule.claim.clone(), outcome, rule.rule.clone()]
    });
    print::table(["CLAIM", "RESULT", "RULE"], rules)?;
    print::line("")?;
    print::line("output")?;
    print::json(&json!({
        "claims": trial.claims,
        "acr": trial.acr,
        "level": trial.level,
        "amr": trial.amr,
        "dropped": trial.dropped,
    }))
}
