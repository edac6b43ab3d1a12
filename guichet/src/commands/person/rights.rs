//! `guichet person requests|request|answer`: what citizens ask by right, and what they are answered; and
//! `reopen-ways`, for whoever locked themselves out.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_broker::{Operator, WaysOffice};
use guichet_domain::{ClientId, RightsRequestId, Sector};
use guichet_keys::SystemEntropy;
use guichet_portal::RightsOffice;
use guichet_store::durable::{RightsOutcome, RightsRequest};
use serde_json::{Value, json};
use url::Url;

use super::{LATEST, find};
use crate::cli::{Acting, ConfigArguments, Exit, Output, RequestOutcome};
use crate::clock::SystemClock;
use crate::commands::books::Books;
use crate::commands::print;
use crate::node::houses::without_slash;
use crate::node::own_clients::account;

/// What both offices stand on, open for an operator who proved who they are.
struct Desk {
    operator: Operator,
    books: Books,
    account: (ClientId, Sector),
}

impl Desk {
    async fn open(acting: &Acting) -> Result<Self> {
        let (operator, books) = Books::open_for(acting).await?;
        let issuer = Url::parse(&books.settings.hub.issuer)?;
        let account = account(&without_slash(&issuer))?;
        Ok(Self {
            operator,
            books,
            account: (account.id, account.sector),
        })
    }

    fn rights(&self) -> RightsOffice {
        RightsOffice::new(
            Arc::clone(&self.books.durable.rights_requests),
            &self.books.keys,
            self.books.ledger.clone(),
            (Arc::new(SystemClock), Arc::new(SystemEntropy)),
        )
    }

    fn ways(&self) -> WaysOffice {
        WaysOffice::new(
            &self.books.durable,
            &self.books.keys,
            self.books.ledger.clone(),
            self.account.clone(),
            (Arc::new(SystemClock), Arc::new(SystemEntropy)),
        )
    }
}

/// Opens every way of a person again.
pub(super) async fn reopen_ways(acting: &Acting, person: &str, reason: &str) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let person = find(&desk.books.durable, person).await?;
    let reopened = desk.ways().reopen(person, &desk.operator, reason).await?;
    desk.books.close().await?;
    match acting.config.output {
        Output::Json => print::json(&json!({ "reopened": reopened }))?,
        Output::Text if reopened => print::line("every way in is open again")?,
        Output::Text => print::line("no way in was closed")?,
    }
    Ok(Exit::Done)
}

/// What waits for an answer.
pub(super) async fn list(arguments: &ConfigArguments) -> Result<Exit> {
    let durable = super::open(arguments).await?;
    let waiting = durable.rights_requests.unsettled(LATEST).await?;
    durable.close().await;
    if arguments.output == Output::Json {
        print::json(&waiting.iter().map(as_json).collect::<Vec<_>>())?;
        return Ok(Exit::Done);
    }
    let rows = waiting.into_iter().map(|it| {
        [
            it.id.to_string(),
            it.kind.as_str().to_owned(),
            it.addressee,
            it.due.to_string(),
            it.answer
                .map_or_else(String::new, |answer| answer.outcome.as_str().to_owned()),
        ]
    });
    let head = ["REQUEST", "RIGHT", "TO", "DUE", "SO FAR"];
    print::table(head, rows)?;
    Ok(Exit::Done)
}

/// One request, in the citizen's words: as JSON, whatever the output, since it has no shape of a table.
pub(super) async fn show(acting: &Acting, request: RightsRequestId) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let shown = desk.rights().show(request, desk.operator.name()).await?;
    desk.books.close().await?;
    let shown = shown.context("there is no such request")?;
    let mut json = as_json(&shown.request);
    json["statement"] = shown.statement.into();
    json["said"] = shown.answer.into();
    print::json(&json)?;
    Ok(Exit::Done)
}

/// Answers one.
pub(super) async fn answer(
    acting: &Acting,
    request: RightsRequestId,
    outcome: RequestOutcome,
    words: &str,
) -> Result<Exit> {
    let desk = Desk::open(acting).await?;
    let outcome = match outcome {
        RequestOutcome::PassedOn => RightsOutcome::PassedOn,
        RequestOutcome::Done => RightsOutcome::Done,
        RequestOutcome::Refused => RightsOutcome::Refused,
    };
    let by = desk.operator.name();
    let counts = desk.rights().answer(request, outcome, words, by).await?;
    desk.books.close().await?;
    anyhow::ensure!(
        counts,
        "there is no such request, it is settled already, or the answer is longer than 4000 characters"
    );
    match acting.config.output {
        Output::Json => print::json(&json!({ "outcome": outcome.as_str() }))?,
        Output::Text => print::line("the citizen reads it in their account")?,
    }
    Ok(Exit::Done)
}

fn as_json(request: &RightsRequest) -> Value {
    let answer = request.answer.as_ref();
    json!({
        "request": request.id,
        "right": request.kind.as_str(),
        "to": request.addressee,
        "made": request.made.seconds(),
        "due": request.due.seconds(),
        "outcome": answer.map(|it| it.outcome.as_str()),
        "answered_by": answer.map(|it| &it.by),
    })
}
