//! What is done from a case: the citizen is asked, somebody is frozen, who is who is put right. Only the first is done
//! at once; the others are shown, and confirmed by a fresh sign-in, and a correction by another member after that.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{CorrectionId, InvalidMember, Rule};
use guichet_web::{Form, PageContext, PageError};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::super::confirm::{Caution, Dangerous, Proposal, Row};
use super::super::{Console, Present};
use super::{Brought, Case, FORM, PATH, may, shown, told};
use crate::api::Api;
use crate::people::{Action, Kind, said};
use crate::support::{Handle, SupportError, Wished};

/// What a page says was done.
pub(super) const DONE: &[&str] = &["frozen", "proposed", "confirmed", "undone"];

/// What is to be done.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    /// What the citizen reads.
    #[serde(default)]
    words: String,
    /// Why.
    #[serde(default)]
    reason: String,
    /// Of a merge: what the other read out.
    #[serde(default)]
    other: String,
    /// Of a split: which row.
    #[serde(default)]
    row: String,
    /// Of a thaw: which case.
    #[serde(default)]
    case: String,
    #[serde(flatten)]
    brought: Brought,
}

/// `POST /support/{handle}`
pub(super) async fn act(
    State(api): State<Arc<Api>>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let (browser, _) = console.browser(&headers)?;
    let case = Case::of(console, (&browser, &present), &handle, &posted.brought);
    let Some(case) = case else {
        return Ok(Redirect::to(PATH).into_response());
    };
    let back = case.address(console, &browser, &present);
    let handle = case.handle.as_str();
    if posted.act == "ask" {
        may(console, &present, Action::Change, Kind::Support)?;
        let asked = api
            .support
            .ask(handle, &posted.words, &present.actor())
            .await;
        asked.map_err(|error| told(console, &error, &back))?;
        return Ok(Redirect::to(&back).into_response());
    }
    let reason = said(&posted.reason);
    let reason = reason.map_err(|invalid| told(console, &invalid.into(), &back))?;
    let why = Row::said("console-support-reason", "reason", reason);
    let reason = reason.to_owned();
    if posted.act == "freeze" {
        may(console, &present, Action::Change, Kind::Support)?;
        let title = ("console-support-freeze-title", handle);
        let caution = Caution::new("console-support-freeze-caution", handle);
        let input = Frozen {
            handle: handle.to_owned(),
            reason,
        };
        let proposal = Proposal::<Freeze>::new(input, title, back)
            .with_rows(vec![why])
            .with_warnings(vec![caution]);
        return console.propose(&present, proposal).await;
    }
    may(console, &present, Action::Add, Kind::Correction)?;
    let wish = posted.wished(handle);
    let wish = wish.map_err(|error| told(console, &error, &back))?;
    let (title, what) = announced(&wish);
    let caution = Caution::new("console-support-four-eyes", handle);
    let proposal = Proposal::<Propose>::new(Proposed { wish, reason }, (title, handle), back)
        .with_rows(vec![what, why])
        .with_warnings(vec![caution]);
    console.propose(&present, proposal).await
}

/// How the page of a confirmation says it.
fn announced(wished: &Wished) -> (&'static str, Row) {
    match wished {
        Wished::Merge { other, .. } => (
            "console-support-merge-title",
            Row::said("console-support-other", "other", other),
        ),
        Wished::Split { row, .. } => (
            "console-support-split-title",
            Row::said("console-support-row", "row", row.to_string()),
        ),
        Wished::Thaw { case, .. } => (
            "console-support-thaw-title",
            Row::said("console-support-case", "case", case.to_string()),
        ),
    }
}

