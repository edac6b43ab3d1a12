//! `guichet switch`.

use clap::Subcommand;

use super::arguments::ConfigArguments;

/// About what is switched off.
#[derive(Debug, Subcommand)]
pub(crate) enum SwitchCommand {
    /// Lists what is off.
    List(ConfigArguments),
    /// Switches the hub, a service or an identity provider off, on every node within a second, until somebody
    /// switches it on.
    Off {
        /// `hub`, `client:ID` or `provider:ID`.
        target: String,
        /// Why: it stays on record.
        #[arg(long)]
        reason: String,
        /// What citizens read, in French.
        #[arg(long)]
        message_fr: Option<String>,
        /// The same in English.
        #[arg(long)]
        message_en: Option<String>,
        /// When it is to come back, as citizens are told, such as 2027-01-31T08:00:00Z.
        #[arg(long)]
        until: Option<String>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Switches it on again.
    On {
        /// `hub`, `client:ID` or `provider:ID`.
        target: String,
        /// Why: it stays on record.
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
