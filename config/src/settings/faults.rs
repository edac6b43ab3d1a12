//! What no setting can say alone: the rules between them.

use std::collections::BTreeSet;

use guichet_domain::CivilRegisterPolicy;
use guichet_domain::provider::ProviderAuthentication;
use url::Url;

use super::{Announcement, CustodyKind, LifeEvent, Operator, Resource, Settings};
use crate::Lifetime;

impl Settings {
    /// What no type can say alone. Each row names a key and what must change.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Faults::default();
        faults.require(issuer_is_sound(&self.hub.issuer), "hub.issuer", ISSUER_RULE);
        self.judge_keys(&mut faults);
        self.judge_stores(&mut faults);
        self.judge_providers(&mut faults);
        self.judge_lifetimes(&mut faults);
        self.judge_what_is_listed(&mut faults);
        self.judge_mail(&mut faults);
        self.judge_operators(&mut faults);
        self.judge_names(&mut faults);
        faults.0
    }

    /// How long keys live, and what a token needs; and that there is something to sign and to offer.
    fn judge_keys(&self, faults: &mut Faults) {
        faults.require(
            !self.keys.algorithms.is_empty(),
            "keys.algorithms",
            "at least one is needed",
        );
        let token = &self.keys.pkcs11;
        let in_token = self.keys.custody == CustodyKind::Pkcs11;
        for (is_set, key) in [
            (!token.module.as_os_str().is_empty(), "keys.pkcs11.module"),
            (!token.token.is_empty(), "keys.pkcs11.token"),
            (token.pin.is_some(), "keys.pkcs11.pin"),
            (token.sessions > 0, "keys.pkcs11.sessions"),
        ] {
            faults.require(
                !in_token || is_set,
                key,
                "keys.custody = \"pkcs11\" needs it",
            );
        }
        faults.require(
            self.keys.keep_after >= self.lifetimes.access_token,
            "keys.keep_after",
            "cannot be shorter than lifetimes.access_token: resources verify tokens until they expire",
        );
        faults.require(
            self.keys.keep_after >= self.lifetimes.id_token,
            "keys.keep_after",
            "cannot be shorter than lifetimes.id_token: tokens must verify until they expire",
        );
        faults.require(
            self.keys.publish_before < self.keys.rotate_every,
            "keys.publish_before",
            "must be shorter than keys.rotate_every",
        );
        faults.require(
            !self.levels.offered.is_empty(),
            "levels.offered",
            "at least one is needed",
        );
    }

    /// Where records are.
    fn judge_stores(&self, faults: &mut Faults) {
        let durable = self.store.durable.expose();
        faults.require(
            ["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|prefix| durable.starts_with(prefix)),
            "store.durable",
            "sqlite:PATH or postgres://… is needed",
        );
        let short_lived = self.store.short_lived.expose();
        faults.require(
            short_lived == "memory"
                || ["redis://", "rediss://", "redis+unix://"]
                    .iter()
                    .any(|p| short_lived.starts_with(p)),
            "store.short_lived",
            "memory or redis://… is needed",
        );
        faults.require(
            self.store.connections > 0,
            "store.connections",
            "at least one is needed",
        );
    }

    /// What identity providers need of the hub.
    fn judge_providers(&self, faults: &mut Faults) {
        let asks_register = self.providers.iter().any(|provider| {
            provider
                .civil_register
                .unwrap_or(self.civil_register.default)
                == CivilRegisterPolicy::Required
        });
        faults.require(
            !asks_register || self.civil_register.url.is_some(),
            "civil_register.url",
            "a provider needs the civil register; give its URL, or set that provider's civil_register to \"skip\"",
        );
        let has_certificate = self.egress.client_certificate.is_some();
        faults.require(
            has_certificate == self.egress.client_key.is_some(),
            "egress.client_key",
            "egress.client_certificate and egress.client_key go together",
        );
        let is_known_by_certificate = self.providers.iter().any(|provider| {
            provider
                .token_endpoint_auth_method
                .is_some_and(ProviderAuthentication::is_by_certificate)
        });
        faults.require(
            has_certificate || !is_known_by_certificate,
            "egress.client_certificate",
            "a provider knows the hub by its certificate; give one",
        );
    }

    /// How long things last, alone and beside one another.
    fn judge_lifetimes(&self, faults: &mut Faults) {
        for (key, lifetime) in self.durations() {
            faults.require(
                lifetime > Lifetime::seconds(0),
                key,
                "more than nothing is needed",
            );
        }
        faults.require(
            self.lifetimes.session_absolute >= self.lifetimes.session,
            "lifetimes.session_absolute",
            "cannot be shorter than lifetimes.session",
        );
        faults.require(
            self.ciba.longest >= self.ciba.lifetime,
            "ciba.longest",
            "cannot be shorter than ciba.lifetime",
        );
    }

    /// Resources, announcements, events of life, and when a provider counts as failing.
    fn judge_what_is_listed(&self, faults: &mut Faults) {
        faults.require(
            self.resources.iter().all(Resource::has_sound_identifier),
            "resources",
            "identifier must be an absolute URI without fragment",
        );
        faults.require(
            self.provider_health.failures > 0,
            "provider_health.failures",
            "at least one is needed",
        );
        faults.require(
            self.announcements
                .iter()
                .map(Announcement::shown)
                .all(|shown| shown.is_some()),
            "announcements",
            "from and until are written like 2027-01-31T08:00:00Z, and from is before until",
        );
        faults.require(
            self.life_events.iter().all(LifeEvent::is_good),
            "life_events",
            "each has an id of lower-case letters, digits and hyphens, and says in fr and en what happens",
        );
    }

    /// How mail leaves, and how it arrives for aliases.
    fn judge_mail(&self, faults: &mut Faults) {
        faults.require(
            self.mail.host.is_none() || self.mail.has_sender(),
            "mail.from",
            "mail.host needs a sender, such as \"Guichet <no-reply@hub.example>\"",
        );
        faults.require(
            self.mail.has_sound_alias_domain(),
            "mail.alias_domain",
            "a host name in lower case is needed",
        );
        faults.require(
            self.mail.alias_lookup.is_none() || self.mail.alias_domain.is_some(),
            "mail.alias_domain",
            "mail.alias_lookup needs it",
        );
        faults.require(
            self.mail.user.is_some() == self.mail.password.is_some(),
            "mail.password",
            "mail.user and mail.password go together",
        );
    }

    /// Who acts by the command line.
    fn judge_operators(&self, faults: &mut Faults) {
        faults.require(
            self.operators.iter().all(Operator::is_sound),
            "operators",
            "each needs a name other than \"civil register\" and \"the person\", not beginning with \"staff:\", and the SHA-256 of a credential as 64 hexadecimal digits",
        );
        faults.require_unique(
            "operators",
            self.operators.iter().map(|operator| operator.name.trim()),
        );
        // One credential for two would be one pair of eyes.
        let hash = |operator: &Operator| operator.credential_sha256.to_ascii_lowercase();
        let hashes: Vec<String> = self.operators.iter().map(hash).collect();
        faults.require_unique("operators", hashes.iter().map(String::as_str));
    }

    /// What is declared, once each.
    fn judge_names(&self, faults: &mut Faults) {
        faults.require_unique(
            "clients",
            self.clients.iter().map(|client| client.client_id.as_str()),
        );
        faults.require_unique(
            "resources",
            self.resources.iter().map(|it| it.identifier.as_str()),
        );
        faults.require_unique(
            "providers",
            self.providers.iter().map(|provider| provider.id.as_str()),
        );
        faults.require_unique(
            "data_providers",
            self.data_providers.iter().map(|known| known.id.as_str()),
        );
    }
}

