//! What one service keeps at hand: its pages and cookies, its line to the hub, who is on the way,
//! who is signed in. All of it in memory: a restart signs everyone out, here and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{BrowserId, Clock, Entropy, Timestamp};
use guichet_web::{Accent, Cookies, Csrf, LocalPath, Pages};
use http::HeaderMap;
use serde_json::{Map, Value};
use url::Url;

use super::evidence::Office;
use super::hub::Hub;
use super::messages::Messenger;
use crate::cast::Service;
use crate::shelf::Shelf;
use crate::{DemoError, Surroundings};

/// The state of one service.
pub(super) struct Desk {
    pub(super) service: Service,
    pub(super) pages: Pages,
    pub(super) cookies: Cookies,
    pub(super) csrf: Csrf,
    pub(super) hub: Hub,
    /// Where evidence is asked for, at the services that do.
    pub(super) office: Option<Office>,
    /// Its way into the accounts of citizens, at the services that have one.
    pub(super) messenger: Option<Messenger>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    /// Who went to the hub to sign in, by `state`.
    pub(super) on_the_way: Shelf<OnTheWay>,
    /// Who is signed in, by the value of the session cookie.
    pub(super) sessions: Shelf<Arc<Session>>,
    /// Who went to the hub to sign out, by `state`.
    pub(super) leaving: Shelf<()>,
    /// The logout tokens that were taken, by `jti`.
    pub(super) taken_logouts: Shelf<()>,
}

/// What must come back from the hub as it left, for one sign-in.
#[derive(Clone)]
pub(super) struct OnTheWay {
    /// The browser that left; no other may return.
    pub(super) browser: BrowserId,
    pub(super) nonce: String,
    pub(super) verifier: String,
    /// Where to go on afterwards.
    pub(super) target: LocalPath,
}

/// Someone who is signed in here.
#[derive(Clone)]
pub(super) struct Session {
    /// The pseudonym.
    pub(super) subject: String,
    /// The session at the hub, for logout tokens.
    pub(super) sid: Option<String>,
    pub(super) acr: String,
    pub(super) amr: Vec<String>,
    pub(super) auth_time: Option<i64>,
    /// What userinfo gave.
    pub(super) claims: Map<String, Value>,
    /// Kept to tell the hub whom to sign out.
    pub(super) id_token: String,
}

impl Desk {
    pub(super) fn new(service: Service, surroundings: &Surroundings) -> Result<Self, DemoError> {
        let member = service.member();
        let pages = surroundings.pages(member, accent(service))?;
        let office = Office::of(service, surroundings)?;
        let messenger = Messenger::of(service, office.as_ref(), surroundings)?;
        let public_url = Url::parse(surroundings.addresses.of(member))?;
        Ok(Self {
            service,
            cookies: Cookies::new(member.slug(), pages.is_https())?,
            csrf: Csrf::new(surroundings.entropy.bytes32(), &public_url),
            hub: Hub::new(service, surroundings)?,
            office,
            messenger,
            clock: Arc::clone(&surroundings.clock),
            entropy: Arc::clone(&surroundings.entropy),
            on_the_way: Shelf::new(LONGEST_TRIP, MOST),
            sessions: Shelf::new(LONGEST_VISIT, MOST),
            leaving: Shelf::new(LONGEST_TRIP, MOST),
            taken_logouts: Shelf::new(LONGEST_TRIP, MOST),
            pages,
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh value of 256 bits nobody can guess, as base64url.
    pub(super) fn secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.entropy.bytes32())
    }

    /// Who is signed in in the browser that sent `headers`.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Arc<Session>> {
        self.sessions
            .get(self.cookies.get(headers, SESSION)?, self.now())
    }
}

/// The name of the session cookie.
pub(super) const SESSION: &str = "session";

/// The hub gives up a login long before.
const LONGEST_TRIP: Duration = Duration::from_mins(20);
const LONGEST_VISIT: Duration = Duration::from_mins(30);
/// Enough for any test of load, little enough for any laptop.
const MOST: usize = 10_000;

const fn accent(service: Service) -> Accent {
    match service {
        Service::CarteGrise => Accent::Blue,
        Service::Plainte => Accent::Rose,
        Service::Cantine => Accent::Amber,
        Service::Banque => Accent::Green,
    }
}
