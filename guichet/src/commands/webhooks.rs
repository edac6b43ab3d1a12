//! `guichet webhook list|show|add|set|disable|secret|deliveries|test|replay`: who is told what happens.

use std::sync::Arc;

use anyhow::{Result, bail};
use guichet_admin::webhooks::{WebhookDesk, WebhookRecords, webhook_sealer};
use guichet_domain::Clock as _;
use guichet_domain::webhook::WebhookSignature;
use guichet_store::durable::Replay;
use serde_json::{Value, json};

use super::office::{self, Cabinet};
use super::print;
use crate::cli::{
    ConfigArguments, Exit, Output, RegistryCommand, SignatureKind, WebhookCommand,
    WebhookSecretCommand,
};
use crate::clock::SystemClock;

/// Runs the command.
pub(crate) async fn run(command: WebhookCommand) -> Result<Exit> {
    match command {
        WebhookCommand::Registered(RegistryCommand::List(arguments)) => list(&arguments).await,
        WebhookCommand::Registered(RegistryCommand::Show { id, config }) => {
            let cabinet = Cabinet::open(&config).await?;
            print::json(&cabinet.desk(drawer).show(&id).await?)?;
            closed(cabinet).await
        }
        WebhookCommand::Change(change) => Box::pin(office::change(change, drawer)).await,
        WebhookCommand::Secret(command) => secret(command).await,
        WebhookCommand::Deliveries { id, limit, config } => deliveries(&id, limit, &config).await,
        WebhookCommand::Test { id, config } => {
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let webhook = desk.webhooks.known(&id).await?;
            let sequence = desk.test(&webhook).await?;
            tell(&json!({ "sequence": sequence }), &config)?;
            closed(cabinet).await
        }
        WebhookCommand::Replay {
            id,
            sequence,
            since,
            config,
        } => {
            let which = match (sequence, since) {
                (Some(sequence), None) => Replay::One(sequence),
                (None, Some(since)) => Replay::Since(since),
                _ => bail!("--sequence or --since, and one of them"),
            };
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let webhook = desk.webhooks.known(&id).await?;
            let replayed = desk.replay(&webhook, which).await?;
            tell(&json!({ "replayed": replayed }), &config)?;
            closed(cabinet).await
        }
    }
}

async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let cabinet = Cabinet::open(arguments).await?;
    let all = cabinet.desk(drawer).all().await?;
    match arguments.output {
        Output::Json => print::json(&all)?,
        Output::Text => print::table(
            ["ID", "URL", "ON", "EVENTS", "ACTIVE"],
            all.into_iter().map(|it| {
                let events = match it.events.len() {
                    0 => "all".to_owned(),
                    some => some.to_string(),
                };
                let active = it.active.unwrap_or(true).to_string();
                [it.id, it.url, it.on.unwrap_or_default(), events, active]
            }),
        )?,
    }
    closed(cabinet).await
}

async fn secret(command: WebhookSecretCommand) -> Result<Exit> {
    match command {
        WebhookSecretCommand::List { id, config } => {
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let all = desk.secrets(&*desk.webhooks.known(&id).await?);
            match config.output {
                Output::Json => print::json(&all)?,
                Output::Text => print::table(
                    ["ID", "SIGNATURE", "CREATED", "UNTIL", "LIVE"],
                    all.into_iter().map(|it| {
                        let until = it.until.unwrap_or_default();
                        let signature = json!(it.signature).as_str().unwrap_or_default().to_owned();
                        [it.id, signature, it.created, until, it.live.to_string()]
                    }),
                )?,
            }
            closed(cabinet).await
        }
        WebhookSecretCommand::Add {
            id,
            signature,
            overlap,
            config,
        } => {
            let end = overlap.map(|overlap| SystemClock.now().after(overlap.get()));
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let webhook = desk.webhooks.known(&id).await?;
            let signature = match signature {
                SignatureKind::V1 => WebhookSignature::Hmac,
                SignatureKind::V1a => WebhookSignature::Ed25519,
            };
            let made = desk.add_secret(&webhook, signature, end).await?;
            tell(
                &json!({ "id": made.id, "secret": made.text.as_str() }),
                &config,
            )?;
            closed(cabinet).await
        }
        WebhookSecretCommand::End {
            id,
            secret,
            at,
            config,
        } => {
            let cabinet = Cabinet::open(&config).await?;
            let desk = desk(&cabinet);
            let webhook = desk.webhooks.known(&id).await?;
            desk.end_secret(&webhook, &secret, at).await?;
            tell(&json!({ "id": secret, "done": "ended" }), &config)?;
            closed(cabinet).await
        }
    }
}

async fn deliveries(id: &str, limit: u32, arguments: &ConfigArguments) -> Result<Exit> {
    let cabinet = Cabinet::open(arguments).await?;
    let desk = desk(&cabinet);
    let webhook = desk.webhooks.known(id).await?;
    let all = desk.deliveries(&webhook, None, limit).await?;
    match arguments.output {
        Output::Json => print::json(&all)?,
        Output::Text => print::table(
            [
                "SEQUENCE",
                "TYPE",
                "TIMESTAMP",
                "STATE",
                "ATTEMPTS",
                "ERROR",
            ],
            all.into_iter().map(|it| {
                [
                    it.sequence.to_string(),
                    it.kind,
                    it.timestamp,
                    it.state.to_owned(),
                    it.attempts.to_string(),
                    it.error.unwrap_or_default(),
                ]
            }),
        )?,
    }
    closed(cabinet).await
}

fn drawer(cabinet: &Cabinet) -> (WebhookRecords, Vec<String>) {
    let records = WebhookRecords {
        webhooks: Arc::clone(&cabinet.books.durable.webhooks),
        teams: Arc::clone(&cabinet.books.durable.teams),
        history: cabinet.books.ledger.history().clone(),
        egress: cabinet.outgoing.policy().clone(),
    };
    (records, Vec::new())
}

fn desk(cabinet: &Cabinet) -> WebhookDesk {
    WebhookDesk {
        webhooks: cabinet.desk(drawer).shared(),
        sealer: webhook_sealer(&cabinet.books.keys),
        entropy: Arc::new(guichet_keys::SystemEntropy),
    }
}

async fn closed(cabinet: Cabinet) -> Result<Exit> {
    cabinet.close().await?;
    Ok(Exit::Done)
}

fn tell(what: &Value, arguments: &ConfigArguments) -> Result<()> {
    match arguments.output {
        Output::Json => print::json(what)?,
        Output::Text => {
            for (name, value) in what.as_object().into_iter().flatten() {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                print::line(&format!("{name}: {text}"))?;
            }
        }
    }
    Ok(())
}
