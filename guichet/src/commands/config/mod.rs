//! `guichet config check|show|schema|apply|import`.

mod apply;
mod import;

use anyhow::Result;
use guichet_config::{Loaded, Sources};
use serde::Serialize;

use super::print;
use crate::cli::{ConfigArguments, ConfigCommand, Exit, Output};
use crate::node;

/// Runs the command.
pub(crate) async fn run(command: ConfigCommand) -> Result<Exit> {
    match command {
        ConfigCommand::Check(arguments) => {
            let loaded = load(&arguments)?;
            node::check(&loaded.settings).await?;
            match arguments.output {
                Output::Json => print::json(&serde_json::json!({ "ok": true }))?,
                Output::Text => print::line("the settings hold")?,
            }
        }
        ConfigCommand::Show(arguments) => show(&load(&arguments)?, arguments.output)?,
        ConfigCommand::Schema => print::json(&guichet_config::json_schema())?,
        ConfigCommand::Apply(arguments) => return apply::run(&arguments).await,
        ConfigCommand::Import { from, file } => return import::run(from, &file),
    }
    Ok(Exit::Done)
}

/// The settings that file, environment and flags make together.
pub(crate) fn load(arguments: &ConfigArguments) -> Result<Loaded> {
    Ok(Sources::of_process(Some(&arguments.config), arguments.set.clone())?.load()?)
}

fn show(loaded: &Loaded, output: Output) -> Result<()> {
    #[derive(Serialize)]
    struct Shown {
        key: String,
        value: serde_json::Value,
        source: String,
    }
    let shown: Vec<Shown> = loaded
        .explain()
        .into_iter()
        .map(|(key, value, source)| Shown {
            key,
            value,
            source: source.to_string(),
        })
        .collect();
    match output {
        Output::Json => print::json(&shown),
        Output::Text => {
            let rows = shown
                .into_iter()
                .map(|one| [one.key, one.value.to_string(), one.source]);
            print::table(["KEY", "VALUE", "SOURCE"], rows)
        }
    }
}
