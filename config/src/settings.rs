//! The settings themselves, with their defaults. What is written here is what `config schema` says.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use guichet_domain::{
    Acr, CivilRegisterPolicy, ClientId, ClientMetadata, KeyManagementAlg, ProviderMetadata,
    SigningAlg,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ClientCertificates, Dpop, Lifetime, Registration, Secret, Tls};

/// Everything a node needs to know.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The hub as clients and citizens see it.
    pub hub: Hub,
    /// The hub's own TLS listener.
    pub tls: Tls,
    /// Certificates that clients present.
    pub client_certificates: ClientCertificates,
    /// Proofs of possession.
    pub dpop: Dpop,
    /// The management listener: health, metrics, console, API.
    pub management: Management,
    /// Where records rest.
    pub store: Store,
    /// Signing and sealing keys.
    pub keys: Keys,
    /// The audit log.
    pub ledger: Ledger,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Devices without a browser.
    pub devices: Devices,
    /// Services that name a citizen.
    pub ciba: Ciba,
    /// What userinfo demands.
    pub userinfo: Userinfo,
    /// Assurance levels.
    pub levels: Levels,
    /// Where outgoing requests may go.
    pub egress: Egress,
    /// The civil register.
    pub civil_register: Civil,
    /// Texts and looks.
    pub pages: Pages,
    /// Bounds against abuse.
    pub limits: Limits,
    /// What is logged, and how.
    pub log: Log,
    /// Clients that register themselves.
    pub registration: Registration,
    /// Services that may sign citizens in. Put in the registry at every start, over what is there; one that is taken out of this list stays registered until it was declared with `active = false` once. Members are those of RFC 7591.
    pub clients: Vec<ClientMetadata>,
    /// Protected resources that access tokens may be for.
    pub resources: Vec<Resource>,
    /// Upstream identity providers. Put in the registry at every start, as clients are.
    pub providers: Vec<ProviderMetadata>,
}

/// The hub as clients and citizens see it.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hub {
    /// The issuer: https without query, fragment or trailing slash (http only on loopback). Must never change.
    pub issuer: String,
    /// Where the public listener listens.
    pub listen: Listener,
    /// The name citizens see.
    pub name: String,
    /// Whether clients may have public subjects, by which those of several services can be told to be one person's.
    pub public_subjects: bool,
    /// Addresses or networks (CIDR) of reverse proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<String>,
}

/// An address and a port.
pub type Listener = SocketAddr;

/// The management listener.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Management {
    /// Where it listens; keep it off the internet.
    pub listen: Listener,
}

/// Where records rest.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sqlite:PATH` or a `postgres://` URL.
    pub durable: Secret,
    /// `memory` or a `redis://` URL.
    pub short_lived: Secret,
    /// Connections to PostgreSQL.
    pub connections: u32,
}

/// Signing and sealing keys.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The folder that holds them; readable by the hub alone.
    pub directory: PathBuf,
    /// Algorithms the hub signs with, the default first.
    pub algorithms: Vec<SigningAlg>,
    /// How clients may encrypt request objects for the hub. Empty: they may not.
    pub encryption: Vec<KeyManagementAlg>,
    /// Where signing keys are made and kept.
    pub custody: CustodyKind,
    /// The PKCS#11 token, for `custody = "pkcs11"`.
    pub pkcs11: Pkcs11,
    /// How often the folder is looked at for a rotation by another node or the command line.
    pub refresh: Lifetime,
    /// How long a key signs before the next one takes over.
    pub rotate_every: Lifetime,
    /// How long a key is published before it signs: longer than clients cache the JWK Set.
    pub publish_before: Lifetime,
    /// How long a key stays published after it signed: longer than any token lives.
    pub keep_after: Lifetime,
}

/// Where signing keys are made and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CustodyKind {
    /// Sealed, in the folder.
    File,
    /// In a PKCS#11 token, which they never leave. The folder still holds the master secret and what is sealed under it.
    Pkcs11,
}

