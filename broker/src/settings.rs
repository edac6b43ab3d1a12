//! What differs from one hub to the next.

use std::time::Duration;

use guichet_domain::{ClientId, ProviderId, Timestamp};
use guichet_web::Locale;
use http::HeaderName;
use url::Url;

use crate::breaker::Patience;
use crate::civil_register::RegisterSettings;
use crate::level::{SingleSignOn, Suspicion};

/// What differs from one hub to the next.
#[derive(Clone, Debug)]
pub struct HubSettings {
    /// The public address, which is also the issuer: https (http on loopback), no trailing slash.
    pub issuer: Url,
    /// How long a login may stay open, most of it spent at the provider.
    pub login_lifetime: Duration,
    /// How long a session lives without being used.
    pub session_idle: Duration,
    /// How long a session lives at most after its sign-in; a fresh sign-in begins another.
    pub session_lifetime: Duration,
    /// How long one call to a provider may take.
    pub provider_timeout: Duration,
    /// How many failures of a provider in a row it takes until nobody is sent there, and for how long.
    pub provider_patience: Patience,
    /// What everybody is to read who chooses a provider.
    pub announcements: Vec<Announcement>,
    /// How old a provider's metadata and keys may be before they are fetched again in the background.
    pub metadata_lifetime: Duration,
    /// How old they may be before an alert is raised: the provider has been away all that time.
    pub metadata_alert: Duration,
    /// How long before the last of a provider's keys ends, by its own word, an alert is raised.
    pub keys_end_alert: Duration,
    /// How long to wait between two fetches that an unknown key asked for.
    pub metadata_pause: Duration,
    /// How far a provider's clock may be from ours.
    pub clock_skew: Duration,
    /// The providers that clients without a list of their own may name in `idp_hint`; `None` for all.
    pub idp_hints: Option<Vec<ProviderId>>,
    /// How the civil register is asked, and what holds without it.
    pub register: RegisterSettings,
    /// Whether providers must state an e-mail address. Clients of the profile `franceconnect` always get
    /// one.
    pub email_required: bool,
    /// The client that is the citizen's account: nothing leaves the house for it, so nobody is informed
    /// of what it receives.
    pub account: Option<ClientId>,
    /// The client that is the console: it hears who somebody is and nothing else of them.
    pub console: Option<ClientId>,
    /// Where the account's requests lead back to that open again what is frozen; `None` where it has none.
    pub thaw_return: Option<String>,
    /// The host of addresses that stand for citizens' own; `None` where there are none.
    pub alias_domain: Option<String>,
    /// Whether a session answers several requests, and at which level at most.
    pub sso: SingleSignOn,
    /// What makes a request suspicious; `None` where nothing in front of the hub says so.
    pub suspicion: Option<Suspicion>,
    /// The header by which what stands in front of the hub says where a request comes from; `None` where it does not.
    pub place: Option<HeaderName>,
}

impl HubSettings {
    /// The defaults, for this issuer.
    pub fn new(issuer: Url) -> Self {
        Self {
            issuer,
            login_lifetime: Duration::from_mins(15),
            session_idle: Duration::from_mins(30),
            session_lifetime: Duration::from_hours(12),
            provider_timeout: Duration::from_secs(6),
            provider_patience: Patience {
                failures: 5,
                pause: Duration::from_secs(30),
            },
            announcements: Vec::new(),
            metadata_lifetime: Duration::from_hours(1),
            metadata_alert: Duration::from_hours(24),
            keys_end_alert: Duration::from_hours(30 * 24),
            metadata_pause: Duration::from_secs(30),
            clock_skew: Duration::from_mins(1),
            idp_hints: None,
            register: RegisterSettings::default(),
            email_required: false,
            account: None,
            console: None,
            thaw_return: None,
            alias_domain: None,
            sso: SingleSignOn::default(),
            suspicion: None,
            place: None,
        }
    }
}

/// A message of the operator to everybody who chooses a provider, for a while.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
    /// Shown from then on.
    pub from: Option<Timestamp>,
    /// Shown until then.
    pub until: Option<Timestamp>,
}

impl Announcement {
    /// What it says in `locale`, if it is to be shown at `now`.
    pub(crate) fn at(&self, now: Timestamp, locale: Locale) -> Option<&str> {
        let is_shown =
            self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until);
        is_shown.then_some(match locale {
            Locale::French => &self.fr,
            Locale::English => &self.en,
        })
    }
}
