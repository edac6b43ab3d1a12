//! The settings themselves, with their defaults. What is written here is what `config schema` says.

mod assistance;
mod choice;
mod data_protection;
mod deferred;
mod faults;
mod identity;
mod keys;
mod levels;
mod life_events;
mod lifetimes;
mod mail;
mod statistics;
mod tokens;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

use guichet_domain::{ClientMetadata, DataProviderMetadata, ProviderId, ProviderMetadata};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use assistance::Assistance;
pub use choice::{Announcement, ProviderHealth};
pub use data_protection::DataProtection;
pub use deferred::{Ciba, Devices};
pub use identity::{Civil, Identity, Operator};
pub use keys::{CustodyKind, Keys, Pkcs11};
pub use levels::{Levels, SingleSignOn, Suspicious};
pub use life_events::LifeEvent;
pub use lifetimes::Lifetimes;
pub use mail::{Mail, MailSecurity};
pub use statistics::Statistics;
pub use tokens::{Resource, TokenFormat, Userinfo};

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
    /// Who may begin by themselves, and what production asks for.
    pub onboarding: Onboarding,
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
    /// How far one sign-in goes.
    pub single_sign_on: SingleSignOn,
    /// Where outgoing requests may go.
    pub egress: Egress,
    /// The civil register.
    pub civil_register: Civil,
    /// What is asked of identities, and how they are put right.
    pub identity: Identity,
    /// Operators who may correct who is who; two are needed.
    pub operators: Vec<Operator>,
    /// When a provider counts as not answering.
    pub provider_health: ProviderHealth,
    /// Messages to everybody who chooses a provider.
    pub announcements: Vec<Announcement>,
    /// The way without a screen.
    pub assistance: Assistance,
    /// What happens in a life, and the services for it: suggested on the front page of the account.
    pub life_events: Vec<LifeEvent>,
    /// Mail to citizens.
    pub mail: Mail,
    /// Who answers for the processing of personal data.
    pub data_protection: DataProtection,
    /// What sign-ins cost.
    pub statistics: Statistics,
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
    /// Administrations that hand out evidence. Put in the registry at every start, as clients are; each names the client that it introspects with, which is declared too or registered already.
    pub data_providers: Vec<DataProviderMetadata>,
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
    /// Providers that services without a list of their own may name in `idp_hint`; all when there is none.
    #[schemars(with = "Option<Vec<String>>")]
    pub idp_hints: Option<Vec<ProviderId>>,
    /// Addresses or networks (CIDR) of reverse proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<String>,
    /// The header by which those proxies say where a request comes from, a town or a country: citizens read it in their history, where it is on record. From everybody else it is dropped. None: the place is not known.
    pub place_header: Option<String>,
}

/// An address and a port.
pub type Listener = SocketAddr;

/// The management listener.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Management {
    /// Where it listens; keep it off the internet.
    pub listen: Listener,
    /// Where browsers find the console, without a path: https (http only on loopback). The address it listens on when there is none.
    pub public_url: Option<url::Url>,
}

impl Management {
    /// Where browsers find the console, without a slash.
    pub fn address(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None if self.listen.ip().is_loopback() => format!("http://{}", self.listen),
            // Without a public address it is for browsers on this machine, or behind a tunnel to it.
            None => format!("http://localhost:{}", self.listen.port()),
        }
    }
}

/// Who may begin by themselves, and what production asks for.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Onboarding {
    /// Whether somebody whom nobody invited may begin a team of their own: that gives a sandbox, and the right to ask.
    pub open: bool,
    /// Whether a client in production needs a validated habilitation; an operator says in `exception` why one does without.
    pub required: bool,
    /// The secrets by which a review tool outside signs what it approved (Standard Webhooks, `whsec_…`): several while one follows another, separated by spaces. Without any, nobody's word is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_secrets: Option<Secret>,
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

/// The audit log.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// The log's name in checkpoints; the issuer's host when empty. Must never change.
    pub origin: String,
    /// How often a checkpoint is signed, when there is something new.
    pub checkpoint_every: Lifetime,
    /// Where every entry goes as it is written: the `/v1/logs` of an OpenTelemetry collector (OTLP over HTTP, JSON).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector: Option<url::Url>,
    /// A file of headers for it, one `Name: value` a line, such as its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector_headers: Option<PathBuf>,
}

/// Where outgoing requests may go. Public addresses over https always; the rest only if stated here.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Egress {
    /// Private networks that may be reached, as CIDR.
    pub private_networks: Vec<String>,
    /// PEM files of further certificate authorities.
    pub certificate_authorities: Vec<PathBuf>,
    /// The PEM file of the hub's certificate as a client, for providers with `tls_client_auth` or `self_signed_tls_client_auth`; presented to no other.
    pub client_certificate: Option<PathBuf>,
    /// The PEM file of its private key.
    pub client_key: Option<PathBuf>,
    /// How long a call to a provider or a client may take in all.
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
            idp_hints: None,
            trusted_proxies: Vec::new(),
            place_header: None,
        }
    }
}

impl Default for Management {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8001)),
            public_url: None,
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

impl Default for Ledger {
    fn default() -> Self {
        Self {
            origin: String::new(),
            checkpoint_every: Lifetime::minutes(1),
            collector: None,
            collector_headers: None,
        }
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            private_networks: Vec::new(),
            certificate_authorities: Vec::new(),
            client_certificate: None,
            client_key: None,
            timeout: Lifetime::seconds(6),
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

/// A person who reads fast asks for a few pages a minute; a mobile network puts many people behind
/// one address.
const SIX_HUNDRED: NonZeroU32 = NonZeroU32::new(600).unwrap();
