//! What every kind of records can be asked: list, show, add, set, disable.

use std::path::PathBuf;

use clap::Subcommand;

use super::arguments::{ConfigArguments, key_and_value};

/// About what is registered.
#[derive(Debug, Subcommand)]
pub(crate) enum RegistryCommand {
    /// Lists them.
    List(ConfigArguments),
    /// Shows one.
    Show {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// Changes of what is registered, but for what the settings declare. Running nodes follow every one within
/// seconds.
#[derive(Debug, Subcommand)]
pub(crate) enum RecordChange {
    /// Adds one, from a JSON file with its metadata.
    Add {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Changes members of one.
    Set {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// What becomes of which member: a JSON value or a text; `null` for the default.
        #[arg(required = true, value_name = "MEMBER=VALUE", value_parser = key_and_value)]
        members: Vec<(String, String)>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Makes one unusable, for what is under way as well. `set ID active=true` is the way back.
    Disable {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
