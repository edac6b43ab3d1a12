//! `guichet ledger`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::arguments::ConfigArguments;

/// About the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Reads every entry and checkpoint and says whether anything was changed, removed or moved.
    Verify {
        /// A checkpoint kept elsewhere, which the log must agree with.
        #[arg(long)]
        against: Option<PathBuf>,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Sends its entries to a SIEM, on standard output or to a collector, each at least once.
    Export {
        /// As what.
        #[arg(long, value_enum)]
        format: ExportFormat,
        /// The first entry, by its place in the log; without it where the cursor stands, or 0.
        #[arg(long)]
        from: Option<u64>,
        /// A file that keeps how far it came.
        #[arg(long)]
        cursor: Option<PathBuf>,
        /// A collector that takes OTLP over HTTP, such as `https://collector.example/v1/logs`.
        #[arg(long)]
        to: Option<String>,
        /// Goes on as the log grows, and tries again where the collector does not answer.
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        config: ConfigArguments,
    },
    /// Prints the latest signed checkpoint, to be kept elsewhere.
    Checkpoint {
        /// With the proof that it continues the log of so many entries, instead of its hashes.
        #[arg(long)]
        since: Option<u64>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}

/// As what the audit log leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Common Event Format: a line each entry.
    Cef,
    /// OpenTelemetry logs, as JSON.
    OtlpJson,
}
