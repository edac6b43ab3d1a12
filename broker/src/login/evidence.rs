//! Step 6 of a login that asks for evidence: fact by fact, the person sees who asks, why, from whom and
//! for how long; then the very values; then sends them, or some, or none, or says that they are wrong.
//!
//! One [`AwaitingEvidence`] is one fact's turn; the next begins when a word on this one is on record. The
//! exchange's [`Desk`] fetches what is shown and keeps what was said; nothing here renders a decision that
//! the server did not read. Whatever comes of it the login goes on, and what was not granted is simply not
//! in the answer: the service still takes papers.

mod page;
#[cfg(test)]
mod tests;
mod turn;
mod word;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::PivotIdentity;
use guichet_exchange::{Decision, Desk, Preparing};
use guichet_store::short_lived::{Advance, Step};
use guichet_web::{Form, Locale, PageContext, PageError, Purpose};
use http::{HeaderMap, StatusCode};

use super::{Login, stray};
use crate::hub::Hub;
pub(crate) use turn::AwaitingEvidence;
use turn::{Reading, Stage};
use word::{Posted, Word};

/// Of the spine.
pub(super) const NUMBER: u8 = 6;

/// The name of the form in its CSRF token.
const FORM: &str = "evidence";

/// `GET /login/{id}/evidence`
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let Login::AwaitingEvidence(waiting) = login else {
        return hub.led_on(&login, NUMBER, page.locale);
    };
    hub.session_of(&waiting.consented.awaited, &headers).await?;
    let Some(template) = waiting.template() else {
        return settle(&hub, waiting).await;
    };
    let client = hub.client_of(waiting.trip())?;
    let desk = desk(&hub)?;
    if matches!(waiting.stage, Stage::Seen(_)) {
        desk.shown(waiting.exchange, &waiting.ask, &client.id, hub.now());
    }
    page::render(&hub, desk, &waiting, &client, (template, page))
}

/// `GET /login/{id}/evidence/linked`: back from a data provider where the person made themselves known.
/// It is asked again without their having to say so twice; anywhere else in the login this is no more than
/// a way to it.
pub(crate) async fn linked(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    match hub.load_login(stray::login_id(&id)?, &headers).await? {
        Login::AwaitingEvidence(waiting) if waiting.waits_for_link() => {
            hub.session_of(&waiting.consented.awaited, &headers).await?;
            look(&hub, waiting, Telling::Nothing).await
        }
        other => Ok(hub.onward(&other)),
    }
}

/// `POST /login/{id}/evidence`
pub(crate) async fn decide(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let Login::AwaitingEvidence(waiting) = login else {
        return hub.led_on(&login, NUMBER, page.locale);
    };
    hub.check_form(&headers, Purpose::new(FORM, &id), &posted.csrf)?;
    hub.session_of(&waiting.consented.awaited, &headers).await?;
    if posted.turn != waiting.mark() {
        // The second of two clicks, or a page from before: the first word counts.
        return Ok(hub.onward(&Login::AwaitingEvidence(waiting)));
    }
    let step = waiting.step();
    match posted.decision.as_str() {
        "look" => look(&hub, waiting, Telling::Nothing).await,
        "identify" if waiting.may_be_told() => look(&hub, waiting, Telling::Identity).await,
        "ahead" => match waiting.ahead() {
            Ok(ahead) => go(&hub, step, Login::AwaitingEvidence(ahead)).await,
            Err(waiting) => Err(no_decision(&hub, *waiting, &page)),
        },
        "continue" if waiting.may_go_on() => {
            let next = waiting.over(None, &*hub.parts().entropy);
            go(&hub, step, next).await
        }
        _ => match posted.word(&waiting.ask) {
            Some(word) => speak(&hub, waiting, (word, &posted.read), &page).await,
            None => Err(no_decision(&hub, waiting, &page)),
        },
    }
}

/// What the person lets the data provider be told of who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    /// Nothing but their name there.
    Nothing,
    /// Their civil identity: they pressed the button that says so.
    Identity,
}

/// Fetches what would leave, for the person to see.
async fn look(
    hub: &Hub,
    mut waiting: AwaitingEvidence,
    telling: Telling,
) -> Result<Response, PageError> {
    if !matches!(waiting.stage, Stage::Asked | Stage::Without(_)) {
        return Ok(hub.onward(&Login::AwaitingEvidence(waiting)));
    }
    let client = hub.client_of(waiting.trip())?;
    let desk = desk(hub)?;
    let (person, now) = (waiting.person(), hub.now());
    let change = desk.change(&waiting.ask, person, &client.id, now).await;
    waiting.change = change.map_err(|fault| hub.fault("read an earlier decision", &fault))?;
    let identity = if desk.may_need_identity(&waiting.ask) {
        identity_of(hub, &waiting).await?
    } else {
        None
    };
    let awaited = &waiting.consented.awaited;
    let order = Preparing {
        exchange: waiting.exchange,
        ask: &waiting.ask,
        person,
        identity: identity.as_ref(),
        tell: telling == Telling::Identity,
        client: &client,
        acr: awaited.reached.acr,
        now,
    };
    let prepared = desk.prepare(order).await;
    let prepared = prepared.map_err(|fault| hub.fault("prepare evidence", &fault))?;
    let step = waiting.step();
    let next = waiting.prepared(prepared);
    let (id, elsewhere) = (next.trip().id, next.elsewhere(hub)?);
    let next = Login::AwaitingEvidence(next);
    match (hub.try_advance(step, &next).await?, elsewhere) {
        // Straight to the data provider's page, which leads back here.
        (Advance::Done, Some(uri)) => Ok(Redirect::to(uri.as_str()).into_response()),
        _ => Ok(hub.resumed(id)),
    }
}

