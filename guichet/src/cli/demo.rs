//! `guichet demo`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What the demo starts with.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Clients to add: a JSON array of RFC 7591 metadata.
    #[arg(long)]
    pub(crate) clients: Option<PathBuf>,
    /// Upstream identity providers to add: a JSON array.
    #[arg(long)]
    pub(crate) providers: Option<PathBuf>,
    /// `standard`: 8000 to 8040; `auto`: free ports, for tests.
    #[arg(long, value_enum, default_value = "standard")]
    pub(crate) ports: Ports,
    /// Where to keep keys and databases; a temporary folder when not given.
    #[arg(long)]
    pub(crate) data_dir: Option<PathBuf>,
    /// A file that says by how many seconds the whole cast is ahead of this machine, looked at all the time: to see
    /// what a month brings. Time never goes back.
    #[arg(long)]
    pub(crate) clock: Option<PathBuf>,
    /// A file to write the addresses to, as JSON, once everything answers.
    #[arg(long)]
    pub(crate) ready_file: Option<PathBuf>,
}

/// Which ports the demo takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ports {
    /// 8000 to 8040.
    Standard,
    /// Whatever is free.
    Auto,
}
