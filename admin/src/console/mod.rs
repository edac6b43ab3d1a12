//! The console: who comes in through the hub itself, under which session, and the pages about people.
//!
//! Whoever operates the hub is no citizen here: the console is a client of the hub with a sector of its own,
//! so that the name it knows somebody by is nobody's name anywhere else. `front_door` asks the hub,
//! `sign_in` goes there and comes back, `session` remembers. `nav` is the way from page to page, `confirm` what
//! dangerous writes ask for, `reasons` why something may not be, in words. The others are pages, and what several of
//! them need: the client that one is about (`one_client`), a wait as forms say it (`waits`), a value as it is shown
//! (`shown`), events in words (`event_words`).

mod audit;
pub(crate) mod confirm;
mod credentials;
mod event_words;
mod front_door;
mod invitation;
mod me;
mod nav;
mod onboarding;
mod one_client;
mod people;
mod reasons;
mod records;
mod scorecard;
mod session;
mod shown;
mod sign_in;
mod simulations;
mod statistics;
mod support;
mod switches;
mod tester;
mod waits;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use guichet_domain::{AuditEvent, BrowserId, EventKind};
use guichet_keys::Sealer;
use guichet_store::short_lived::{Pending, Sessions};
use guichet_web::{Cookies, Csrf, PageError, Pages, Purpose};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::RecordDesk;
use crate::api::Api;
use crate::people::{Action, Kind, PeopleRecords, StaffDoor};

pub use front_door::{CLIENT_ID, FrontDoor, RETURN_PATH};
pub(crate) use session::Present;

/// What the console is made of.
#[derive(Clone)]
pub struct Console {
    /// Its pages.
    pub pages: Pages,
    /// The hub, as whoever comes in asks it.
    pub front_door: FrontDoor,
    /// Who is let in.
    pub door: StaffDoor,
    /// Who they are.
    pub people: Arc<PeopleRecords>,
    /// Who is in.
    pub sessions: Arc<dyn Sessions>,
    /// Who is on the way.
    pub pending: Arc<dyn Pending>,
    /// Seals sessions.
    pub session_seal: Sealer,
    /// Seals what waits for whoever is on the way.
    pub pending_seal: Sealer,
    /// Seals what waits for a confirmation.
    pub proposal_seal: Sealer,
    /// Its cookies.
    pub cookies: Cookies,
    /// Its forms.
    pub csrf: Csrf,
}

/// Every path of the console.
pub(crate) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/sign-in", get(sign_in::begin))
        .route(RETURN_PATH, get(sign_in::returned))
        .route("/sign-out", post(sign_in::leave))
        .route("/confirm/{id}", get(confirm::show))
        .route("/confirm/{id}/sign-in", get(confirm::go))
        .route(
            "/invitation/{text}",
            get(invitation::show).post(invitation::accept),
        )
        .route("/clients/{id}/scorecard", get(scorecard::show))
        .route("/clients/{id}/tests", get(tester::list).post(tester::begin))
        .route("/tests/{id}", get(tester::show).post(tester::answer))
        .route("/statistics", get(statistics::show))
        .route("/statistics.csv", get(statistics::download))
        .route("/me", get(me::show))
        .route("/me/glass", post(me::propose_glass))
        .route("/simulation", get(simulations::show))
        .route("/switches", get(switches::show).post(switches::propose))
        .route("/audit", get(audit::show))
        .route("/audit.csv", get(audit::as_csv))
        .route("/audit.jsonl", get(audit::as_lines))
        .route("/audit/{sequence}", get(audit::one))
        .route("/webhooks", get(webhooks::list).post(webhooks::add))
        .route("/webhooks/{id}", get(webhooks::show).post(webhooks::act))
        .route(
            "/clients/{id}/credentials",
            get(credentials::show).post(credentials::propose),
        )
        .merge(people::routes())
        .merge(records::routes())
        .merge(onboarding::routes())
        .merge(support::routes())
}

/// Pages that need no more than the console are handed no more.
impl FromRef<Arc<Api>> for Console {
    fn from_ref(api: &Arc<Api>) -> Self {
        api.console.clone()
    }
}

impl Console {
    /// A desk at which this member changes who is who.
    fn people_desk(&self, by: &Present) -> RecordDesk<Arc<PeopleRecords>> {
        let people = Arc::clone(&self.people);
        self.door.desk(people, Arc::new([]), by.actor())
    }

    /// The browser, and the cookie by which it will be known if it was not.
    pub(crate) fn browser(
        &self,
        headers: &HeaderMap,
    ) -> Result<(BrowserId, Option<HeaderValue>), PageError> {
        self.cookies
            .browser_or_new(headers, &*self.door.entropy)
            .map_err(|error| self.fault("make a cookie", &error))
    }

    /// The token of a form that this member gets: nobody else's, whoever signs in at this browser meanwhile.
    pub(crate) fn form_token(
        &self,
        browser: &BrowserId,
        form: &'static str,
        by: &Present,
    ) -> String {
        self.csrf
            .token(browser, Purpose::new(form, by.member.id.as_str()))
    }

    /// Whoever posts a form that they were given.
    pub(crate) async fn own_form(
        &self,
        headers: &HeaderMap,
        form: &'static str,
        csrf: &str,
    ) -> Result<Present, PageError> {
        let present = self.present(headers).await?;
        let browser = self.cookies.browser(headers);
        let purpose = Purpose::new(form, present.member.id.as_str());
        self.csrf.check(headers, browser.as_ref(), purpose, csrf)?;
        Ok(present)
    }

    /// Logs a fault once, under the reference its page shows.
    pub(crate) fn fault(
        &self,
        doing: &'static str,
        error: &(dyn std::error::Error + 'static),
    ) -> PageError {
        let page = PageError::of_fault(&*self.door.entropy, doing, error);
        let event = AuditEvent::new(EventKind::ErrorShown, self.door.clock.now());
        let event = page.described(event.detail("doing", doing));
        self.door.ledger.note(event);
        page
    }

    /// Whether they may do this to anything of this kind; what they may not is on record.
    pub(crate) fn must(&self, by: &Present, action: Action, kind: Kind) -> Result<(), PageError> {
        if by.rights.may_somewhere(action, kind) {
            return Ok(());
        }
        Err(self.refused(by, action, kind))
    }

    /// Refused, and on record.
    pub(crate) fn refused(&self, by: &Present, action: Action, kind: Kind) -> PageError {
        self.door.note_refused(&by.actor(), action, kind);
        Self::forbidden()
    }

    /// Not theirs to do, or to see.
    pub(crate) fn forbidden() -> PageError {
        PageError::new(StatusCode::FORBIDDEN, "console-forbidden")
    }

    /// A form that no page of ours has; `back` is the page it should be from.
    pub(crate) fn malformed(back: &str) -> PageError {
        PageError::new(StatusCode::BAD_REQUEST, "error-bad-request").with_way_back(back, None)
    }
}