/// The civil identity that the session holds, while it is alive and still theirs.
async fn identity_of(
    hub: &Hub,
    waiting: &AwaitingEvidence,
) -> Result<Option<PivotIdentity>, PageError> {
    let known = hub.identity_in(waiting.consented.awaited.session).await;
    let known = known.map_err(|fault| hub.fault("read who is signed in", &fault))?;
    let theirs = known.filter(|(person, _)| *person == waiting.person());
    Ok(theirs.and_then(|(_, claims)| PivotIdentity::from_claims(&claims).ok()))
}

/// The word counts if it is the first, and if the page that it answers still says what was read.
async fn speak(
    hub: &Hub,
    waiting: AwaitingEvidence,
    (word, read): (Word, &str),
    page: &PageContext,
) -> Result<Response, PageError> {
    let (id, step) = (waiting.trip().id, waiting.step());
    let Some(reading) = read_as(hub, &waiting, read)? else {
        return Ok(hub.onward(&Login::AwaitingEvidence(waiting)));
    };
    let said = match waiting.said(word, reading) {
        Ok(said) => Login::AwaitingEvidence(said),
        Err(waiting) => return Err(no_decision(hub, *waiting, page)),
    };
    match hub.first_word(step, said).await? {
        Some(Login::AwaitingEvidence(said)) => settle(hub, said).await,
        _ => Ok(hub.resumed(id)),
    }
}

/// The page as it was read, in whichever language; `None` when it says something else by now.
fn read_as(
    hub: &Hub,
    waiting: &AwaitingEvidence,
    read: &str,
) -> Result<Option<Reading>, PageError> {
    let Some(template) = waiting.template() else {
        return Ok(None);
    };
    let client = hub.client_of(waiting.trip())?;
    let desk = desk(hub)?;
    for locale in Locale::ALL {
        let reading = page::reading(hub, desk, waiting, &client, (template, locale))?;
        if reading.mark() == read {
            return Ok(Some(reading));
        }
    }
    Ok(None)
}

/// The word is on record, durably, before anything comes of it. Asked again after a fault, the desk
/// answers the same for the same exchange.
async fn settle(hub: &Hub, waiting: AwaitingEvidence) -> Result<Response, PageError> {
    let Stage::Said(said) = &waiting.stage else {
        return Ok(hub.onward(&Login::AwaitingEvidence(waiting)));
    };
    let client = hub.client_of(waiting.trip())?;
    let decision = Decision {
        exchange: waiting.exchange,
        ask: &waiting.ask,
        grant: waiting.consented.awaited.grant,
        person: waiting.person(),
        client: &client.id,
        acr: waiting.acr(),
        word: said.word.clone().into(),
        digests: &said.digests,
        text_digest: said.reading.digest,
        locale: &said.reading.locale,
        now: hub.now(),
    };
    let granted = desk(hub)?.decide(decision).await;
    let granted = granted.map_err(|fault| hub.fault("record a decision on evidence", &fault))?;
    let step = waiting.step();
    let next = if said.word == Word::Contested {
        Login::AwaitingEvidence(waiting.moved_to(Stage::Contested))
    } else {
        waiting.over(granted, &*hub.parts().entropy)
    };
    // `Moved`: another request put it on record as well, and the login is where it must be.
    go(hub, step, next).await
}

/// On to `next`; or to wherever another request moved the login first.
async fn go(hub: &Hub, from: Step, next: Login) -> Result<Response, PageError> {
    hub.try_advance(from, &next).await?;
    Ok(hub.resumed(next.trip().id))
}

/// Where evidence is dealt with. A login waits for evidence in a hub that has one alone.
fn desk(hub: &Hub) -> Result<&Desk, PageError> {
    let desk = hub.parts().exchange.as_deref();
    desk.ok_or_else(|| PageError::new(StatusCode::SERVICE_UNAVAILABLE, "evidence-closed"))
}

fn no_decision(hub: &Hub, waiting: AwaitingEvidence, page: &PageContext) -> PageError {
    let login = Login::AwaitingEvidence(waiting);
    hub.no_decision("evidence-no-decision", &login, page.locale)
}
