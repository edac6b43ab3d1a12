//! `guichet login`.

use std::path::PathBuf;

use clap::Subcommand;

use super::arguments::{ConfigArguments, key_and_value};

/// About logins tried out.
#[derive(Debug, Subcommand)]
pub(crate) enum LoginCommand {
    /// Says what would happen for a service, a provider and a citizen, rule by rule. Keeps nothing, asks nobody.
    /// Exit 1 when the login would end.
    Simulate {
        /// The service, by its `client_id`.
        client: String,
        /// The provider that the citizen would choose.
        provider: String,
        /// The level that it would reach for somebody made up.
        #[arg(long)]
        level: Option<String>,
        /// A JSON file: what the provider would say instead, `id_token` and `userinfo`.
        #[arg(long)]
        claims: Option<PathBuf>,
        /// A parameter of the authorization request, as NAME=VALUE; may be repeated.
        #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = key_and_value)]
        parameters: Vec<(String, String)>,
        #[command(flatten)]
        config: ConfigArguments,
    },
}
