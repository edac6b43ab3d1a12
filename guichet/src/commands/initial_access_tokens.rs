//! `guichet client token add|list|remove`: who may register clients.

use anyhow::{Result, bail};
use guichet_domain::{AuditEvent, Clock as _, EventKind};
use guichet_keys::{HandedOut, HandedOutKind, SystemEntropy};
use guichet_store::durable::{Durable, InitialAccessToken};
use serde_json::json;

use super::books::Books;
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
    let books = Books::open(arguments).await?;
    let tokens = &books.durable.initial_access_tokens;
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
    if is_there(&books.durable, &token.name).await? {
        bail!(is_known());
    }
    // On record before it is good for anything.
    let event = AuditEvent::new(EventKind::InitialAccessTokenAdded, now)
        .detail("name", &token.name)
        .detail("uses", uses);
    books.ledger.append(event).await?;
    books.ledger.flush().await?;
    if !tokens.add(&token).await? {
        bail!(is_known());
    }
    books.close().await?;
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
    let books = Books::open(arguments).await?;
    let tokens = &books.durable.initial_access_tokens;
    let unknown = || format!("there is no initial access token called {name}");
    if !is_there(&books.durable, name).await? {
        bail!(unknown());
    }
    let event = AuditEvent::new(EventKind::InitialAccessTokenRemoved, SystemClock.now());
    books.ledger.append(event.detail("name", name)).await?;
    books.ledger.flush().await?;
    if !tokens.remove(name).await? {
        bail!(unknown());
    }
    books.close().await?;
    Ok(Exit::Done)
}

async fn is_there(durable: &Durable, name: &str) -> Result<bool> {
    let tokens = durable.initial_access_tokens.all().await?;
    Ok(tokens.iter().any(|token| token.name == name))
}
