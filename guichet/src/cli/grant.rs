//! `guichet grant`.

use clap::Subcommand;
use guichet_domain::{ExchangeId, Timestamp};

use super::arguments::Acting;

/// About decisions on evidence.
#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// By an order, keeps an exchange from its citizen until a date. There is no way to hide it for good.
    Hide {
        /// Which exchange, as the audit log names it.
        #[arg(allow_hyphen_values = true)]
        exchange: ExchangeId,
        /// Open from then on, such as 2027-01-31T00:00:00Z.
        #[arg(long)]
        until: Timestamp,
        /// Who ordered it.
        #[arg(long)]
        authority: String,
        /// The order: a reference, never personal data.
        #[arg(long)]
        order: String,
        #[command(flatten)]
        acting: Acting,
    },
}
