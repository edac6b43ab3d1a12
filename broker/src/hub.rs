//! The hub: what it is made of, and the few things that every handler does.

use std::error::Error;
use std::sync::Arc;

use guichet_domain::client::ClientDirectory;
use guichet_domain::{
    Acr, AuditEvent, BrowserId, CaseReference, Client, ClientId, Clock, Entropy, EventKind,
    LoginId, PersonId, ProviderId, Scope, Sector, Timestamp,
};
use guichet_exchange::{Ask, Desk};
use guichet_keys::{Keys, Mac, Sealer};
use guichet_ledger::Ledger;
use guichet_oidc::{AcceptedRequest, Engine, LogoutNotices, RefusalCounts};
use guichet_store::durable::{
    Carrier, Consents, Corrections, MailAliases, Mailroom, Messages, Outbox, People, PersonGate,
    Subjects, Ways,
};
use guichet_store::short_lived::{
    Attempts, Logins, Pending, ReplayGuard, SessionIndex, Sessions, Verdicts,
};
use guichet_web::{Cookies, Csrf, Locale, Mail, Mailer, Outgoing, PageError, Pages, Purpose};
use http::{HeaderMap, StatusCode};
use tokio_util::task::TaskTracker;

use crate::civil_register::{CivilRegister, RegisterDesk};
use crate::health::Health;
use crate::login::{Trip, abandon};
use crate::logo::Logos;
use crate::logout::notices::Post;
use crate::people::CaseOffice;
use crate::ping::Pings;
use crate::place::place_of;
use crate::settings::HubSettings;
use crate::upstream::{LogoutLie, ProviderDirectory, Upstreams};

/// The label of a scope that stands for data of a data provider, when one is known.
pub type ScopeLabels = dyn Fn(&Scope, Locale) -> Option<String> + Send + Sync;

/// What a hub is built from.
pub struct HubParts {
    /// What differs.
    pub settings: HubSettings,
    /// The OpenID Provider engine.
    pub engine: Engine,
    /// Signing and sealing.
    pub keys: Keys,
    /// Pages, with [`crate::pages::with_pages`] among them.
    pub pages: Pages,
    /// Cookies.
    pub cookies: Cookies,
    /// The hardened client.
    pub outgoing: Outgoing,
    /// The same with the hub's certificate, for providers that know the hub by it (RFC 8705). Without
    /// one, such a provider is called without, and refuses.
    pub certified: Option<Outgoing>,
    /// Who may ask.
    pub clients: Arc<dyn ClientDirectory>,
    /// Who may be asked.
    pub providers: Arc<dyn ProviderDirectory>,
    /// Logins in flight.
    pub logins: Arc<dyn Logins>,
    /// Single sign-on sessions.
    pub sessions: Arc<dyn Sessions>,
    /// What they are found by.
    pub session_index: Arc<dyn SessionIndex>,
    /// Answers of providers, each used once.
    pub replay: Arc<dyn ReplayGuard>,
    /// Counters for throttling.
    pub attempts: Arc<dyn Attempts>,
    /// Sign-outs under way.
    pub pending: Arc<dyn Pending>,
    /// Citizens.
    pub people: Arc<dyn People>,
    /// Corrections of who is who.
    pub corrections: Arc<dyn Corrections>,
    /// Who may act: asked before anything is done as somebody.
    pub gate: Arc<dyn PersonGate>,
    /// Where they are frozen.
    pub cases: Arc<CaseOffice>,
    /// The ways into their identity, as they want them.
    pub ways: Arc<dyn Ways>,
    /// Addresses that stand for theirs.
    pub mail_aliases: Arc<dyn MailAliases>,
    /// What they are told in their account.
    pub messages: Arc<dyn Messages>,
    /// Who carries mail to them. Whoever sends one waits until it is taken.
    pub mailer: Arc<dyn Mailer>,
    /// Their names in each sector.
    pub subjects: Arc<dyn Subjects>,
    /// What they agreed to.
    pub consents: Arc<dyn Consents>,
    /// Notices on their way to services.
    pub outbox: Arc<dyn Outbox>,
    /// Who else carries letters of that outbox.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// The civil register. Without one, a provider that requires it signs nobody in.
    pub register: Option<Arc<dyn CivilRegister>>,
    /// What the register said of late.
    pub verdicts: Arc<dyn Verdicts>,
    /// The audit log.
    pub ledger: Ledger,
    /// Where evidence is fetched and decided on. Without one no request asks for any.
    pub exchange: Option<Arc<Desk>>,
    /// Labels of data scopes.
    pub scope_labels: Arc<ScopeLabels>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    parts: HubParts,
    sealers: Sealers,
    session_index_key: Mac,
    csrf: Csrf,
    upstreams: Upstreams,
    register: RegisterDesk,
    /// When this node began.
    began: Timestamp,
    refused_sign_outs: RefusalCounts<(ProviderId, LogoutLie)>,
    shown: RefusalCounts<Shown>,
    notices: LogoutNotices,
    pings: Pings,
    /// What the hub itself leaves for services, and a room for each carrier from outside: mail, webhooks. Whoever
    /// is slow to answer in one keeps nobody in another waiting.
    mailroom: Mailroom,
    rooms: Vec<Mailroom>,
    logos: Logos,
    health: Health,
    tasks: TaskTracker,
}

