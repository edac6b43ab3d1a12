//! `guichet receipt` and `guichet archive`: what citizens can prove, checked offline.

use std::path::PathBuf;

use clap::Subcommand;

use super::arguments::ConfigArguments;

/// About receipts.
#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptCommand {
    /// Checks a receipt, or a statement of a whole history, offline and says what it says, or precisely what is
    /// wrong with it.
    Verify {
        /// The receipt, or the statement.
        file: PathBuf,
        /// What the hub publishes at /exchange/receipts/keys; the keys of the settings when not given.
        #[arg(long)]
        keys: Option<PathBuf>,
        /// A checkpoint kept elsewhere, of whose history the receipt must be.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// An earlier statement of the same citizen, all of which must be in this one.
        #[arg(long)]
        earlier: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Holds a statement against the whole audit log: what it leaves out, and what is not the citizen's.
    Recount {
        /// The statement.
        file: PathBuf,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// About archives.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Checks an archive offline: that the hub signed it, and that nothing in it was changed.
    Verify {
        /// The archive.
        file: PathBuf,
        /// What the hub publishes at /exchange/receipts/keys; the keys of the settings when not given.
        #[arg(long)]
        keys: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
