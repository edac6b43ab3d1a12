//! The sub-commands, one file each.

mod config;
mod demo;
mod doctor;
mod keys;
mod ledger;
mod migrate;
mod print;
mod registry;
mod serve;

use anyhow::Result;

use crate::cli::{Arguments, Command, Exit};

/// Runs what the command line asks for.
pub(crate) async fn run(arguments: Arguments) -> Result<Exit> {
    match arguments.command {
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Serve(arguments) => serve::run(&arguments).await,
        Command::Config(command) => config::run(command),
        Command::Keys(command) => keys::run(command).await,
        Command::Ledger(command) => ledger::run(command).await,
        Command::Client(command) => registry::clients(command).await,
        Command::Provider(command) => registry::providers(command).await,
        Command::Migrate(command) => migrate::run(command).await,
        Command::Doctor(arguments) => doctor::run(&arguments).await,
    }
}