/// What seals each kind of record, and hides where one is found.
pub(crate) struct Sealers {
    pub(crate) login: Sealer,
    pub(crate) session: Sealer,
    pub(crate) pending: Sealer,
    pub(crate) provider_secret: Sealer,
    /// Addresses that lead back to a login.
    pub(crate) way_back: Sealer,
    /// What citizens chose about the ways into their identity.
    pub(crate) ways: Sealer,
    /// What they used, under another name for each of them.
    pub(crate) used: Mac,
    /// What makes the links that open closed accounts again.
    pub(crate) reopening: Mac,
    /// The links of mailed notices.
    pub(crate) notice_link: Sealer,
    /// Where a session's successor is found.
    pub(crate) successors: Mac,
}

/// Error pages that cost whoever asks for them nothing, by their sort.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// A request in this client's name that was refused with this error.
    Refused(ClientId, &'static str),
    /// A page of this login that says this.
    OfLogin(LoginId, &'static str),
}

/// What citizens chose about their ways in, and what they are told of them, is sealed for this.
pub(crate) const WAYS_SEALED: &str = "hub-ways";

impl Hub {
    /// Builds the hub.
    pub fn new(parts: HubParts) -> Self {
        let keys = &parts.keys;
        let sealers = Sealers {
            login: keys.sealer("hub-login"),
            session: keys.sealer("hub-session"),
            pending: keys.sealer("hub-pending"),
            provider_secret: keys.sealer(crate::upstream::PROVIDER_SECRET),
            way_back: keys.sealer("hub-way-back"),
            ways: keys.sealer(WAYS_SEALED),
            used: keys.mac("hub-ways-used"),
            reopening: keys.mac("hub-account-reopening"),
            notice_link: keys.sealer("hub-notice-link"),
            successors: keys.mac("hub-session-successors"),
        };
        let session_index_key = keys.mac("hub sessions");
        let csrf = Csrf::new(keys.derive("hub-csrf"), &parts.settings.issuer);
        let notices = LogoutNotices::new(
            parts.engine.clone(),
            keys,
            Arc::clone(&parts.outbox),
            Arc::new(Post(parts.outgoing.clone())),
        );
        let pings = Pings::of(&parts);
        let mut carriers: Vec<Arc<dyn Carrier>> =
            vec![Arc::new(notices.clone()), Arc::new(pings.clone())];
        if let Some(desk) = &parts.exchange {
            carriers.push(Arc::clone(desk.events()) as Arc<dyn Carrier>);
        }
        let room = |carriers| {
            let outbox = Arc::clone(&parts.outbox);
            Mailroom::new(outbox, carriers, Arc::clone(&parts.clock))
        };
        let mailroom = room(carriers);
        let others = parts.carriers.iter().cloned();
        let rooms = others.map(|carrier| room(vec![carrier])).collect();
        let register = RegisterDesk::new(
            parts.register.clone(),
            parts.settings.register,
            Arc::clone(&parts.verdicts),
            keys,
            Arc::clone(&parts.clock),
        );
        let health = Health::new(parts.settings.provider_patience);
        Self(Arc::new(Inner {
            began: parts.clock.now(),
            parts,
            health,
            register,
            refused_sign_outs: RefusalCounts::default(),
            shown: RefusalCounts::default(),
            notices,
            pings,
            mailroom,
            rooms,
            sealers,
            session_index_key,
            csrf,
            upstreams: Upstreams::default(),
            logos: Logos::default(),
            tasks: TaskTracker::new(),
        }))
    }

    /// Waits until what was begun off the request path (logout notices) is done. For shutdown.
    pub async fn finish(&self) {
        self.0.rooms.iter().for_each(Mailroom::close);
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    pub(crate) fn parts(&self) -> &HubParts {
        &self.0.parts
    }

    pub(crate) fn logos(&self) -> &Logos {
        &self.0.logos
    }

    pub(crate) fn health(&self) -> &Health {
        &self.0.health
    }

    pub(crate) fn sealers(&self) -> &Sealers {
        &self.0.sealers
    }

    pub(crate) fn session_index_key(&self) -> &Mac {
        &self.0.session_index_key
    }

    pub(crate) fn upstreams(&self) -> &Upstreams {
        &self.0.upstreams
    }

    pub(crate) fn register(&self) -> &RegisterDesk {
        &self.0.register
    }

    pub(crate) fn refused_sign_outs(&self) -> &RefusalCounts<(ProviderId, LogoutLie)> {
        &self.0.refused_sign_outs
    }

    pub(crate) fn began(&self) -> Timestamp {
        self.0.began
    }

    pub(crate) fn notices(&self) -> &LogoutNotices {
        &self.0.notices
    }

    pub(crate) fn pings(&self) -> &Pings {
        &self.0.pings
    }

    pub(crate) fn mailroom(&self) -> &Mailroom {
        &self.0.mailroom
    }

    /// The rooms of the outbox.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = &Mailroom> {
        std::iter::once(&self.0.mailroom).chain(&self.0.rooms)
    }

    /// Hands a mail over; what it tells of stands, whether or not it could be.
    pub(crate) async fn mail(&self, mail: Mail) {
        if let Err(error) = self.parts().mailer.send(&mail).await {
            tracing::error!(%error, "a mail was not taken");
        }
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// The person who is signed in to their account at the browser that sent `headers`.
    pub async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<PersonId>, PageError> {
        let Some(live) = self.account_session(headers).await? else {
            return Ok(None);
        };
        self.standing(live.session.person).await.map(Some)
    }

    /// Who a person is by now: they may have been merged with somebody since they signed in.
    pub(crate) async fn standing(&self, person: PersonId) -> Result<PersonId, PageError> {
        let standing = self.parts().people.standing(person).await;
        standing.map_err(|fault| self.fault("find a person", &fault))
    }

    /// Whether a client is the citizen's own account.
    pub(crate) fn is_account(&self, client: &ClientId) -> bool {
        self.parts().settings.account.as_ref() == Some(client)
    }

    /// The sector that the account's names of its persons belong to; `None` where there is no account.
    pub(crate) fn account_sector(&self) -> Option<Sector> {
        let parts = self.parts();
        let account = parts.settings.account.as_ref()?;
        let client = parts.clients.client(account.as_str())?;
        Some(client.sector.clone())
    }

    /// Whether a client is of the house, so that nothing leaves it: the account, or the console.
    pub(crate) fn is_of_the_house(&self, client: &ClientId) -> bool {
        self.is_account(client) || self.parts().settings.console.as_ref() == Some(client)
    }

    /// Where a request with these headers comes from, as far as anything in front of the hub says so.
    pub(crate) fn whereabouts(&self, headers: &HeaderMap) -> Option<String> {
        let header = self.parts().settings.place.as_ref()?;
        place_of(header, headers)
    }

    /// The floor under the level of a request with these headers, when it looks suspicious.
    pub(crate) fn floor(&self, headers: &HeaderMap) -> Option<Acr> {
        let suspicion = self.parts().settings.suspicion.as_ref();
        suspicion.and_then(|suspicion| suspicion.floor(headers))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts().clock.now()
    }

    /// A path of ours as the browser knows it, with the base of the issuer in front.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.parts().pages.base())
    }

    /// The facts that a request asks for.
    pub(crate) fn asks(&self, request: &AcceptedRequest) -> Vec<Ask> {
        let desk = self.parts().exchange.as_ref();
        desk.map_or_else(Vec::new, |desk| desk.asks(request.details()))
    }

    /// The least level that the facts of a request need.
    pub(crate) fn least_level(&self, request: &AcceptedRequest) -> Option<Acr> {
        let desk = self.parts().exchange.as_ref()?;
        desk.least_level(&desk.asks(request.details()))
    }

    /// An address of ours for others to use.
    pub(crate) fn public_url(&self, path: &str) -> String {
        let issuer = self.parts().settings.issuer.as_str();
        format!("{}{path}", issuer.trim_end_matches('/'))
    }

    /// The hidden token of a form.
    pub(crate) fn form_token(&self, browser: BrowserId, purpose: Purpose<'_>) -> String {
        self.0.csrf.token(&browser, purpose)
    }

    /// Refuses a form that this browser was not given for this purpose.
    pub(crate) fn check_form(
        &self,
        headers: &HeaderMap,
        purpose: Purpose<'_>,
        token: &str,
    ) -> Result<(), PageError> {
        let browser = self.parts().cookies.browser(headers);
        self.0.csrf.check(headers, browser.as_ref(), purpose, token)
    }

    /// Logs a fault once, under the reference its page shows.
    pub(crate) fn fault(&self, doing: &'static str, error: &(dyn Error + 'static)) -> PageError {
        let page = PageError::of_fault(&*self.parts().entropy, doing, error);
        let event = AuditEvent::new(EventKind::ErrorShown, self.now()).detail("doing", doing);
        self.referenced(page, event)
    }

    /// The same as [`Self::referenced`], where whoever asks may ask as often as they like: of one sort an entry
    /// a minute (threat N-391). What is not recorded has a reference in the technical log alone.
    pub(crate) fn referenced_at_times(
        &self,
        sort: Shown,
        page: PageError,
        event: AuditEvent,
    ) -> PageError {
        let noted = self.0.shown.noteworthy(sort, event, self.now());
        match noted {
            Some(event) => self.referenced(page, event),
            None => page,
        }
    }

    /// A page whose reference the audit log knows, by `event`: whoever reads it out is told what happened.
    pub(crate) fn referenced(&self, page: PageError, event: AuditEvent) -> PageError {
        let page = match page.reference() {
            Some(_) => page,
            None => page.with_reference(CaseReference::random(&*self.parts().entropy)),
        };
        self.note(page.described(event));
        page
    }

    /// Leaves an event to the audit log without waiting for it.
    pub(crate) fn note(&self, event: AuditEvent) {
        self.parts().ledger.note(event);
    }

    /// Puts an event in the audit log; returns when it is durable.
    pub(crate) async fn append(&self, event: AuditEvent) -> Result<(), PageError> {
        let appended = self.parts().ledger.append(event).await;
        appended
            .map(|_| ())
            .map_err(|fault| self.fault("append to the audit log", &fault))
    }

    /// The client of a login, if it is still active (threat N-07).
    pub(crate) fn client_of(&self, trip: &Trip) -> Result<Arc<Client>, PageError> {
        let client = self.parts().engine.client_of(&trip.request);
        client.ok_or_else(|| PageError::new(StatusCode::FORBIDDEN, "login-service-closed"))
    }

    /// The token of the form that leaves for the service, which most pages of a login have.
    pub(crate) fn abandon_token(&self, trip: &Trip) -> String {
        self.form_token(
            trip.browser,
            Purpose::new(abandon::FORM, &trip.id.to_string()),
        )
    }
}
