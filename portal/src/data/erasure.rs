//! Asking to have erased what was sent: whom, until when they answer, and what they answered.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{BrowserId, ExchangeId, PersonId, Timestamp};
use guichet_exchange::{Desk, Held};
use guichet_store::durable::{Erasure, ErasureAnswer, Party};
use guichet_web::{Form, Locale, PageContext, PageError, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;

/// What the list says of one party that was asked.
#[derive(Serialize)]
pub(super) struct Line {
    /// Its name.
    party: String,
    /// `asked`, `overdue`, `done` or `refused`: the end of a text's name.
    state: &'static str,
    /// When an answer is due, or came.
    at: i64,
    /// The text of law a refusal rests on.
    ground: String,
}

impl Line {
    pub(super) fn of(
        portal: &Portal,
        desk: &Desk,
        held: &Held,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Self {
        let (state, at, ground) = match &erasure.statement {
            None if erasure.due < now => ("overdue", erasure.due, ""),
            None => ("asked", erasure.due, ""),
            Some(said) => match said.answer {
                ErasureAnswer::Done => ("done", said.at, ""),
                ErasureAnswer::Refused => ("refused", said.at, said.ground.as_str()),
            },
        };
        Self {
            party: name_of(portal, desk, held, erasure.party),
            state,
            at: at.millis(),
            ground: ground.to_owned(),
        }
    }
}

/// Whom of the two parties there is still to ask: nobody when nothing was sent.
pub(super) fn to_ask(held: &Held, erasures: &[Erasure]) -> Vec<Party> {
    let was_asked = |party: Party| {
        let mut all = erasures.iter();
        all.any(|one| one.exchange == held.exchange && one.party == party)
    };
    let both = [Party::Service, Party::DataProvider];
    let open = both.into_iter().filter(|party| !was_asked(*party));
    open.filter(|_| held.pulls > 0).collect()
}

/// The party's name on pages.
fn name_of(portal: &Portal, desk: &Desk, held: &Held, party: Party) -> String {
    match party {
        Party::Service => portal.service_name(&held.client),
        Party::DataProvider => desk.holder_name(&held.data_provider),
    }
}

/// `GET /account/data/{id}/erasure`: what asking means, and whom to ask.
pub(crate) async fn form(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(back(&portal));
    };
    let asking = Asking::find(&portal, &id, person).await?;
    let answer = asking.page(&portal, &page, &browser, None);
    Ok(with_cookie(answer, cookie))
}

/// What the page posts.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(flatten)]
    posted: Posted,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    data_provider: Option<String>,
}

/// `POST /account/data/{id}/erasure`: whoever is named is asked. Whoever is not signed in any more
/// finds the list as it is.
pub(crate) async fn ask(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (ERASE, &id), &asked.posted);
    let Some((person, browser)) = form.await? else {
        return Ok(back(&portal));
    };
    let asking = Asking::find(&portal, &id, person).await?;
    let named = |party: &Party| match party {
        Party::Service => asked.service.is_some(),
        Party::DataProvider => asked.data_provider.is_some(),
    };
    let parties: Vec<Party> = asking.open.iter().copied().filter(named).collect();
    if parties.is_empty() {
        let page = portal.answering(page, &format!("/account/data/{id}/erasure"));
        return Ok(asking.page(&portal, &page, &browser, Some("erasure-nobody")));
    }
    let now = portal.clock.now();
    let asked = asking
        .desk
        .ask_to_erase(asking.exchange, person, &parties, now);
    let asked = asked.await;
    asked.map_err(|fault| portal.fault("ask to erase evidence", &fault))?;
    Ok(back(&portal))
}

/// What there is to ask, of whom.
struct Asking<'a> {
    desk: &'a Desk,
    exchange: ExchangeId,
    person: PersonId,
    held: Held,
    open: Vec<Party>,
}

impl<'a> Asking<'a> {
    /// Nobody else's, and only what was sent and not asked for yet.
    async fn find(portal: &'a Portal, id: &str, person: PersonId) -> Result<Self, PageError> {
        let gone = || PageError::new(StatusCode::NOT_FOUND, "data-gone");
        let (Ok(exchange), Some(desk)) = (id.parse(), &portal.exchange) else {
            return Err(gone());
        };
        let fault = |fault| portal.fault("read a decision on evidence", &fault);
        let held = desk.of_exchange(exchange, person).await.map_err(fault)?;
        let held = held.ok_or_else(gone)?;
        let erasures = desk.erasures_of(person).await.map_err(fault)?;
        let open = to_ask(&held, &erasures);
        if open.is_empty() {
            return Err(gone());
        }
        Ok(Self {
            desk,
            exchange,
            person,
            held,
            open,
        })
    }

    fn page(
        &self,
        portal: &Portal,
        page: &PageContext,
        browser: &BrowserId,
        error: Option<&'static str>,
    ) -> Response {
        let (held, locale) = (&self.held, page.locale);
        let id = self.exchange.to_string();
        let may_ask = |party: Party| {
            let is_open = self.open.contains(&party);
            is_open.then(|| name_of(portal, self.desk, held, party))
        };
        let data = context! {
            evidence => self.evidence(locale),
            id => id.as_str(),
            service => may_ask(Party::Service),
            holder => may_ask(Party::DataProvider),
            live => held.standing.may_be_ended(),
            error,
            csrf => portal.own_token(browser, self.person, (ERASE, &id)),
        };
        let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        let page = portal.in_room(page.clone(), Room::Data);
        let pages = &portal.pages;
        pages.html_with(status, &page, "portal/data_erasure.html", data)
    }

    fn evidence(&self, locale: Locale) -> String {
        let evidence = self.held.ask.evidence_type();
        self.desk.evidence_label(evidence, locale.tag())
    }
}

fn back(portal: &Portal) -> Response {
    Redirect::to(&portal.path("/account/data")).into_response()
}

/// The name of the form in its CSRF token.
const ERASE: &str = "evidence-erase";
