//! What the person decided about their evidence: who may still fetch what, and the way to take it back or
//! to have erased what was sent (`erasure`; threat N-67: nobody sees or ends another's). `receipt` hands out
//! the proof of one decision.

pub(crate) mod erasure;
mod receipt;

pub(crate) use receipt::download;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{BrowserId, PersonId, Timestamp};
use guichet_exchange::{Desk, Held, How, Standing};
use guichet_store::durable::{Erasure, EvidenceOutcome};
use guichet_web::{Form, Locale, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::Portal;
use crate::account::{Posted, with_cookie};

/// `GET /account/evidence`
pub(crate) async fn list(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let decisions = match (person, &portal.exchange) {
        (Some(person), Some(desk)) => {
            let held = desk.of_person(person, MOST).await;
            let held = held.map_err(|fault| portal.fault("read decisions on evidence", &fault))?;
            let erasures = desk.erasures_of(person).await;
            let erasures =
                erasures.map_err(|fault| portal.fault("read requests to erase", &fault))?;
            let card = |it| {
                Card::new(&portal, desk, &browser, person, it, page.locale)
                    .with_erasures(&portal, desk, it, &erasures)
            };
            held.iter().map(card).collect()
        }
        _ => Vec::new(),
    };
    let data = context! { signed_in => person.is_some(), decisions => Serde(&decisions) };
    let answer = portal.pages.html(&page, "portal/evidence.html", data);
    Ok(with_cookie(answer, cookie))
}

/// The most that one page shows, the newest first.
const MOST: u32 = 200;

/// A decision as its page shows it.
#[derive(Serialize)]
struct Card {
    id: String,
    service: String,
    holder: String,
    evidence: String,
    purpose: String,
    /// What was sent or may be; empty when nothing is.
    fields: String,
    /// `sent`, `partly`, `refused` or `contested`: the end of a text's name.
    outcome: &'static str,
    decided: i64,
    until: i64,
    /// How it stands: the end of a text's name; nothing where there is nothing to take back.
    standing: Option<&'static str>,
    pulls: u32,
    most: u32,
    last_pull: Option<i64>,
    /// Whether a side did not confirm the latest time.
    unconfirmed: bool,
    ended: Option<i64>,
    /// Whether there is somebody to ask to erase it.
    may_erase: bool,
    /// Who was asked, and what they answered.
    erasures: Vec<erasure::Line>,
    csrf: String,
}

impl Card {
    fn new(
        portal: &Portal,
        desk: &Desk,
        browser: &BrowserId,
        person: PersonId,
        held: &Held,
        locale: Locale,
    ) -> Self {
        let lang = locale.tag();
        let ask = &held.ask;
        let label = |field| desk.field_label(ask.evidence_type(), field, lang);
        let fields: Vec<String> = held.fields.iter().map(label).collect();
        let id = held.exchange.to_string();
        Self {
            service: portal.service_name(&held.client),
            holder: desk.holder_name(&held.data_provider),
            evidence: desk.evidence_label(ask.evidence_type(), lang),
            purpose: desk.purpose_sentence(ask.purpose(), lang),
            fields: fields.join(", "),
            outcome: match held.outcome {
                EvidenceOutcome::Sent => "sent",
                EvidenceOutcome::Partly => "partly",
                EvidenceOutcome::Refused => "refused",
                EvidenceOutcome::Contested => "contested",
            },
            decided: held.decided.millis(),
            until: held.until.millis(),
            standing: match held.standing {
                Standing::Over => None,
                Standing::NotBegun => Some("not-begun"),
                Standing::Open => Some("until"),
                Standing::Fetched => Some("fetched"),
            },
            pulls: held.pulls,
            most: held.max_pulls,
            last_pull: held.last_pull.map(Timestamp::millis),
            unconfirmed: held.unconfirmed,
            may_erase: false,
            erasures: Vec::new(),
            ended: held.ended.as_ref().map(|(at, _)| at.millis()),
            csrf: portal.own_token(browser, person, (END, &id)),
            id,
        }
    }
}

impl Card {
    fn with_erasures(mut self, portal: &Portal, desk: &Desk, held: &Held, all: &[Erasure]) -> Self {
        let now = portal.clock.now();
        let own = all.iter().filter(|one| one.exchange == held.exchange);
        let line = |one| erasure::Line::of(portal, desk, held, one, now);
        self.erasures = own.map(line).collect();
        self.may_erase = !erasure::to_ask(held, all).is_empty();
        self
    }
}

/// `POST /account/evidence/{id}`: from now on nothing is fetched any more. Whoever is not signed in any
/// more, or ends what has ended, finds the list as it is.
pub(crate) async fn end(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let answer = Redirect::to(&portal.path("/account/evidence")).into_response();
    let form = portal.own_form(&headers, (END, &id), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(answer);
    };
    let (Ok(exchange), Some(desk)) = (id.parse(), &portal.exchange) else {
        return Err(PageError::new(StatusCode::NOT_FOUND, "evidence-gone"));
    };
    let ended = desk.end(exchange, person, How::Citizen, portal.clock.now());
    let ended = ended.await;
    ended.map_err(|fault| portal.fault("end a decision on evidence", &fault))?;
    Ok(answer)
}

/// The name of the form in its CSRF token.
const END: &str = "evidence-end";
