//! The hub: an OpenID Provider to services, a client to identity providers, and between the two the
//! login of a citizen, step by step.
//!
//! Start at `login/mod.rs`, where the steps are listed in order; `upstream` is the side of the
//! providers, [`civil_register`] asks the register, `level` is how sure the hub must be, `session` is
//! single sign-on, `logout` its end; `ways` is what citizens say of the ways into their identity.
//! [`Hub`] is what they are all made of; it is the house of the engine in `oidc`.

mod answer;
pub mod breaker;
pub mod civil_register;
pub mod claims_mapping;
mod error_pages;
mod exchange;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod health;
mod house;
mod hub;
mod level;
mod login;
mod logo;
mod logout;
pub mod pages;
mod people;
mod ping;
mod routes;
mod session;
mod settings;
mod settled;
mod simulation;
mod upstream;
mod ways;
mod wording;

pub use civil_register::{CivilRegister, Rnipp};
pub use health::{ProviderStatus, State};
pub use hub::{Hub, HubParts, ScopeLabels};
pub use level::{SingleSignOn, Suspicion};
pub use people::{
    AllClients, CaseEvidence, CaseOffice, Done, OfficeParts, OfficeRefusal, OpenedBy, Operator,
    Operators, PeopleOffice, REOPENED_WITHIN, SignInSeen, THE_PERSON, Tidings, Track,
};
pub use routes::routes;
pub use session::{Doubt, Frozen, OpenSession, Report, SessionEnded, Statement};
pub use settings::{Announcement, HubSettings};
pub use upstream::{PROVIDER_SECRET, ProviderDirectory, ProviderKeys, seal_provider_secret};
pub use ways::KNOWN_FOR as DEVICES_KNOWN_FOR;
pub use ways::{
    AliasShown, Chosen, NoticeShown, Preferences, ProviderWay, Used, WayChange, WaysOffice,
    WaysOverview,
};
