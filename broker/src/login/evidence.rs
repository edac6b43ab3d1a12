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
mod word;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{AcrValue, Client, Entropy, ExchangeId, FieldName, PersonId};
use guichet_exchange::{Ask, Decision, Desk, Digests, Prepared, Preparing};
use guichet_oidc::AuthorizationDetail;
use guichet_store::short_lived::{Advance, Step};
use guichet_web::{Form, PageContext, PageError, Purpose};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Consented, Login, Trip, stray};
use crate::hub::Hub;
use word::{Posted, Word};

/// Waiting for the person's word on one fact.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingEvidence {
    /// What they agreed to before; what they grant on the way is added to it.
    consented: Box<Consented>,
    /// This turn's name, for both sides and for the receipt.
    exchange: ExchangeId,
    /// What is asked.
    ask: Ask,
    /// What is asked after it.
    rest: Vec<Ask>,
    stage: Stage,
    /// Counts the moves, so that of two clicks one counts.
    turn: u8,
}

/// How far a turn has come.
#[derive(Serialize, Deserialize)]
enum Stage {
    /// The person reads who asks for what.
    Asked,
    /// They see what would leave.
    Seen(Seen),
    /// There is nothing to see, for now or at all.
    Without(Without),
    /// They gave their word; that is to be put on record.
    Said(Seen, Word),
    /// What they said is on record: it is wrong. They are told what comes next.
    Contested,
}

/// What the person saw before they decided.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    /// The values, when the hub shows them; `None` when the data provider does, or nobody.
    values: Option<Vec<(FieldName, Value)>>,
    /// Where the data provider shows them.
    elsewhere: Option<Url>,
    /// By which the data provider will know them again.
    digests: Digests,
}

/// Why there is nothing to see.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Without {
    /// The data provider has nothing about this person.
    NoMatch,
    /// It has several people who may be this one: nobody guesses.
    Several,
    /// It answers later.
    Later,
    /// It must be told once who this is: the person signs in there, where it says where.
    NeedsLink(Option<Url>),
    /// It does not answer.
    Down,
}

impl AwaitingEvidence {
    /// The turn of the first of `asks`; where there is none, the login is through.
    pub(super) fn begin(consented: Consented, asks: Vec<Ask>, entropy: &dyn Entropy) -> Login {
        Self::turn_of(consented, asks, 0, entropy)
    }

    fn turn_of(consented: Consented, mut asks: Vec<Ask>, turn: u8, entropy: &dyn Entropy) -> Login {
        if asks.is_empty() {
            return Login::Consented(consented);
        }
        let ask = asks.remove(0);
        Login::AwaitingEvidence(Self {
            consented: Box::new(consented),
            exchange: ExchangeId::random(entropy),
            ask,
            rest: asks,
            stage: Stage::Asked,
            turn,
        })
    }

    /// What is true whatever the step.
    pub(crate) fn trip(&self) -> &Trip {
        &self.consented.awaited.trip
    }

    /// The step's name in the store, another for each move.
    pub(crate) const fn step(&self) -> Step {
        STEPS[(self.turn & 7) as usize]
    }

    fn person(&self) -> PersonId {
        self.consented.awaited.person
    }

    fn acr(&self) -> AcrValue {
        self.consented.awaited.reached.acr
    }

    fn moved_to(self, stage: Stage) -> Self {
        let turn = self.turn.wrapping_add(1);
        Self {
            stage,
            turn,
            ..self
        }
    }

    /// What the data provider's answer leads to.
    fn prepared(self, prepared: Prepared) -> Self {
        self.moved_to(match prepared {
            Prepared::Shown { values, digests } => Stage::Seen(Seen {
                values: Some(values),
                elsewhere: None,
                digests,
            }),
            Prepared::OwnPage { uri, digests } => Stage::Seen(Seen {
                values: None,
                elsewhere: Some(uri),
                digests,
            }),
            Prepared::NotShown => Stage::Seen(Seen::nothing()),
            Prepared::NoMatch => Stage::Without(Without::NoMatch),
            Prepared::Several => Stage::Without(Without::Several),
            Prepared::Later { .. } => Stage::Without(Without::Later),
            Prepared::NeedsLink { uri } => Stage::Without(Without::NeedsLink(uri)),
            Prepared::Down => Stage::Without(Without::Down),
        })
    }

