//! `GET /account`: what waits for the citizen, their services, those for what happens in their lives, and every
//! other. Whoever is not signed in
//! sees every service with its door, and nothing about anybody.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::response::Response;
use guichet_domain::{BrowserId, ClientId, PersonId, Sector};
use guichet_store::Fault;
use guichet_store::durable::histories::{HistoryClass, HistoryRow, LastQuery};
use guichet_web::{PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde::Serialize;

use crate::Portal;
use crate::account::with_cookie;
use crate::history::entry::Entry;
use crate::life_events::{self, Suggested, Suggestion};
use crate::messages::{Inbox, mute};
use crate::nav::Room;
use crate::services::{self, ServiceCard};

pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let clients = portal.registry.clients();
    let all = services::cards(clients.iter().map(AsRef::as_ref), portal.engine.issuer());
    let life_events = life_events::suggestions(&portal.life_events, &all, page.locale);
    let person = portal.signed_in.person(&headers).await?;
    let home = match person {
        Some(person) => Home::of(&portal, person, &browser, (all, life_events), &page).await,
        None => Ok(Home::of_nobody(all, life_events)),
    };
    let home = home.map_err(|fault| portal.fault("read an account", &fault))?;
    let data = context! {
        signed_in => person.is_some(),
        messages => Serde(&home.inbox.lines),
        mine => Serde(&home.mine),
        suggested => Serde(&home.suggested),
        services => Serde(&home.others),
        at_once => AT_ONCE,
        life_events => Serde(&home.life_events),
        devices => portal.engine.serves_devices(),
        requests => portal.engine.serves_ciba(),
    };
    let page = if person.is_some() {
        let page = portal.in_room(page, Room::Home);
        page.with_connecting_script("account-live.js")
    } else {
        page
    };
    let answer = portal.pages.html(&page, "portal/home.html", data);
    Ok(with_cookie(answer, cookie))
}

/// How many messages are shown before the others are asked for.
const AT_ONCE: usize = 5;

/// What the page shows.
struct Home {
    inbox: Inbox,
    /// The services that know the citizen.
    mine: Vec<Mine>,
    /// Those that people who use theirs often need, too.
    suggested: Vec<Suggested>,
    others: Vec<ServiceCard>,
    /// What may happen in a life, and whom to go to.
    life_events: Vec<Suggestion>,
}

/// A service that knows the citizen.
#[derive(Serialize)]
struct Mine {
    #[serde(flatten)]
    card: ServiceCard,
    muted: bool,
    csrf: String,
    /// Since when it knows them.
    since: Option<i64>,
    /// When they last signed in there.
    last: Option<i64>,
    /// The level of that sign-in: the end of a text's name.
    level: Option<&'static str>,
    /// When they took back what they let it have, where that was the last of it.
    unlinked: Option<i64>,
}

impl Home {
    const fn of_nobody(all: Vec<ServiceCard>, life_events: Vec<Suggestion>) -> Self {
        Self {
            inbox: Inbox {
                lines: Vec::new(),
                muted: Vec::new(),
            },
            mine: Vec::new(),
            suggested: Vec::new(),
            others: all,
            life_events,
        }
    }

    async fn of(
        portal: &Portal,
        person: PersonId,
        browser: &BrowserId,
        (all, life_events): (Vec<ServiceCard>, Vec<Suggestion>),
        page: &PageContext,
    ) -> Result<Self, Fault> {
        let names = portal.names_of(person).await?;
        let sectors: BTreeSet<Sector> = names.iter().map(|name| name.sector.clone()).collect();
        let mut inbox = portal.inbox(&names, page.locale).await?;
        inbox.add(portal.answers(person, page.locale).await?);
        inbox.add(portal.support_asks(person, page.locale).await?);
        inbox.put_first_what_waits();
        // Whoever declined has a pseudonym there, which nobody was told.
        let told = portal.consents.clients(person).await?;
        let is_mine =
            |card: &ServiceCard| card.is_known_in(&sectors) && told.contains(&card.client);
        let (mine, mut others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_mine);
        let suggested = life_events::suggested(&life_events, &mine);
        others.retain(|card| suggested.iter().all(|it| it.service.client != card.client));
        let unlinked = portal.unlinked(person).await?;
        let last_of_each = portal.last_sign_ins(person).await?;
        let mut known = Vec::with_capacity(mine.len());
        for card in mine {
            let last = last_of_each.get(&card.client);
            let since = names.iter().filter(|it| card.is_known_as(it));
            known.push(Mine {
                muted: inbox.muted.contains(&card.client),
                csrf: portal.own_token(browser, person, (mute::FORM, card.client.as_str())),
                since: since.map(|it| it.assigned.millis()).min(),
                last: last.map(|it| it.at.millis()),
                level: last.and_then(|it| it.acr).map(|it| it.level.as_str()),
                unlinked: unlinked.get(&card.client).map(|it| it.millis()),
                card,
            });
        }
        Ok(Self {
            mine: known,
            inbox,
            suggested,
            others,
            life_events,
        })
    }
}

impl Portal {
    /// The last time that somebody signed in to each service, as far as the ledger was read.
    async fn last_sign_ins(&self, person: PersonId) -> Result<BTreeMap<ClientId, Entry>, Fault> {
        let subject = self.history.subject(person).await?;
        let query = LastQuery {
            names: subject.names,
            class: HistoryClass::SignIn,
            closed: subject.closed,
            now: self.clock.now(),
        };
        let rows = self.history.histories.last_of_each(&query).await?;
        let read =
            |(client, row): (ClientId, HistoryRow)| Some((client, Entry::parse(&row.entry)?));
        Ok(rows.into_iter().filter_map(read).collect())
    }
}
