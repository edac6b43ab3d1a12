//! `guichet config check|show|schema`.

use anyhow::Result;
use guichet_config::{Loaded, Sources};
use serde::Serialize;

use super::print;
use crate::cli::{ConfigArguments, ConfigCommand, Exit, Output};
use crate::node::declared;

/// Runs the command.
pub(crate) fn run(command: ConfigCommand) -> Result<Exit> {
    match command {
        ConfigCommand::Check(arguments) => {
            let loaded = load(&arguments)?;
            declared::check(&loaded.settings)?;
            print::line("the settings hold")?;
        }
        ConfigCommand::Show(arguments) => show(&load(&arguments)?, arguments.output)?,
        ConfigCommand::Schema => print::json(&guichet_config::json_schema())?,
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
            let mut rows = vec![vec![
                "KEY".to_owned(),
                "VALUE".to_owned(),
                "SOURCE".to_owned(),
            ]];
            rows.extend(
                shown
                    .into_iter()
                    .map(|one| vec![one.key, one.value.to_string(), one.source]),
            );
            print::columns(&rows)
        }
    }
}