    /// The person's word, if it is one at this stage.
    fn said(self, word: Word) -> Result<Self, Box<Self>> {
        let seen = match (&self.stage, &word) {
            (Stage::Seen(seen), _) => seen.clone(),
            // Nobody sends or contests what they did not see.
            (Stage::Asked | Stage::Without(_), Word::Refused) => Seen::nothing(),
            _ => return Err(Box::new(self)),
        };
        Ok(self.moved_to(Stage::Said(seen, word)))
    }

    /// This turn is over: the next begins, or the login is through.
    fn over(mut self, granted: Option<AuthorizationDetail>, entropy: &dyn Entropy) -> Login {
        self.consented.details.extend(granted);
        let turn = self.turn.wrapping_add(1);
        Self::turn_of(*self.consented, self.rest, turn, entropy)
    }

    /// What a form of this page is bound to: this turn, at this stage.
    fn shown(&self) -> String {
        format!("{}.{}.{}", self.trip().id, self.exchange, self.turn)
    }
}

impl Seen {
    fn nothing() -> Self {
        Self {
            values: None,
            elsewhere: None,
            digests: Digests::default(),
        }
    }
}

/// Names enough that two moves apart never share one.
const STEPS: [Step; 8] = [
    "awaiting_evidence#0",
    "awaiting_evidence#1",
    "awaiting_evidence#2",
    "awaiting_evidence#3",
    "awaiting_evidence#4",
    "awaiting_evidence#5",
    "awaiting_evidence#6",
    "awaiting_evidence#7",
];

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
    let waiting = match login {
        Login::AwaitingEvidence(waiting) => waiting,
        done @ Login::Consented(_) => return Ok(onward(&hub, &done)),
        other => return Err(stray::out_of_order(&hub, &other, page.locale)),
    };
    if matches!(waiting.stage, Stage::Said(..)) {
        return settle(&hub, waiting, &page).await;
    }
    let client = hub.client_of(waiting.trip())?;
    let desk = desk(&hub)?;
    if matches!(waiting.stage, Stage::Seen(_)) {
        desk.shown(waiting.exchange, &waiting.ask, &client.id, hub.now());
    }
    Ok(page::render(&hub, desk, &waiting, &client, page))
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
    let waiting = match login {
        Login::AwaitingEvidence(waiting) => waiting,
        // The second of two clicks: the first word counts.
        done @ Login::Consented(_) => return Ok(onward(&hub, &done)),
        other => return Err(stray::out_of_order(&hub, &other, page.locale)),
    };
    hub.check_form(&headers, Purpose::new(FORM, &waiting.shown()), &posted.csrf)?;
    match posted.decision.as_str() {
        "look" => look(&hub, waiting).await,
        "continue" if matches!(waiting.stage, Stage::Contested) => {
            let step = waiting.step();
            let next = waiting.over(None, &*hub.parts().entropy);
            go(&hub, step, next).await
        }
        _ => match posted.word(&waiting.ask) {
            Some(word) => speak(&hub, waiting, word, &page).await,
            None => Err(no_decision(&hub, waiting, &page)),
        },
    }
}

/// Fetches what would leave, for the person to see.
async fn look(hub: &Hub, waiting: AwaitingEvidence) -> Result<Response, PageError> {
    if !matches!(waiting.stage, Stage::Asked | Stage::Without(_)) {
        return Ok(onward(hub, &Login::AwaitingEvidence(waiting)));
    }
    let client = hub.client_of(waiting.trip())?;
    let order = preparing(hub, &waiting, &client);
    let prepared = desk(hub)?.prepare(order).await;
    let prepared = prepared.map_err(|fault| hub.fault("prepare evidence", &fault))?;
    let step = waiting.step();
    let next = waiting.prepared(prepared);
    let elsewhere = next.elsewhere(hub);
    let moved = go(hub, step, Login::AwaitingEvidence(next)).await?;
    // Straight to the data provider's page, which leads back here.
    Ok(elsewhere.map_or(moved, |uri| Redirect::to(uri.as_str()).into_response()))
}

