//! `guichet keys list|rotate|revoke|export-public`.

use anyhow::{Context as _, Result};
use guichet_domain::{AuditEvent, Clock as _, EventKind, Timestamp};
use guichet_keys::Keys;

use super::books::Books;
use super::{config, print, receipt};
use crate::cli::{ConfigArguments, Exit, KeyUse, KeysCommand, Output};
use crate::clock::SystemClock;
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: KeysCommand) -> Result<Exit> {
    match command {
        KeysCommand::List(arguments) => list(&arguments)?,
        KeysCommand::Rotate { alg, config } => rotate(&config, alg).await?,
        KeysCommand::Revoke { kid, config } => revoke(&config, &kid).await?,
        KeysCommand::ExportPublic { receipts, config } => {
            let ground = Ground::of(&config::load(&config)?.settings)?;
            if receipts {
                print::json(&receipt::published(&ground)?)?;
            } else {
                let keys = ground.keys(Opening::Existing)?;
                print::line(&String::from_utf8_lossy(&keys.jwks()))?;
            }
        }
    }
    Ok(Exit::Done)
}

fn list(arguments: &ConfigArguments) -> Result<()> {
    let keys = Ground::of(&config::load(arguments)?.settings)?.keys(Opening::Existing)?;
    let inventory = keys.inventory();
    if arguments.output == Output::Json {
        return print::json(&inventory);
    }
    print::table(
        ["RING", "ALG", "STAGE", "PLACE", "KID", "SINCE (ms)"],
        inventory.into_iter().map(|key| {
            [
                key.ring.to_owned(),
                key.alg.to_owned(),
                key.stage.as_str().to_owned(),
                key.place.as_str().to_owned(),
                key.kid,
                key.since.millis().to_string(),
            ]
        }),
    )
}

/// The audit entry comes first: a rotation nobody can account for must not happen.
async fn rotate(arguments: &ConfigArguments, which: Option<KeyUse>) -> Result<()> {
    let books = Books::open(arguments).await?;
    let used = &books.settings.keys;
    let signing = used.algorithms.iter().copied().map(KeyUse::Signing);
    let encryption = used.encryption.iter().copied().map(KeyUse::Encryption);
    let all = || signing.chain(encryption).collect();
    for which in which.map_or_else(all, |which| vec![which]) {
        let now = SystemClock.now();
        let event = AuditEvent::new(EventKind::KeyRotated, now).detail("alg", which.alg());
        books.ledger.append(event).await?;
        which.rotate(&books.keys, now)?;
        print::line(&format!("{}: the next key is in use now", which.alg()))?;
    }
    books.close().await
}

/// The same order: first the entry, then what it records.
async fn revoke(arguments: &ConfigArguments, kid: &str) -> Result<()> {
    let books = Books::open(arguments).await?;
    let mut inventory = books.keys.inventory().into_iter();
    let key = inventory
        .find(|key| key.kid == kid)
        .context("no key has this kid; `guichet keys list` shows those there are")?;
    let now = SystemClock.now();
    let event = AuditEvent::new(EventKind::KeyRevoked, now)
        .detail("ring", key.ring)
        .detail("alg", key.alg)
        .detail("stage", key.stage.as_str())
        .detail("kid", kid);
    books.ledger.append(event).await?;
    books.keys.revoke(kid, now)?;
    books.close().await?;
    print::line(&format!("{}: {kid} is revoked", key.alg))
}

impl KeyUse {
    const fn alg(self) -> &'static str {
        match self {
            Self::Signing(alg) => alg.as_str(),
            Self::Encryption(alg) => alg.as_str(),
        }
    }

    fn rotate(self, keys: &Keys, now: Timestamp) -> Result<()> {
        match self {
            Self::Signing(alg) => keys.ring().rotate(alg, now)?,
            Self::Encryption(alg) => keys.decryption_ring().rotate(alg, now)?,
        }
        Ok(())
    }
}
