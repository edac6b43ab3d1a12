//! `guichet grant hide`: an order by which a law keeps an exchange from its citizen until a date. Running nodes
//! follow within seconds; at the date it opens by itself.

use anyhow::{Context as _, Result};
use guichet_domain::{Clock as _, ExchangeId, Timestamp};
use guichet_exchange::hiding;
use guichet_store::durable::exchange_entries::Secrecy;

use super::books::Books;
use super::print;
use crate::cli::{Exit, GrantCommand};
use crate::clock::SystemClock;

/// Runs the command. The order is on record before anything else happens, by whom as well.
pub(crate) async fn run(command: GrantCommand) -> Result<Exit> {
    let GrantCommand::Hide {
        exchange,
        until,
        authority,
        order,
        acting,
    } = command;
    let (operator, books) = Books::open_for(&acting).await?;
    let known = books.durable.evidence_grants.get(exchange).await?;
    known.context("there is no such exchange")?;
    let secrecy = Secrecy {
        until,
        authority,
        order,
    };
    let event = hiding(exchange, &secrecy, operator.name(), SystemClock.now())?;
    books.ledger.append(event).await?;
    books.close().await?;
    print::line(&told(exchange, until))?;
    Ok(Exit::Done)
}

fn told(exchange: ExchangeId, until: Timestamp) -> String {
    format!("{exchange} is kept from its citizen until {until}")
}
