//! `guichet admin bootstrap`: the first operator, and the way in where there is no other.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::{config, print};
use crate::cli::{AdminCommand, Exit, Output};
use crate::clock::SystemClock;
use crate::node::houses::{self, console};
use crate::node::{Ground, Opening};

/// Runs the command.
pub(crate) async fn run(command: AdminCommand) -> Result<Exit> {
    let AdminCommand::Bootstrap {
        address,
        reason,
        config,
    } = command;
    let settings = config::load(&config)?.settings;
    let ground = Ground::of(&settings)?;
    let keys = ground.keys(Opening::Existing)?;
    let durable = ground.durable(Opening::Existing).await?;
    let ledger = ground.ledger(&keys, &durable).await?;
    let has_relay = settings.mail.host.is_some();
    let post = has_relay.then(|| houses::mailer(&settings.mail));
    let post = post.transpose()?.map(console::console_post);
    let door = console::door(
        (&durable, &keys, &ledger),
        Arc::new(SystemClock),
        settings.management.address(),
        post,
    );
    let link = door.bootstrap(&address, reason.as_deref()).await?;
    ledger.flush().await?;
    durable.close().await;
    match config.output {
        Output::Json => print::json(&json!({ "link": link }))?,
        Output::Text => print::line(&link)?,
    }
    Ok(Exit::Done)
}
