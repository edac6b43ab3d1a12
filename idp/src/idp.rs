//! The provider itself: what it is made of, and the accounts an operator gives it.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::client::ClientDirectory;
use guichet_domain::{Acr, Clock, Entropy, ProviderId, Timestamp};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_oidc::{Engine, LogoutNotices};
use guichet_store::durable::{Accounts, Authenticators, Carrier, Mailroom, Outbox};
use guichet_store::short_lived::{Attempts, Logins, Pending, ReplayGuard, Sessions};
use guichet_web::{CookieError, Cookies, Csrf, Mailer, Outgoing, Pages};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::accounts::Seeding;
use crate::authenticators::passkey::Passkeys;
use crate::known_browser::KnownBrowsers;
use crate::notices::Post;
use crate::password::PasswordPool;
use crate::throttle::{Limits, Throttle};

/// What differs from one instance to the next.
#[derive(Clone, Debug)]
pub struct IdpSettings {
    /// Its name in stores, cookies and the audit log: at most 32 characters. Its accounts hang off
    /// it, so it never changes.
    pub name: ProviderId,
    /// Its name as people see it, also in their authenticator applications.
    pub title: String,
    /// Its issuer, which is also its public address.
    pub issuer: Url,
    /// The highest level it reaches: `eidas1` knows passwords only, `eidas2` second factors too.
    pub max_acr: Acr,
    /// How long a sign-in serves further requests, at most.
    pub session_lifetime: Duration,
    /// How long a sign-in may stay unfinished.
    pub sign_in_lifetime: Duration,
    /// How recent a sign-in must be to change authenticators.
    pub fresh: Duration,
    /// How many failed tries are borne.
    pub limits: Limits,
}

impl IdpSettings {
    /// An instance with the lifetimes that suit most: an hour, fifteen and five minutes.
    pub fn new(name: ProviderId, title: impl Into<String>, issuer: Url, max_acr: Acr) -> Self {
        Self {
            name,
            title: title.into(),
            issuer,
            max_acr,
            session_lifetime: Duration::from_hours(1),
            sign_in_lifetime: Duration::from_mins(15),
            fresh: Duration::from_mins(5),
            limits: Limits::default(),
        }
    }
}

/// What an instance is built from. Short-lived records, clients and signing keys are its own, never
/// those of the hub: codes and tokens of two issuers do not lie in one drawer.
pub struct IdpParts {
    /// What differs.
    pub settings: IdpSettings,
    /// The protocol, for this issuer.
    pub engine: Engine,
    /// Its pages, built with [`crate::register`]; their forms lead to other sites.
    pub pages: Pages,
    /// Sealing, and keys for forms and cookies.
    pub keys: Keys,
    /// The audit log.
    pub ledger: Ledger,
    /// Who may ask; the same as the engine's. An instance has its own: the hub is its client, the
    /// hub's services are not, or they would learn who a person is past the hub and its consent.
    pub clients: Arc<dyn ClientDirectory>,
    /// Sign-ins under way.
    pub logins: Arc<dyn Logins>,
    /// Its own sessions.
    pub sessions: Arc<dyn Sessions>,
    /// One-time codes used.
    pub replay: Arc<dyn ReplayGuard>,
    /// Counters of failed tries.
    pub attempts: Arc<dyn Attempts>,
    /// Ceremonies under way.
    pub pending: Arc<dyn Pending>,
    /// Accounts.
    pub accounts: Arc<dyn Accounts>,
    /// Their second factors.
    pub authenticators: Arc<dyn Authenticators>,
    /// Sign-out notices on their way.
    pub outbox: Arc<dyn Outbox>,
    /// Password work, shared by every instance of the node.
    pub passwords: PasswordPool,
    /// Mail to owners of accounts. Whoever sends one waits until it is taken.
    pub mailer: Arc<dyn Mailer>,
    /// Who else carries letters of that outbox.
    pub carriers: Vec<Arc<dyn Carrier>>,
    /// Sign-out notices to clients.
    pub outgoing: Outgoing,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why an instance cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum IdpError {
    /// Its name cannot stand in a cookie.
    #[error("the name of an identity provider: {0}")]
    Name(#[from] CookieError),
    /// A level it cannot reach.
    #[error("an embedded identity provider reaches eidas1 or eidas2")]
    Level,
}

/// One embedded identity provider. Cheap to clone.
#[derive(Clone)]
pub struct Idp(Arc<Inner>);

/// What an instance holds; opaque outside this room.
pub struct Inner {
    pub(crate) settings: IdpSettings,
    pub(crate) engine: Engine,
    pub(crate) pages: Pages,
    pub(crate) ledger: Ledger,
    pub(crate) clients: Arc<dyn ClientDirectory>,
    pub(crate) logins: Arc<dyn Logins>,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) replay: Arc<dyn ReplayGuard>,
    pub(crate) pending: Arc<dyn Pending>,
    pub(crate) accounts: Arc<dyn Accounts>,
    pub(crate) authenticators: Arc<dyn Authenticators>,
    pub(crate) passwords: PasswordPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) cookies: Cookies,
    pub(crate) csrf: Csrf,
    pub(crate) throttle: Throttle,
    pub(crate) known_browsers: KnownBrowsers,
    /// `None` where the level does not ask for them or browsers cannot have them.
    pub(crate) passkeys: Option<Passkeys>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) notices: LogoutNotices,
    /// A room for each carrier: a client that is slow to hear keeps no code by mail waiting.
    pub(crate) rooms: Vec<Mailroom>,
    pub(crate) tasks: TaskTracker,
    pub(crate) seeding: Seeding,
    pub(crate) sealers: Sealers,
    /// Mixed into what clients know sessions by.
    pub(crate) sid_key: [u8; 32],
}

