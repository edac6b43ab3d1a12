//! The sub-commands, one file each.

mod acting;
mod admin;
mod archive;
mod books;
mod clients;
mod config;
mod credentials;
mod data_provider;
mod demo;
mod doctor;
mod grant;
mod initial_access_tokens;
mod keys;
mod ledger;
mod logins;
mod migrate;
mod office;
mod person;
mod print;
mod providers;
mod receipt;
mod serve;
mod siem;
mod statement;
mod switches;
mod trials;
mod verdict;
mod webhooks;

use anyhow::Result;

use crate::cli::{Arguments, Command, Exit};

/// Runs what the command line asks for.
pub(crate) async fn run(arguments: Arguments) -> Result<Exit> {
    match arguments.command {
        Command::Demo(arguments) => Box::pin(demo::run(arguments)).await,
        Command::Serve(arguments) => serve::run(&arguments).await,
        Command::Config(command) => config::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Ledger(command) => ledger::run(command).await,
        Command::Client(command) => Box::pin(clients::run(command)).await,
        Command::Receipt(command) => receipt::run(command).await,
        Command::Archive(command) => archive::run(command),
        Command::Grant(command) => grant::run(command).await,
        Command::Person(command) => Box::pin(person::run(command)).await,
        Command::DataProvider(command) => data_provider::run(command).await,
        Command::Login(command) => logins::run(command).await,
        Command::Switch(command) => switches::run(command).await,
        Command::Webhook(command) => Box::pin(webhooks::run(command)).await,
        Command::Provider(command) => Box::pin(providers::run(command)).await,
        Command::Admin(command) => admin::run(command).await,
        Command::Migrate(command) => migrate::run(command).await,
        Command::Doctor(arguments) => doctor::run(&arguments).await,
    }
}
