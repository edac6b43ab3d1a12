//! `guichet client secret|key list|add|end`: what a client proves itself by, one following the other.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use guichet_admin::{ClientRecords, Credential, CredentialDesk, CredentialKind, RecordDesk};
use guichet_domain::Clock as _;
use serde_json::{Value, json};

use super::clients::drawer;
use super::office::{Cabinet, read};
use super::print;
use crate::cli::{ConfigArguments, CredentialCommand, Exit, Output};
use crate::clock::SystemClock;

/// Runs the command for what is of `kind`.
pub(super) async fn run(command: CredentialCommand, kind: CredentialKind) -> Result<Exit> {
    match command {
        CredentialCommand::List { id, config } => list(&id, kind, &config).await,
        CredentialCommand::Add {
            id,
            file,
            overlap,
            config,
        } => {
            let end = overlap.map(|overlap| SystemClock.now().after(overlap.get()));
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let client = desk.clients.known(&id).await?;
            let made = match (kind, file.as_deref()) {
                (CredentialKind::Secret, None) => {
                    let made = desk.add_secret(&client, end).await?;
                    json!({ "id": made.id, "client_secret": made.secret.as_str() })
                }
                (CredentialKind::Key, Some(file)) => {
                    json!({ "id": desk.add_key(&client, &key(file)?, end).await? })
                }
                (CredentialKind::Secret, Some(_)) => bail!("a secret is made here: no --file"),
                (CredentialKind::Key, None) => bail!("--file: the public JWK is needed"),
            };
            tell(&made, &config)?;
            cabinet.close().await?;
            Ok(Exit::Done)
        }
        CredentialCommand::End {
            id,
            credential,
            at,
            config,
        } => {
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let client = desk.clients.known(&id).await?;
            desk.end(&client, (kind, &credential), at).await?;
            tell(&json!({ "id": credential, "done": "ended" }), &config)?;
            cabinet.close().await?;
            Ok(Exit::Done)
        }
    }
}

async fn list(id: &str, kind: CredentialKind, arguments: &ConfigArguments) -> Result<Exit> {
    let cabinet = Cabinet::open(arguments).await?;
    let desk = desk(&cabinet);
    let client = desk.clients.known(id).await?;
    let all = desk.list(&client).await?;
    let all: Vec<Credential> = all.into_iter().filter(|it| it.kind == kind).collect();
    match arguments.output {
        Output::Json => print::json(&all)?,
        Output::Text => print::table(
            ["ID", "CREATED", "UNTIL", "LAST USED", "LIVE"],
            all.into_iter().map(|it| {
                let text = Option::unwrap_or_default;
                [
                    it.id,
                    text(it.created),
                    text(it.until),
                    text(it.last_used),
                    it.live.to_string(),
                ]
            }),
        )?,
    }
    cabinet.close().await?;
    Ok(Exit::Done)
}

fn desk(cabinet: &Cabinet) -> CredentialDesk {
    let desk: RecordDesk<ClientRecords> = cabinet.desk(drawer);
    CredentialDesk {
        clients: desk.shared(),
        uses: Arc::clone(&cabinet.books.durable.credential_uses),
        entropy: Arc::new(guichet_keys::SystemEntropy),
    }
}

fn key(file: &Path) -> Result<Value> {
    read(file)
}

fn tell(what: &Value, arguments: &ConfigArguments) -> Result<()> {
    match arguments.output {
        Output::Json => print::json(what)?,
        Output::Text => {
            for (name, value) in what.as_object().into_iter().flatten() {
                let value = value.as_str().unwrap_or_default();
                print::line(&format!("{name}: {value}"))?;
            }
        }
    }
    Ok(())
}