/// One sealer per kind of record: what one seals no other opens.
pub(crate) struct Sealers {
    pub(crate) sign_ins: Sealer,
    pub(crate) sessions: Sealer,
    pub(crate) pending: Sealer,
    pub(crate) identities: Sealer,
    pub(crate) authenticators: Sealer,
}

impl Idp {
    /// Builds an instance. Must run inside the async runtime: mail is sent by a task of its own.
    pub fn new(parts: IdpParts) -> Result<Self, IdpError> {
        let IdpParts {
            settings,
            engine,
            pages,
            keys,
            ..
        } = parts;
        if settings.max_acr > Acr::Eidas2 {
            return Err(IdpError::Level);
        }
        let cookies = Cookies::new(settings.name.as_str(), pages.is_https())?;
        let sealers = Sealers {
            sign_ins: keys.sealer("idp sign-ins"),
            sessions: keys.sealer("idp sessions"),
            pending: keys.sealer("idp pending"),
            identities: keys.sealer("idp identities"),
            authenticators: keys.sealer("idp authenticators"),
        };
        let passkeys = (settings.max_acr >= Acr::Eidas2)
            .then(|| Passkeys::at(&settings.issuer, &settings.title))
            .flatten();
        let throttle = Throttle::new(settings.name.as_str(), settings.limits, parts.attempts);
        let notices = LogoutNotices::new(
            engine.clone(),
            &keys,
            Arc::clone(&parts.outbox),
            Arc::new(Post(parts.outgoing)),
        );
        let mut carriers = parts.carriers;
        carriers.push(Arc::new(notices.clone()));
        let room = |carrier| {
            let outbox = Arc::clone(&parts.outbox);
            Mailroom::new(outbox, vec![carrier], Arc::clone(&parts.clock))
        };
        let rooms = carriers.into_iter().map(room).collect();
        Ok(Self(Arc::new(Inner {
            csrf: Csrf::new(keys.derive("idp forms"), &settings.issuer),
            known_browsers: KnownBrowsers::new(keys.sealer("idp known browsers")),
            sid_key: keys.derive("idp sid"),
            mailer: parts.mailer,
            notices,
            rooms,
            tasks: TaskTracker::new(),
            seeding: Seeding::new(),
            settings,
            engine,
            pages,
            ledger: parts.ledger,
            clients: parts.clients,
            logins: parts.logins,
            sessions: parts.sessions,
            replay: parts.replay,
            pending: parts.pending,
            accounts: parts.accounts,
            authenticators: parts.authenticators,
            passwords: parts.passwords,
            clock: parts.clock,
            entropy: parts.entropy,
            cookies,
            throttle,
            passkeys,
            sealers,
        })))
    }

    /// What differs.
    pub fn settings(&self) -> &IdpSettings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The house's name, as stores have it.
    pub(crate) fn house(&self) -> &str {
        self.0.settings.name.as_str()
    }

    /// Whether it knows second factors at all.
    pub(crate) fn has_second_factors(&self) -> bool {
        self.0.settings.max_acr >= Acr::Eidas2
    }

    /// An address of ours, from the root of the host.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.0.pages.base())
    }
}

impl Deref for Idp {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
