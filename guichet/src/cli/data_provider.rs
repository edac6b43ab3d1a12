//! `guichet data-provider`.

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use url::Url;

use super::arguments::Output;
use super::records::{RecordChange, RegistryCommand};

/// About data providers.
#[derive(Debug, Subcommand)]
pub(crate) enum DataProviderCommand {
    #[command(flatten)]
    Registered(RegistryCommand),
    #[command(flatten)]
    Change(RecordChange),
    /// Grades a data provider on this machine: plays the hub and a service, sends one good request and
    /// every bad one. For the time of the test the data provider's hub is the address of --listen.
    Test(Box<DataProviderTest>),
}

/// The data provider under test, and what it knows.
#[derive(Clone, Debug, Args)]
pub(crate) struct DataProviderTest {
    /// Its evidence endpoint.
    pub(crate) endpoint: Url,
    /// Its public keys: the address of its JWK Set.
    #[arg(long)]
    pub(crate) keys: Url,
    /// Its short name: the audience of its vouchers.
    #[arg(long)]
    pub(crate) id: String,
    /// A citizen it has a file of, by the `sub` it knows them by.
    #[arg(long)]
    pub(crate) subject: String,
    /// An evidence it holds of them.
    #[arg(long)]
    pub(crate) evidence_type: String,
    /// Fields of it, separated by commas.
    #[arg(long, required = true, value_delimiter = ',')]
    pub(crate) fields: Vec<String>,
    /// Where the played hub listens; http:// and this is the issuer that the data provider trusts.
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub(crate) listen: SocketAddr,
    /// How to print.
    #[arg(short, long, value_enum, default_value = "text")]
    pub(crate) output: Output,
}
