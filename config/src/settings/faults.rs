//! What no setting can say alone: the rules between them.

use guichet_domain::CivilRegisterPolicy;
use guichet_domain::provider::ProviderAuthentication;
use url::Url;

use super::{Announcement, CustodyKind, LifeEvent, Operator, Resource, Settings};
use crate::Lifetime;

impl Settings {
    /// What no type can say alone. Each row names a key and what must change.
    #[expect(clippy::too_many_lines, reason = "one rule after the other")]
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut require = |holds: bool, key: &str, what: &str| {
            if !holds {
                faults.push((key.to_owned(), what.to_owned()));
            }
        };
        require(issuer_is_sound(&self.hub.issuer), "hub.issuer", ISSUER_RULE);
        require(
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
            require(
                !in_token || is_set,
                key,
                "keys.custody = \"pkcs11\" needs it",
            );
        }
        require(
            self.keys.keep_after >= self.lifetimes.access_token,
            "keys.keep_after",
            "cannot be shorter than lifetimes.access_token: resources verify tokens until they expire",
        );
        require(
            self.keys.keep_after >= self.lifetimes.id_token,
            "keys.keep_after",
            "cannot be shorter than lifetimes.id_token: tokens must verify until they expire",
        );
        require(
            self.keys.publish_before < self.keys.rotate_every,
            "keys.publish_before",
            "must be shorter than keys.rotate_every",
        );
        require(
            !self.levels.offered.is_empty(),
            "levels.offered",
            "at least one is needed",
        );
        let durable = self.store.durable.expose();
        require(
            ["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|prefix| durable.starts_with(prefix)),
            "store.durable",
            "sqlite:PATH or postgres://… is needed",
        );
        let short_lived = self.store.short_lived.expose();
        require(
            short_lived == "memory"
                || ["redis://", "rediss://", "redis+unix://"]
                    .iter()
                    .any(|p| short_lived.starts_with(p)),
            "store.short_lived",
            "memory or redis://… is needed",
        );
        require(
            self.store.connections > 0,
            "store.connections",
            "at least one is needed",
        );
        let asks_register = self.providers.iter().any(|provider| {
            provider
                .civil_register
                .unwrap_or(self.civil_register.default)
                == CivilRegisterPolicy::Required
        });
        require(
            !asks_register || self.civil_register.url.is_some(),
            "civil_register.url",
            "a provider needs the civil register; give its URL, or set that provider's civil_register to \"skip\"",
        );
        let has_certificate = self.egress.client_certificate.is_some();
        require(
            has_certificate == self.egress.client_key.is_some(),
            "egress.client_key",
            "egress.client_certificate and egress.client_key go together",
        );
        let is_known_by_certificate = self.providers.iter().any(|provider| {
            provider
                .token_endpoint_auth_method
                .is_some_and(ProviderAuthentication::is_by_certificate)
        });
        require(
            has_certificate || !is_known_by_certificate,
            "egress.client_certificate",
            "a provider knows the hub by its certificate; give one",
        );
        for (key, lifetime) in self.durations() {
            require(
                lifetime > Lifetime::seconds(0),
                key,
                "more than nothing is needed",
            );
        }
        require(
            self.lifetimes.session_absolute >= self.lifetimes.session,
            "lifetimes.session_absolute",
            "cannot be shorter than lifetimes.session",
        );
        require(
            self.ciba.longest >= self.ciba.lifetime,
            "ciba.longest",
            "cannot be shorter than ciba.lifetime",
        );
        require(
            self.resources.iter().all(Resource::has_sound_identifier),
            "resources",
            "identifier must be an absolute URI without fragment",
        );
        require(
            self.provider_health.failures > 0,
            "provider_health.failures",
            "at least one is needed",
        );
        require(
            self.announcements
                .iter()
                .map(Announcement::shown)
                .all(|shown| shown.is_some()),
            "announcements",
            "from and until are written like 2027-01-31T08:00:00Z, and from is before until",
        );
        require(
            self.life_events.iter().all(LifeEvent::is_good),
            "life_events",
            "each has an id of lower-case letters, digits and hyphens, and says in fr and en what happens",
        );
        require(
            self.mail.host.is_none() || self.mail.has_sender(),
            "mail.from",
            "mail.host needs a sender, such as \"Guichet <no-reply@hub.example>\"",
        );
        require(
            self.mail.has_sound_alias_domain(),
            "mail.alias_domain",
            "a host name in lower case is needed",
        );
        require(
            self.mail.alias_lookup.is_none() || self.mail.alias_domain.is_some(),
            "mail.alias_domain",
            "mail.alias_lookup needs it",
        );
        require(
            self.mail.user.is_some() == self.mail.password.is_some(),
            "mail.password",
            "mail.user and mail.password go together",
        );
        require(
            self.operators.iter().all(Operator::is_sound),
            "operators",
            "each needs a name other than \"civil register\" and \"the person\", not beginning with \"staff:\", and the SHA-256 of a credential as 64 hexadecimal digits",
        );
        require_unique(
            &mut faults,
            "operators",
            self.operators.iter().map(|operator| operator.name.trim()),
        );
        // One credential for two would be one pair of eyes.
        let hash = |operator: &Operator| operator.credential_sha256.to_ascii_lowercase();
        let hashes: Vec<String> = self.operators.iter().map(hash).collect();
        require_unique(&mut faults, "operators", hashes.iter().map(String::as_str));
        require_unique(
            &mut faults,
            "clients",
            self.clients.iter().map(|client| client.client_id.as_str()),
        );
        require_unique(
            &mut faults,
            "resources",
            self.resources.iter().map(|it| it.identifier.as_str()),
        );
        require_unique(
            &mut faults,
            "providers",
            self.providers.iter().map(|provider| provider.id.as_str()),
        );
        require_unique(
            &mut faults,
            "data_providers",
            self.data_providers.iter().map(|known| known.id.as_str()),
        );
        faults
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

fn require_unique<'a>(
    faults: &mut Vec<(String, String)>,
    key: &str,
    ids: impl Iterator<Item = &'a str>,
) {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            faults.push((key.to_owned(), format!("`{id}` is declared twice")));
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
