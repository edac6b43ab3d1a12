//! `guichet keys list|rotate|export-public`.

use anyhow::Result;
use guichet_domain::{AuditEvent, Clock as _, EventKind, SigningAlg};

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, KeysCommand, Output};
use crate::clock::SystemClock;
use crate::node::Ground;

/// Runs the command.
pub(crate) async fn run(command: KeysCommand) -> Result<Exit> {
    match command {
        KeysCommand::List(arguments) => list(&arguments)?,
        KeysCommand::Rotate { alg, config } => rotate(&config, alg).await?,
        KeysCommand::ExportPublic(arguments) => {
            let keys = Ground::of(&config::load(&arguments)?.settings)?.keys()?;
            print::line(&String::from_utf8_lossy(&keys.ring().jwks()))?;
        }
    }
    Ok(Exit::Done)
}

fn list(arguments: &ConfigArguments) -> Result<()> {
    let keys = Ground::of(&config::load(arguments)?.settings)?.keys()?;
    let infos = keys.ring().keys();
    if arguments.output == Output::Json {
        return print::json(&infos);
    }
    let mut rows = vec![
        ["ALG", "STAGE", "KID", "SINCE (ms)"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(infos.into_iter().map(|key| {
        vec![
            key.alg.as_str().to_owned(),
            format!("{:?}", key.stage).to_lowercase(),
            key.kid,
            key.since.millis().to_string(),
        ]
    }));
    print::columns(&rows)
}

/// The audit entry comes first: a rotation nobody can account for must not happen.
async fn rotate(arguments: &ConfigArguments, alg: Option<SigningAlg>) -> Result<()> {
    let settings = config::load(arguments)?.settings;
    let foundation = Ground::of(&settings)?.lay().await?;
    for alg in alg.map_or(settings.keys.algorithms.clone(), |alg| vec![alg]) {
        let now = SystemClock.now();
        foundation
            .ledger
            .append(AuditEvent::new(EventKind::KeyRotated, now).detail("alg", alg.as_str()))
            .await?;
        foundation.keys.ring().rotate(alg, now)?;
        print::line(&format!("{}: the next key signs now", alg.as_str()))?;
    }
    foundation.ledger.flush().await?;
    foundation.durable.close().await;
    Ok(())
}
