//! `guichet demo`: the whole cast on free ports, one per test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::authenticator::{Authenticator, Used};
use crate::clock::Clock;
use crate::machine::guichet_binary;
use crate::process::{Process, mortal};

/// A running demo. Dropping it ends it.
pub struct Demo {
    /// Where everybody is.
    pub cast: Cast,
    /// The program.
    pub process: Process,
    folder: TempDir,
    used: Used,
}

/// The addresses the demo writes to its ready-file once everything answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Cast {
    /// The hub, which is also the issuer.
    pub hub: String,
    /// The admin console and API.
    pub admin: String,
    /// The mailbox.
    pub mailbox: String,
    /// The embedded identity providers: `citoyen`, `postale`.
    pub idp: BTreeMap<String, String>,
    /// The services: `carte-grise`, `plainte`, `cantine`, `banque`.
    pub services: BTreeMap<String, String>,
    /// The data providers.
    #[serde(default)]
    pub data_providers: BTreeMap<String, String>,
    /// The civil register.
    pub register: String,
    /// TOTP secrets of the accounts that have one, in base32, by login.
    #[serde(default)]
    pub totp: BTreeMap<String, String>,
}

/// What a demo starts with besides its own cast.
#[derive(Default)]
pub struct Guests {
    /// Clients of one's own: RFC 7591 metadata.
    pub clients: Vec<Value>,
    /// Upstream providers of one's own.
    pub providers: Vec<Value>,
}

impl Demo {
    /// Starts the cast.
    pub async fn start() -> Result<Self> {
        Self::with(Guests::default()).await
    }

    /// Starts the cast with these clients and providers added.
    pub async fn with(guests: Guests) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        write(&folder.path().join("clients.json"), &guests.clients)?;
        write(&folder.path().join("providers.json"), &guests.providers)?;
        let (process, cast) = launch(folder.path()).await?;
        Ok(Self {
            cast,
            process,
            folder,
            used: Used::default(),
        })
    }

    /// The whole cast is ahead of this machine by so many seconds, and no fewer from now on.
    pub async fn be_ahead(&self, seconds: u64) -> Result<()> {
        self.clock().be_ahead(seconds).await
    }

    /// By how many seconds the cast is ahead of this machine.
    pub fn ahead(&self) -> u64 {
        self.clock().ahead()
    }

    /// The authenticator application of an account that has one.
    pub fn authenticator(&self, login: &str) -> Result<Authenticator> {
        Ok(Authenticator {
            login: login.to_owned(),
            secret: self.totp(login)?.to_owned(),
            clock: self.clock(),
            used: Arc::clone(&self.used),
        })
    }

    fn clock(&self) -> Clock {
        Clock {
            file: self.folder.path().join(CLOCK),
            witness: self.hub("/exchange/catalogue.jwt"),
        }
    }

    /// Starts the cast again on what the last one left behind; ports are new.
    pub async fn restart(&mut self) -> Result<()> {
        self.process.kill()?;
        (self.process, self.cast) = launch(self.folder.path()).await?;
        Ok(())
    }

    /// The file in which the hub keeps what it must.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/hub/guichet.db")
    }

    /// The address of a service of the cast.
    pub fn service(&self, name: &str) -> &str {
        self.cast.services.get(name).map_or("", String::as_str)
    }

    /// The address of a data provider of the cast.
    pub fn data_provider(&self, name: &str) -> Result<&str> {
        let address = self.cast.data_providers.get(name);
        address
            .map(String::as_str)
            .with_context(|| format!("no data provider called {name}"))
    }

    /// The address of an embedded identity provider.
    pub fn idp(&self, name: &str) -> &str {
        self.cast.idp.get(name).map_or("", String::as_str)
    }

    /// An address at the hub.
    pub fn hub(&self, path: &str) -> String {
        format!("{}{path}", self.cast.hub)
    }

    /// The TOTP secret of an account.
    pub fn totp(&self, login: &str) -> Result<&str> {
        self.cast
            .totp
            .get(login)
            .map(String::as_str)
            .with_context(|| format!("{login} has no TOTP"))
    }
}

/// Says how far the cast is ahead.
const CLOCK: &str = "clock";

async fn launch(folder: &Path) -> Result<(Process, Cast)> {
    let ready_file = folder.join("ready.json");
    // A restart must not read what the last run wrote.
    let _ = fs::remove_file(&ready_file);
    let mut command = mortal(guichet_binary()?);
    command
        .args(["demo", "--ports", "auto", "--ready-file"])
        .arg(&ready_file);
    command.arg("--data-dir").arg(folder.join("data"));
    command.arg("--clock").arg(folder.join(CLOCK));
    for guests in ["clients", "providers"] {
        command
            .arg(format!("--{guests}"))
            .arg(folder.join(guests).with_extension("json"));
    }
    let mut process = Process::start("guichet demo", command)?;
    let cast = process
        .until(async |_| serde_json::from_slice(&fs::read(&ready_file).ok()?).ok())
        .await?;
    Ok((process, cast))
}

fn write(path: &Path, entries: &[Value]) -> Result<()> {
    Ok(fs::write(path, serde_json::to_vec_pretty(entries)?)?)
}
