//! `guichet config`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::arguments::ConfigArguments;

/// About the settings.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Checks file, environment and flags together.
    Check(ConfigArguments),
    /// Prints the effective settings, secrets redacted, each with its source.
    Show(ConfigArguments),
    /// Prints the JSON Schema of the settings file.
    Schema,
    /// Makes the registry what files declare: clients, providers, data providers. The plan is printed and then
    /// carried out; a record that somebody changes in between is left alone.
    #[command(
        after_help = "With --check exit 1 when anything differs: what drifted, or was not applied yet."
    )]
    Apply(ApplyArguments),
    /// Turns what another product exported into such a file, printed; each record has a line on standard error.
    Import {
        /// Which product.
        from: ImportSource,
        /// What it exported.
        file: PathBuf,
    },
}

/// What is made so.
#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    /// TOML or JSON files, or folders of them, with lists `clients`, `providers`, `data_providers`.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Prints the plan and changes nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The same, and exit 1 unless nothing would change.
    #[arg(long)]
    pub(crate) check: bool,
    /// What is in use and declared nowhere goes out of use, of the kinds that the files list. What registered
    /// itself stays.
    #[arg(long)]
    pub(crate) prune: bool,
    /// How many records may go out of use at once; a tenth of them, and three at least, when it is not said.
    #[arg(long, requires = "prune")]
    pub(crate) prune_at_most: Option<usize>,
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
}

/// Whose exports are understood.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ImportSource {
    /// A realm of Keycloak (JSON): its OpenID Connect clients and identity providers.
    Keycloak,
    /// The list of service providers of FranceConnect (CSV, twelve columns).
    Franceconnect,
}