/// A PKCS#11 token.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pkcs11 {
    /// The vendor's module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The user's PIN; better by GUICHET__KEYS__PKCS11__PIN_FILE than here.
    pub pin: Option<Secret>,
    /// How many sessions may be open at once; each signature takes one.
    pub sessions: u32,
}

/// The audit log.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// The log's name in checkpoints; the issuer's host when empty. Must never change.
    pub origin: String,
    /// How often a checkpoint is signed, when there is something new.
    pub checkpoint_every: Lifetime,
}

/// How long things live.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// A login under way, most of it spent at the provider.
    pub login: Lifetime,
    /// A session without activity.
    pub session: Lifetime,
    /// A session at all.
    pub session_absolute: Lifetime,
    /// An authorization code; a minute at most for clients of FAPI 2.0.
    pub code: Lifetime,
    /// A pushed authorization request, until its browser comes; ten minutes at most.
    pub pushed_request: Lifetime,
    /// An access token.
    pub access_token: Lifetime,
    /// An ID token.
    pub id_token: Lifetime,
    /// What a citizen granted for the time after they leave (`offline_access`), used or not.
    pub refresh_token: Lifetime,
    /// A refresh token that nobody uses.
    pub refresh_token_idle: Lifetime,
    /// How long a refresh token that was used still yields the same successor: for two tabs at once, and for an answer that was lost.
    pub refresh_token_overlap: Lifetime,
}

/// A protected resource: whom access tokens are for, beside userinfo (RFC 8707).
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its name in `resource` and `aud`: an absolute URI without fragment.
    pub identifier: String,
    /// What its access tokens look like.
    #[serde(default)]
    pub access_token: TokenFormat,
    /// The scopes that mean something to it; a token for it holds no others.
    pub scopes: Vec<String>,
    /// The clients under whose name it introspects and exchanges tokens.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub clients: Vec<ClientId>,
}

/// What an access token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenFormat {
    /// A random text, asked about at introspection.
    #[default]
    Opaque,
    /// A signed JWT that the resource reads by itself (RFC 9068): a revocation is seen when it expires.
    Jwt,
}

/// What userinfo demands of the sign-in behind an access token; a client that has less is told to ask for more (RFC 9470).
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Userinfo {
    /// The lowest level.
    pub acr: Option<Acr>,
    /// How long ago the sign-in may have been at most.
    pub max_age: Option<Lifetime>,
}

/// Devices without a browser (RFC 8628): they show a code that the citizen types in their account.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Devices {
    /// Whether they are served. Each client needs the grant type as well.
    pub enabled: bool,
    /// How long a code waits for the citizen.
    pub lifetime: Lifetime,
    /// How long a device waits between two questions at least.
    pub interval: Lifetime,
}

/// Services that name a citizen (OpenID CIBA): the citizen answers in their account.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ciba {
    /// Whether they are served. Each client needs the grant type and a delivery mode as well.
    pub enabled: bool,
    /// How long a request waits for the citizen when the service does not say.
    pub lifetime: Lifetime,
    /// The most a service may ask for.
    pub longest: Lifetime,
    /// How long a service waits between two questions at least.
    pub interval: Lifetime,
}

/// Assurance levels.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Levels {
    /// Levels clients may ask for.
    pub offered: Vec<Acr>,
}

/// Where outgoing requests may go. Public addresses over https always; the rest only if stated here.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Private networks that may be reached, as CIDR.
    pub private_networks: Vec<String>,
    /// PEM files of further certificate authorities.
    pub certificate_authorities: Vec<PathBuf>,
    /// How long a call to a provider or a client may take in all.
    pub timeout: Lifetime,
}

/// The civil register.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Civil {
    /// Where it answers; needed when a provider's `civil_register` is `required`.
    pub url: Option<Url>,
    /// Whether providers that say nothing need it.
    pub default: CivilRegisterPolicy,
    /// How long it may take.
    pub timeout: Lifetime,
}

/// Texts and looks.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pages {
    /// A folder whose templates, texts and assets stand in for the built-in ones, file by file.
    pub theme: Option<PathBuf>,
    /// Labels of data scopes and other texts by language may be added in the theme folder; this names the catalogue of evidence (TOML), the built-in one when empty.
    pub catalogue: Option<PathBuf>,
}

