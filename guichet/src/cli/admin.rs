//! `guichet admin`.

use clap::Subcommand;

use super::arguments::ConfigArguments;

/// About who operates the hub.
#[derive(Debug, Subcommand)]
pub(crate) enum AdminCommand {
    /// Prints a link, good once and for an hour, that makes whoever opens it and signs in an operator.
    Bootstrap {
        /// Where mail reaches them: they are told when somebody goes around the usual way in.
        #[arg(long)]
        address: String,
        /// Why another way in is needed, where somebody operates the hub already. They are told.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