impl Posted {
    fn wished(&self, handle: &str) -> Result<Wished, SupportError> {
        let handle = handle.to_owned();
        let invalid = |member, rule: Rule| InvalidMember::new(member, rule);
        match self.act.as_str() {
            "merge" => {
                let other = Handle::parse(&self.other).ok_or(SupportError::Nothing)?;
                let other = other.to_string();
                Ok(Wished::Merge { handle, other })
            }
            "split" => {
                let row = self.row.trim().parse();
                let row = row.map_err(|_| invalid("row", Rule::RowNumber))?;
                Ok(Wished::Split { handle, row })
            }
            "thaw" => {
                let case = self.case.trim().parse();
                let case = case.map_err(|_| invalid("case", Rule::CaseNumber))?;
                Ok(Wished::Thaw { handle, case })
            }
            _ => Err(invalid("act", Rule::NoSuchAct).into()),
        }
    }
}

/// Freezes somebody.
pub(super) struct Freeze;

#[derive(Serialize, Deserialize)]
pub(super) struct Frozen {
    handle: String,
    reason: String,
}

#[async_trait]
impl Dangerous for Freeze {
    type Input = Frozen;
    const NAME: &'static str = "support.freeze";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Frozen,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        may(console, &by, Action::Change, Kind::Support)?;
        let Frozen { handle, reason } = input;
        let frozen = api.support.freeze(&handle, &reason, &by.actor()).await;
        frozen.map_err(|error| told(console, &error, PATH))?;
        Ok(done("frozen"))
    }
}

/// Proposes a correction.
pub(super) struct Propose;

#[derive(Serialize, Deserialize)]
pub(super) struct Proposed {
    wish: Wished,
    reason: String,
}

#[async_trait]
impl Dangerous for Propose {
    type Input = Proposed;
    const NAME: &'static str = "support.propose";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Proposed,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        may(console, &by, Action::Add, Kind::Correction)?;
        let Proposed { wish, reason } = input;
        let proposed = api.support.propose(&wish, &reason, &by.actor()).await;
        proposed.map_err(|error| told(console, &error, PATH))?;
        Ok(done("proposed"))
    }
}

/// What becomes of a proposal.
#[derive(Deserialize)]
pub(super) struct Word {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
}

/// `POST /support/corrections/{id}`
pub(super) async fn settle(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(word): Form<Word>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &word.csrf).await?;
    may(console, &present, Action::Change, Kind::Correction)?;
    let title = match word.act.as_str() {
        "confirm" => "console-support-confirm-title",
        "undo" => "console-support-undo-title",
        _ => return Err(bad()),
    };
    let id: CorrectionId = id.parse().map_err(|_| bad())?;
    let known = api.support.corrections.correction(id).await;
    let known = known.map_err(|fault| console.fault("read a correction", &fault))?;
    let known = known.ok_or_else(bad)?;
    let kind = format!("console-support-change-{}", shown::kind(&known.change));
    let kind = console.pages.text(page.locale, &kind, &[]);
    let rows = vec![
        Row::said("console-support-change", "change", kind),
        Row::said("console-support-reason", "reason", known.reason),
        Row::said("console-support-by", "by", known.proposed.by),
    ];
    let input = Settled { id, act: word.act };
    let name = id.to_string();
    let proposal = Proposal::<Settle>::new(input, (title, &name), PATH.to_owned());
    console.propose(&present, proposal.with_rows(rows)).await
}

/// Confirms what another proposed, or takes it back.
pub(super) struct Settle;

#[derive(Serialize, Deserialize)]
pub(super) struct Settled {
    id: CorrectionId,
    act: String,
}

#[async_trait]
impl Dangerous for Settle {
    type Input = Settled;
    const NAME: &'static str = "support.settle";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Settled,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        may(console, &by, Action::Change, Kind::Correction)?;
        let Settled { id, act } = input;
        let (settled, word) = if act == "confirm" {
            (api.support.confirm(id, &by.actor()).await, "confirmed")
        } else {
            (api.support.undo(id, &by.actor()).await, "undone")
        };
        settled.map_err(|error| told(console, &error, PATH))?;
        Ok(done(word))
    }
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("{PATH}?done={what}")).into_response()
}

fn bad() -> PageError {
    Console::malformed(PATH)
}
