//! `guichet keys list|rotate|export-public`.

use anyhow::Result;
use guichet_domain::{AuditEvent, Clock as _, EventKind, SigningAlg};

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, KeysCommand, Output};
use crate::clock::SystemClock;
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: KeysCommand) -> Result<Exit> {
    match command {
        KeysCommand::List(arguments) => list(&arguments)?,
        KeysCommand::Rotate { alg, config } => rotate(&config, alg).await?,
        KeysCommand::ExportPublic(arguments) => {
            let keys = Ground::of(&config::load(&arguments)?.settings)?.keys(Opening::Existing)?;
            print::line(&String::from_utf8_lossy(&keys.ring().jwks()))?;
        }
    }
    Ok(Exit::Done)
}

fn list(arguments: &ConfigArguments) -> Result<()> {
    let keys = Ground::of(&config::load(arguments)?.settings)?.keys(Opening::Existing)?;
    let infos = keys.ring().keys();
    if arguments.output == Output::Json {
        return print::json(&infos);
    }
    print::table(
        ["ALG", "STAGE", "KID", "SINCE (ms)"],
        infos.into_iter().map(|key| {
            let stage = format!("{:?}", key.stage).to_lowercase();
            [
                key.alg.as_str().to_owned(),
                stage,
                key.kid,
                key.since.millis().to_string(),
            ]
        }),
    )
}

/// The audit entry comes first: a rotation nobody can account for must not happen.
async fn rotate(arguments: &ConfigArguments, alg: Option<SigningAlg>) -> Result<()> {
    let settings = config::load(arguments)?.settings;
    let ground = Ground::of(&settings)?;
    let keys = ground.keys(Opening::Existing)?;
    let durable = ground.durable(Opening::Existing).await?;
    let ledger = ground.ledger(&keys, &durable).await?;
    for alg in alg.map_or(settings.keys.algorithms, |alg| vec![alg]) {
        let now = SystemClock.now();
        let event = AuditEvent::new(EventKind::KeyRotated, now).detail("alg", alg.as_str());
        ledger.append(event).await?;
        keys.ring().rotate(alg, now)?;
        print::line(&format!("{}: the next key signs now", alg.as_str()))?;
    }
    ledger.flush().await?;
    durable.close().await;
    Ok(())
}
