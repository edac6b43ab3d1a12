//! From file, environment and flags to checked settings.
//!
//! Flags win over environment, environment over file, file over defaults; the source of every value
//! is kept for `guichet config show`. A key nobody knows stops the start and names the nearest known
//! one. The JSON Schema made from the types decides what is known and how a text is read, so the
//! documentation, the check and the types cannot drift apart.

mod connections;
mod declarations;
mod duration;
mod layers;
mod registration;
mod schema;
mod secret;
mod settings;

pub use connections::{CertificateHeader, ClientCertificates, Dpop, Tls};
pub use declarations::Declarations;
pub use duration::Lifetime;
pub use layers::{ConfigError, Loaded, Source, Sources};
pub use registration::{Registration, SoftwareStatementIssuer};
pub use schema::json_schema;
pub use secret::Secret;
pub use settings::{
    Announcement, Assistance, Ciba, Civil, CustodyKind, DataProtection, Devices, Egress, Hub,
    Identity, Keys, Ledger, Levels, LifeEvent, Lifetimes, Limits, Listener, Log, LogFormat, Mail,
    MailSecurity, Management, Onboarding, Operator, Pages, Pkcs11, ProviderHealth, Resource,
    Settings, SingleSignOn, Statistics, Store, Suspicious, TokenFormat, Userinfo,
};

/// The smallest file that starts a node.
pub const MINIMAL_EXAMPLE: &str = include_str!("../examples/minimal.toml");

/// A node for a country: PostgreSQL, Redis, declared clients and providers.
pub const PRODUCTION_EXAMPLE: &str = include_str!("../examples/production.toml");