/// Bounds against abuse.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Short-lived records kept in memory at most, of each kind.
    pub records_in_memory: u64,
    /// Requests a minute from one address (for IPv6 a /64) to what browsers call, on each node; loopback is not counted.
    pub requests_per_minute: NonZeroU32,
}

/// What is logged, and how.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `json` for machines, `text` for people.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,guichet_broker=debug`.
    pub level: String,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading.
    Text,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8000)),
            name: "Guichet".to_owned(),
            public_subjects: false,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Management {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8001)),
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            durable: Secret::new("sqlite:/var/lib/guichet/guichet.db"),
            short_lived: Secret::new("memory"),
            connections: 10,
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("/var/lib/guichet/keys"),
            algorithms: SigningAlg::ALL.to_vec(),
            encryption: KeyManagementAlg::ALL.to_vec(),
            custody: CustodyKind::File,
            pkcs11: Pkcs11::default(),
            refresh: Lifetime::seconds(10),
            rotate_every: Lifetime::minutes(90 * DAY),
            publish_before: Lifetime::minutes(DAY),
            keep_after: Lifetime::minutes(30 * DAY),
        }
    }
}

/// In minutes.
const DAY: u64 = 24 * 60;

impl Default for Pkcs11 {
    fn default() -> Self {
        Self {
            module: PathBuf::new(),
            token: String::new(),
            pin: None,
            sessions: 8,
        }
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            origin: String::new(),
            checkpoint_every: Lifetime::minutes(1),
        }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            login: Lifetime::minutes(15),
            session: Lifetime::minutes(30),
            session_absolute: Lifetime::minutes(12 * 60),
            code: Lifetime::seconds(60),
            pushed_request: Lifetime::seconds(90),
            access_token: Lifetime::minutes(5),
            id_token: Lifetime::minutes(5),
            refresh_token: Lifetime::minutes(90 * 24 * 60),
            refresh_token_idle: Lifetime::minutes(30 * 24 * 60),
            refresh_token_overlap: Lifetime::minutes(1),
        }
    }
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            enabled: true,
            lifetime: Lifetime::minutes(10),
            interval: Lifetime::seconds(5),
        }
    }
}

impl Default for Ciba {
    fn default() -> Self {
        Self {
            enabled: true,
            lifetime: Lifetime::minutes(5),
            longest: Lifetime::minutes(30),
            interval: Lifetime::seconds(5),
        }
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            offered: Acr::ALL.to_vec(),
        }
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            private_networks: Vec::new(),
            certificate_authorities: Vec::new(),
            timeout: Lifetime::seconds(6),
        }
    }
}

impl Default for Civil {
    fn default() -> Self {
        Self {
            url: None,
            default: CivilRegisterPolicy::Required,
            timeout: Lifetime::seconds(4),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records_in_memory: 200_000,
            requests_per_minute: SIX_HUNDRED,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            level: "info".to_owned(),
        }
    }
}

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
        faults
    }
}

impl Resource {
    /// RFC 8707 §2.
    fn has_sound_identifier(&self) -> bool {
        Url::parse(&self.identifier).is_ok_and(|url| url.fragment().is_none())
    }
}

impl Settings {
    /// Every duration that must be more than nothing.
    fn durations(&self) -> [(&'static str, Lifetime); 21] {
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
            ("keys.refresh", self.keys.refresh),
            ("keys.rotate_every", self.keys.rotate_every),
            ("keys.publish_before", self.keys.publish_before),
            ("keys.keep_after", self.keys.keep_after),
            ("ledger.checkpoint_every", self.ledger.checkpoint_every),
            ("egress.timeout", self.egress.timeout),
            ("civil_register.timeout", self.civil_register.timeout),
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

/// A person who reads fast asks for a few pages a minute; a mobile network puts many people behind
/// one address.
const SIX_HUNDRED: NonZeroU32 = NonZeroU32::new(600).unwrap();
