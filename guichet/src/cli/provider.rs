//! `guichet provider`.

use std::path::PathBuf;

use clap::Subcommand;

use super::arguments::ConfigArguments;
use super::records::{RecordChange, RegistryCommand};

/// About providers. Running nodes follow every change within seconds.
#[derive(Debug, Subcommand)]
pub(crate) enum ProviderCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Shows what its record makes of claims: input, each rule's trace, output. Exit 1 when a rule fails.
    Test {
        /// Its identifier.
        #[arg(allow_hyphen_values = true)]
        id: String,
        /// A JSON file: `id_token` and `userinfo`, or the members of a userinfo answer; somebody made up when not given.
        #[arg(long)]
        claims: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
