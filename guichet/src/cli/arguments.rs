//! What many commands take: where the settings are, how to print, who acts.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Where the settings are.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfigArguments {
    /// The settings file.
    #[arg(long, default_value = "guichet.toml")]
    pub(crate) config: PathBuf,
    /// A setting over file and environment, as section.key=value; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) set: Vec<(String, String)>,
    /// How to print.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) output: Output,
}

/// How a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct Acting {
    /// The operator's name, one of `[[operators]]`.
    #[arg(long)]
    pub(crate) operator: String,
    /// The file that holds their credential.
    #[arg(long)]
    pub(crate) credential_file: PathBuf,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "a setting is written section.key=value".to_owned())
}
