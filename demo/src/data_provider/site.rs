//! What a data provider keeps at hand, and its home page.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_exchange_client::{
    Authentication, BlindRegister, EventReceiver, EvidenceClient, EvidenceDesk, InMemory,
    VoucherVerifier,
};
use guichet_web::{Accent, Cookies, Csrf, PageContext, Pages, Serde, Value, context};
use tokio::sync::OnceCell;
use url::Url;

use super::linking::OnTheWay;
use super::mood::Shared;
use super::preview::Shown;
use super::told::Told;
use crate::cast::DataProvider;
use crate::shelf::Shelf;
use crate::{DemoError, Surroundings, party};

/// The state of one data provider. In memory: after a restart citizens sign in once more.
pub(super) struct Site {
    pub(super) provider: DataProvider,
    pub(super) pages: Pages,
    pub(super) cookies: Cookies,
    pub(super) csrf: Csrf,
    pub(super) mood: Shared,
    pub(super) entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    here: Url,
    /// Where vouchers are presented.
    pub(super) desk: EvidenceDesk,
    /// Where the hub says what became of an exchange.
    pub(super) receiver: EventReceiver,
    /// What it said, the newest first.
    pub(super) told: Mutex<Vec<Told>>,
    /// Where citizens sign in, once.
    pub(super) sign_in: EvidenceClient,
    /// Who is on the way to the hub, by `state`.
    pub(super) on_the_way: Shelf<OnTheWay>,
    /// What may be looked at, by ticket.
    pub(super) shown: Shelf<Shown>,
    /// Our register by blind index, once somebody is looked for in it.
    pub(super) register: OnceCell<BlindRegister<&'static str>>,
    /// Whose file is whose: the account name, by the name the hub has for the citizen here.
    links: RwLock<HashMap<String, &'static str>>,
}

impl Site {
    pub(super) fn new(
        provider: DataProvider,
        surroundings: &Surroundings,
    ) -> Result<Self, DemoError> {
        let pages = surroundings.pages(provider.member(), Accent::Teal)?;
        let here = |path| surroundings.addresses.at(provider.member(), path);
        let hub = party::hub(surroundings, provider.id(), Authentication::PrivateKeyJwt)?;
        let home = Url::parse(&here("/"))?;
        let endpoint = Url::parse(&here("/evidence"))?;
        let used = Arc::new(InMemory::default());
        let verifier = VoucherVerifier::new(hub.clone(), provider.id(), endpoint, used);
        Ok(Self {
            cookies: Cookies::new(provider.id(), pages.is_https())?,
            entropy: Arc::clone(&surroundings.entropy),
            clock: Arc::clone(&surroundings.clock),
            csrf: Csrf::new(surroundings.entropy.bytes32(), &home),
            mood: Shared::default(),
            here: home,
            desk: EvidenceDesk::new(verifier),
            receiver: EventReceiver::new(hub.clone(), Arc::new(InMemory::default())),
            told: Mutex::default(),
            sign_in: EvidenceClient::new(hub, &here("/callback")),
            on_the_way: Shelf::new(LONGEST_TRIP, MOST),
            shown: Shelf::new(LONGEST_TRIP, MOST),
            register: OnceCell::new(),
            links: RwLock::default(),
            provider,
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

    /// The address of a page of ours.
    pub(super) fn at(&self, path: &str) -> Option<Url> {
        self.here.join(path).ok()
    }

    /// Whose file it is.
    pub(super) fn citizen(&self, subject: &str) -> Option<&'static str> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.get(subject).copied()
    }

    /// From now on `subject` is the citizen with the account `login`.
    pub(super) fn link(&self, subject: &str, login: &'static str) {
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        links.insert(subject.to_owned(), login);
    }

    /// Where the hub wants its citizen back; nowhere else do we send anybody.
    pub(super) fn way_back(&self, return_to: Option<&str>) -> Option<Url> {
        let back = Url::parse(return_to?).ok()?;
        let hub = Url::parse(self.desk.hub().issuer()).ok()?;
        let is_below = back.path().starts_with(hub.path().trim_end_matches('/'));
        (back.origin() == hub.origin() && back.username().is_empty() && is_below).then_some(back)
    }
}

/// Longer than the hub waits.
const LONGEST_TRIP: Duration = Duration::from_mins(20);
/// Enough for any test of load, little enough for any laptop.
const MOST: usize = 10_000;

pub(super) async fn home(State(site): State<Arc<Site>>, page: PageContext) -> Response {
    let evidence = site.provider.scopes().iter().map(|scope| {
        context! {
            label => site.pages.text(page.locale, &format!("demo-evidence-{scope}"), &[]),
            value => *scope,
        }
    });
    let told = site.told.lock().unwrap_or_else(PoisonError::into_inner);
    let told = told
        .iter()
        .map(|told| context! { text => told.text, at => told.at.millis() });
    let data = context! {
        told => told.collect::<Value>(),
        provider => format!("demo-{}", site.provider.id()),
        evidence => evidence.collect::<Value>(),
        linked => false,
        mood => Serde(site.mood.get()),
    };
    site.pages.html(&page, "demo/data_provider.html", data)
}
