//! `guichet admin bootstrap`: the first operator, and the way in where there is no other.

use std::sync::Arc;

use anyhow::Result;
use serde_json::json;

use super::books::Books;
use super::print;
use crate::cli::{AdminCommand, Exit, Output};
use crate::clock::SystemClock;
use crate::node::houses::{self, console};

/// Runs the command.
pub(crate) async fn run(command: AdminCommand) -> Result<Exit> {
    let AdminCommand::Bootstrap {
        address,
        reason,
        config,
    } = command;
    let books = Books::open(&config).await?;
    let (mail, management) = (&books.settings.mail, &books.settings.management);
    let post = mail.host.is_some().then(|| houses::mailer(mail));
    let post = post.transpose()?.map(console::console_post);
    let door = console::door(
        (&books.durable, &books.keys, &books.ledger),
        Arc::new(SystemClock),
        management.address(),
        post,
    );
    let link = door.bootstrap(&address, reason.as_deref()).await?;
    books.close().await?;
    match config.output {
        Output::Json => print::json(&json!({ "link": link }))?,
        Output::Text => print::line(&link)?,
    }
    Ok(Exit::Done)
}
