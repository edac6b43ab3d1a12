//! The command line: sub-commands, flags, exit codes. One file a noun.

mod admin;
mod arguments;
mod client;
mod config;
mod data_provider;
mod demo;
mod exit;
mod grant;
mod keys;
mod ledger;
mod login;
mod node;
mod person;
mod provider;
mod receipt;
mod records;
mod switch;
mod webhook;

use clap::{Parser, Subcommand};

pub(crate) use admin::AdminCommand;
pub(crate) use arguments::{Acting, ConfigArguments, Output};
pub(crate) use client::{ClientCommand, CredentialCommand, TokenCommand};
pub(crate) use config::{ApplyArguments, ConfigCommand, ImportSource};
pub(crate) use data_provider::{DataProviderCommand, DataProviderTest};
pub(crate) use demo::{DemoArguments, Ports};
pub(crate) use exit::{BadSetting, Exit};
pub(crate) use grant::GrantCommand;
pub(crate) use keys::{KeyUse, KeysCommand};
pub(crate) use ledger::{ExportFormat, LedgerCommand};
pub(crate) use login::LoginCommand;
pub(crate) use node::{DoctorArguments, MigrateCommand};
pub(crate) use person::{PersonCommand, RequestOutcome};
pub(crate) use provider::ProviderCommand;
pub(crate) use receipt::{ArchiveCommand, ReceiptCommand};
pub(crate) use records::{RecordChange, RegistryCommand};
pub(crate) use switch::SwitchCommand;
pub(crate) use webhook::{SignatureKind, WebhookCommand, WebhookSecretCommand};

/// Guichet, an identity federation hub for citizens.
#[derive(Debug, Parser)]
#[command(version, about, propagate_version = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole cast on this machine: hub, identity providers, services, register, mailbox. Loopback only, not for production.
    Demo(DemoArguments),
    /// A production node.
    Serve(ConfigArguments),
    /// Checks, shows or describes the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Signing keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The audit log.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Receipts of citizens.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Archives of what is held about a citizen.
    #[command(subcommand)]
    Archive(ArchiveCommand),
    /// Decisions of citizens about evidence.
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Registered clients.
    #[command(subcommand)]
    Client(ClientCommand),
    /// Registered upstream identity providers.
    #[command(
        subcommand,
        after_help = "A changed address takes the stored secret away: give it again. One that is disabled ends logins under way."
    )]
    Provider(ProviderCommand),
    /// Logins tried out.
    #[command(subcommand)]
    Login(LoginCommand),
    /// Kill switches.
    #[command(subcommand)]
    Switch(SwitchCommand),
    /// Webhooks: addresses that are told what happens, signed.
    #[command(
        subcommand,
        after_help = "A new one is told nothing before it has a secret: `secret add`."
    )]
    Webhook(WebhookCommand),
    /// Data providers: administrations that hand out evidence.
    #[command(
        subcommand,
        after_help = "From one that is disabled no evidence comes, and vouchers already out stop working."
    )]
    DataProvider(DataProviderCommand),
    /// Citizens, by their identifiers: who is who, who may act, and corrections of it.
    #[command(subcommand)]
    Person(PersonCommand),
    /// Who operates the hub.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// The database's schema.
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// A diagnosis: settings, stores, keys, audit log, providers.
    Doctor(DoctorArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_setting_on_the_command_line_needs_a_value() {
        let parse = |text| Arguments::try_parse_from(["guichet", "serve", "--set", text]).is_ok();
        assert!(parse("hub.name=A=B"));
        assert!(!parse("hub.name"));
    }
}