impl Settings {
    /// Every duration that must be more than nothing.
    fn durations(&self) -> [(&'static str, Lifetime); 27] {
        [
            ("devices.lifetime", self.devices.lifetime),
            ("devices.interval", self.devices.interval),
            ("ciba.lifetime", self.ciba.lifetime),
            ("ciba.longest", self.ciba.longest),
            ("ciba.interval", self.ciba.interval),
            ("lifetimes.login", self.lifetimes.login),
            ("lifetimes.session", self.lifetimes.session),
            ("lifetimes.code", self.lifetimes.code),
            ("lifetimes.pushed_request", self.lifetimes.pushed_request),
            ("lifetimes.access_token", self.lifetimes.access_token),
            ("lifetimes.id_token", self.lifetimes.id_token),
            ("lifetimes.refresh_token", self.lifetimes.refresh_token),
            (
                "lifetimes.refresh_token_idle",
                self.lifetimes.refresh_token_idle,
            ),
            (
                "lifetimes.refresh_token_overlap",
                self.lifetimes.refresh_token_overlap,
            ),
            ("lifetimes.unused_grant", self.lifetimes.unused_grant),
            ("keys.refresh", self.keys.refresh),
            ("tls.refresh", self.tls.refresh),
            ("keys.rotate_every", self.keys.rotate_every),
            ("keys.publish_before", self.keys.publish_before),
            ("keys.keep_after", self.keys.keep_after),
            ("ledger.checkpoint_every", self.ledger.checkpoint_every),
            ("egress.timeout", self.egress.timeout),
            ("civil_register.timeout", self.civil_register.timeout),
            ("civil_register.pause", self.civil_register.pause),
            ("civil_register.remember", self.civil_register.remember),
            ("provider_health.pause", self.provider_health.pause),
            (
                "provider_health.probe_every",
                self.provider_health.probe_every,
            ),
        ]
    }
}

/// What was found: a key, and what must change.
#[derive(Default)]
struct Faults(Vec<(String, String)>);

impl Faults {
    fn require(&mut self, holds: bool, key: &str, what: &str) {
        if !holds {
            self.0.push((key.to_owned(), what.to_owned()));
        }
    }

    fn require_unique<'a>(&mut self, key: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                let what = format!("`{id}` is declared twice");
                self.0.push((key.to_owned(), what));
            }
        }
    }
}

/// OIDC Discovery §3, and loopback for demonstrations and tests.
fn issuer_is_sound(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else {
        return false;
    };
    let is_loopback = match url.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    (url.scheme() == "https" || url.scheme() == "http" && is_loopback)
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && !issuer.ends_with('/')
}

const ISSUER_RULE: &str = "an https URL without query, fragment or trailing slash is needed, such as https://hub.example (http only on loopback)";
