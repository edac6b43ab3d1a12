//! `guichet migrate` and `guichet doctor`.

use clap::{Args, Subcommand};

use super::arguments::ConfigArguments;

/// About the database's schema.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Which migrations have run.
    Status(ConfigArguments),
    /// Runs those that have not.
    Up(ConfigArguments),
}

/// How deep to look.
#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Only asks the running node whether it answers: for container health checks.
    #[arg(long)]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}
