//! `guichet client token add|list|remove`: who may register clients.

use anyhow::{Result, bail};
use guichet_domain::{AuditEvent, Clock as _, EventKind};
use guichet_keys::{HandedOut, HandedOutKind, SystemEntropy};
use guichet_store::durable::{Durable, InitialAccessToken};
use serde_json::json;

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, Output, TokenCommand};
use crate::clock::SystemClock;
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: TokenCommand) -> Result<Exit> {
    match command {
        TokenCommand::Add {
            name,
            uses,
            valid,
            config,
        } => add(&config, name, uses, valid.get()).await,
        TokenCommand::List(config) => list(&config).await,
        TokenCommand::Remove { name, config } => remove(&config, &name).await,
    }
}

/// The only moment at which the token's text is seen.
async fn add(
    arguments: &ConfigArguments,
    name: String,
    uses: u32,
    valid: std::time::Duration,
) -> Result<Exit> {
    let ground = Ground::of(&config::load(arguments)?.settings)?;
    let keys = ground.keys(Opening::Existing)?;
    let durable = ground.durable(Opening::Existing).await?;
    let text = HandedOut::fresh(&SystemEntropy, HandedOutKind::InitialAccessToken);
    let now = SystemClock.now();
    let token = InitialAccessToken {
        name,
        hash: *text.hash().as_bytes(),
        uses,
        expires: now.after(valid),
    };
    let is_known = || {
        format!(
            "there is an initial access token called {} already",
            token.name
        )
    };
    if is_there(&durable, &token.name).await? {
        bail!(is_known());
    }
    // On record before it is good for anything.
    let ledger = ground.ledger(&keys, &durable).await?;
    let event = AuditEvent::new(EventKind::InitialAccessTokenAdded, now)
        .detail("name", &token.name)
        .detail("uses", uses);
    ledger.append(event).await?;
    ledger.flush().await?;
    if !durable.initial_access_tokens.add(&token).await? {
        bail!(is_known());
    }
    durable.close().await;
    match arguments.output {
        Output::Json => print::json(&json!({
            "name": token.name,
            "initial_access_token": text.text(),
            "uses": uses,
            "expires": token.expires.seconds(),
        }))?,
        Output::Text => print::line(text.text())?,
    }
    Ok(Exit::Done)
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = Ground::of(&config::load(arguments)?.settings)?
        .durable(Opening::Existing)
        .await?;
    let tokens = durable.initial_access_tokens.all().await?;
    durable.close().await;
    match arguments.output {
        Output::Json => {
            let rows: Vec<_> = tokens
                .iter()
                .map(|token| {
                    json!({"name": token.name, "uses": token.uses, "expires": token.expires.seconds()})
                })
                .collect();
            print::json(&rows)?;
        }
        Output::Text => {
            let now = SystemClock.now();
            let rows = tokens.into_iter().map(|token| {
                let is_live = token.uses > 0 && now < token.expires;
                [
                    token.name,
                    token.uses.to_string(),
                    token.expires.seconds().to_string(),
                    is_live.to_string(),
                ]
            });
            print::table(["NAME", "USES LEFT", "EXPIRES (UNIX)", "LIVE"], rows)?;
        }
    }
    Ok(Exit::Done)
}

async fn remove(arguments: &ConfigArguments, name: &str) -> Result<Exit> {
    let ground = Ground::of(&config::load(arguments)?.settings)?;
    let keys = ground.keys(Opening::Existing)?;
    let durable = ground.durable(Opening::Existing).await?;
    let unknown = || format!("there is no initial access token called {name}");
    if !is_there(&durable, name).await? {
        bail!(unknown());
    }
    let ledger = ground.ledger(&keys, &durable).await?;
    let event = AuditEvent::new(EventKind::InitialAccessTokenRemoved, SystemClock.now());
    ledger.append(event.detail("name", name)).await?;
    ledger.flush().await?;
    if !durable.initial_access_tokens.remove(name).await? {
        bail!(unknown());
    }
    durable.close().await;
    Ok(Exit::Done)
}

async fn is_there(durable: &Durable, name: &str) -> Result<bool> {
    let tokens = durable.initial_access_tokens.all().await?;
    Ok(tokens.iter().any(|token| token.name == name))
}