fn preparing<'a>(hub: &'a Hub, waiting: &'a AwaitingEvidence, client: &'a Client) -> Preparing<'a> {
    let awaited = &waiting.consented.awaited;
    Preparing {
        exchange: waiting.exchange,
        ask: &waiting.ask,
        person: awaited.person,
        client,
        acr: awaited.reached.acr,
        auth_time: awaited.reached.auth_time,
        now: hub.now(),
    }
}

impl AwaitingEvidence {
    /// Where the data provider shows the values itself.
    fn elsewhere(&self, hub: &Hub) -> Option<Url> {
        match &self.stage {
            Stage::Seen(seen) => seen.elsewhere.as_ref(),
            _ => None,
        }
        .map(|uri| hub.with_return(uri, self.trip()))
    }
}

/// The word counts if it is the first: the compare-and-swap decides, and only what it decided is put on
/// record.
async fn speak(
    hub: &Hub,
    waiting: AwaitingEvidence,
    word: Word,
    page: &PageContext,
) -> Result<Response, PageError> {
    let step = waiting.step();
    let said = match waiting.said(word) {
        Ok(said) => Login::AwaitingEvidence(said),
        Err(waiting) => return Err(no_decision(hub, *waiting, page)),
    };
    match (hub.try_advance(step, &said).await?, said) {
        (Advance::Done, Login::AwaitingEvidence(said)) => settle(hub, said, page).await,
        (_, other) => Ok(resumed(hub, &other)),
    }
}

/// The word is on record, durably, before anything comes of it. Asked again after a fault, the desk
/// answers the same for the same exchange.
async fn settle(
    hub: &Hub,
    waiting: AwaitingEvidence,
    page: &PageContext,
) -> Result<Response, PageError> {
    let Stage::Said(seen, word) = &waiting.stage else {
        return Ok(onward(hub, &Login::AwaitingEvidence(waiting)));
    };
    let desk = desk(hub)?;
    let client = hub.client_of(waiting.trip())?;
    let decision = Decision {
        exchange: waiting.exchange,
        ask: &waiting.ask,
        grant: waiting.consented.awaited.grant,
        person: waiting.person(),
        client: &client.id,
        acr: waiting.acr(),
        word: word.clone().into(),
        digests: &seen.digests,
        text_digest: page::text_digest(hub, desk, &waiting, &client, page.locale),
        locale: page.locale.tag(),
        now: hub.now(),
    };
    let granted = desk.decide(decision).await;
    let granted = granted.map_err(|fault| hub.fault("record a decision on evidence", &fault))?;
    let step = waiting.step();
    let next = if *word == Word::Contested {
        Login::AwaitingEvidence(waiting.moved_to(Stage::Contested))
    } else {
        waiting.over(granted, &*hub.parts().entropy)
    };
    // `Moved`: another request put it on record as well, and the login is where it must be.
    hub.try_advance(step, &next).await?;
    Ok(resumed(hub, &next))
}

async fn go(hub: &Hub, from: Step, next: Login) -> Result<Response, PageError> {
    hub.try_advance(from, &next).await?;
    Ok(resumed(hub, &next))
}

/// To wherever the login is by now.
fn resumed(hub: &Hub, login: &Login) -> Response {
    let id = login.trip().id;
    Redirect::to(&hub.path(&format!("/login/{id}"))).into_response()
}

fn onward(hub: &Hub, login: &Login) -> Response {
    Redirect::to(&hub.step_path(login)).into_response()
}

/// Where evidence is dealt with. A login waits for evidence in a hub that has one alone.
fn desk(hub: &Hub) -> Result<&Desk, PageError> {
    let desk = hub.parts().exchange.as_deref();
    desk.ok_or_else(|| PageError::new(StatusCode::SERVICE_UNAVAILABLE, "evidence-closed"))
}

/// Nothing that is an answer at this stage: nothing is assumed.
fn no_decision(hub: &Hub, waiting: AwaitingEvidence, page: &PageContext) -> PageError {
    let label = hub.parts().pages.text(page.locale, "continue-login", &[]);
    let error = PageError::new(StatusCode::BAD_REQUEST, "evidence-no-decision");
    let login = Login::AwaitingEvidence(waiting);
    hub.named(error, login.trip())
        .with_way_back(hub.step_path(&login), Some(label))
}
