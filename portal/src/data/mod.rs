//! `/account/data`: who has what of a citizen, who can still fetch what, and the way to stop it (threat N-67:
//! nobody sees or ends another's).
//!
//! | what | file |
//! |---|---|
//! | a decision about evidence, as its card shows it | `card.rs` |
//! | taken back | here |
//! | fields taken away | `change.rs` |
//! | to have erased what was sent | `erasure.rs` |
//! | the proof of a decision | `receipt.rs` |
//! | what services received of the identity, and its consent taken back | `consents.rs` |

mod card;
pub(crate) mod change;
pub(crate) mod consents;
pub(crate) mod erasure;
mod receipt;

pub(crate) use receipt::download;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{BrowserId, PersonId};
use guichet_exchange::{Desk, How};
use guichet_store::Fault;
use guichet_web::{Form, PageContext, PageError, Query, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;
use card::Card;
use consents::Told;

/// How the page is ordered.
#[derive(Default, Deserialize)]
pub(crate) struct Order {
    #[serde(default)]
    by: String,
}

/// `GET /account/data`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(order): Query<Order>,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let by_holder = order.by == "holder";
    let held = match person {
        Some(person) => Held::of(&portal, person, &browser, &page, by_holder).await,
        None => Ok(Held::default()),
    };
    let held = held.map_err(|fault| portal.fault("read what services have", &fault))?;
    let data = context! {
        signed_in => person.is_some(),
        by_holder,
        groups => Serde(&held.groups),
        past => Serde(&held.past),
        told => Serde(&held.told),
    };
    let page = portal.in_room(page, Room::Data);
    let answer = portal.pages.html(&page, "portal/data.html", data);
    Ok(with_cookie(answer, cookie))
}

/// The most that one page shows, the newest first.
const MOST: u32 = 200;

/// What the page shows.
#[derive(Default)]
struct Held {
    /// What can still be fetched, by service or by data provider.
    groups: Vec<Group>,
    /// What cannot.
    past: Vec<Card>,
    /// What services received of the identity.
    told: Vec<Told>,
}

/// What can be fetched by one service, or from one data provider.
#[derive(Serialize)]
struct Group {
    name: String,
    cards: Vec<Card>,
}

impl Held {
    async fn of(
        portal: &Portal,
        person: PersonId,
        browser: &BrowserId,
        page: &PageContext,
        by_holder: bool,
    ) -> Result<Self, Fault> {
        let mut held = Self {
            told: portal.told(person, browser, page.locale).await?,
            ..Self::default()
        };
        let Some(desk) = &portal.exchange else {
            return Ok(held);
        };
        let erasures = desk.erasures_of(person).await?;
        for decision in desk.of_person(person, MOST).await? {
            let card = Card::new(portal, desk, browser, person, &decision, page.locale);
            let card = card.with_erasures(portal, desk, &decision, &erasures);
            if card.live {
                held.put(card, by_holder);
            } else {
                held.past.push(card);
            }
        }
        held.groups.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(held)
    }

    fn put(&mut self, card: Card, by_holder: bool) {
        let name = if by_holder {
            &card.holder
        } else {
            &card.service
        };
        match self.groups.iter_mut().find(|group| group.name == *name) {
            Some(group) => group.cards.push(card),
            None => self.groups.push(Group {
                name: name.clone(),
                cards: vec![card],
            }),
        }
    }
}

/// `POST /account/data/{id}`: from now on nothing is fetched any more. Whoever is not signed in any more, or
/// ends what has ended, finds the list as it is; what is no decision of theirs is not there, here as elsewhere
/// below that address.
pub(crate) async fn end(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (END, &id), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(back(&portal));
    };
    let desk = portal.exchange.as_deref().ok_or_else(gone)?;
    let exchange = decision(&portal, desk, &id, person).await?.exchange;
    let ended = desk.end(exchange, person, How::Citizen, portal.clock.now());
    let ended = ended.await;
    ended.map_err(|fault| portal.fault("end a decision on evidence", &fault))?;
    Ok(back(&portal))
}

/// `GET /account/evidence`, where this page was before.
pub(crate) async fn moved(State(portal): State<Portal>) -> Redirect {
    Redirect::permanent(&portal.path("/account/data"))
}

fn back(portal: &Portal) -> Response {
    Redirect::to(&portal.path("/account/data")).into_response()
}

fn gone() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "data-gone")
}

/// What a desk knows of this decision of this person.
async fn decision(
    portal: &Portal,
    desk: &Desk,
    id: &str,
    person: PersonId,
) -> Result<guichet_exchange::Held, PageError> {
    let exchange = id.parse().map_err(|_| gone())?;
    let held = desk.of_exchange(exchange, person).await;
    let held = held.map_err(|fault| portal.fault("read a decision on evidence", &fault))?;
    held.ok_or_else(gone)
}

/// The name of the form in its CSRF token.
const END: &str = "evidence-end";
