//! Providers: upstream identity providers that the hub is a client of.
//!
//! [`Provider`] is the checked record that every login reads; `metadata/` is what people declare, and
//! the one way from there to here. The members of the record, by subject:
//!
//! | file | holds |
//! |---|---|
//! | `endpoints` | where it answers: found by discovery, or stated |
//! | `authentication` | how the hub proves itself there |
//! | `requests` | what a request to it asks and how it travels |
//! | `answers` | how what it returns is signed and encrypted |
//! | `levels` | what it may assert, and how its words for it map to ours |
//! | `display` | how it looks on the page |
//! | `opening` | when it can be used |
//! | `audience` | whom it serves |
//! | `voice` | who speaks when it vouches for somebody |

mod answers;
mod audience;
mod authentication;
mod display;
mod endpoints;
mod levels;
mod metadata;
mod opening;
mod requests;
mod voice;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Acr, ProviderId, Sealed, SigningAlg};

pub use answers::Answers;
pub use audience::{Audience, ClientList, SandboxUse};
pub use authentication::ProviderAuthentication;
pub use display::{Display, Warning, WhenUnavailable};
pub use endpoints::{Endpoints, StaticEndpoints};
pub use levels::{AmrSource, CivilRegisterPolicy, LevelRefusal, UnmappedAcr};
pub use metadata::ProviderMetadata;
pub use opening::{Availability, Maintenance, Opening};
pub use requests::{ProviderResponseMode, Requests};
pub use voice::Voice;

/// A registered provider, checked. Immutable: a change is a new value in the registry. Records written
/// before a member existed are read with its default.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its short name: part of its redirect URI, `/callback/{id}`.
    pub id: ProviderId,
    /// The name citizens see.
    pub name: String,
    /// Its issuer, exactly as it states it.
    pub issuer: String,
    /// Who runs it, where its record says so: providers of one operator are one word. See [`Voice`].
    #[serde(default)]
    pub operator: Option<String>,
    /// Where it answers.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// The hub's identifier there.
    pub client_id: String,
    /// The hub's secret there, sealed.
    pub client_secret: Option<Sealed>,
    /// How the hub authenticates there.
    pub authentication: ProviderAuthentication,
    /// What the hub signs its assertions and DPoP proofs for it with.
    #[serde(default)]
    pub authentication_alg: SigningAlg,
    /// Scopes to ask for, separated by spaces.
    pub scope: String,
    /// What else a request to it asks, and how it travels.
    #[serde(default)]
    pub requests: Requests,
    /// How what it returns is signed and encrypted.
    #[serde(default)]
    pub answers: Answers,
    /// The levels it may assert, lowest first; at least one.
    pub levels: Vec<Acr>,
    /// Its own `acr` values and what they stand for here.
    pub acr_map: BTreeMap<String, Acr>,
    /// What an `acr` that is not in `acr_map` stands for.
    #[serde(default)]
    pub unmapped_acr: UnmappedAcr,
    /// Where the methods of a sign-in are known from.
    #[serde(default)]
    pub amr: AmrSource,
    /// Whether the civil register is asked.
    pub civil_register: CivilRegisterPolicy,
    /// Our claims, each as a CEL expression over its claims; those not named are taken as they come.
    #[serde(default)]
    pub claims_mapping: BTreeMap<String, String>,
    /// Whether it can be used at all.
    pub active: bool,
    /// When it can be used.
    #[serde(default)]
    pub opening: Opening,
    /// Whom it serves.
    #[serde(default)]
    pub audience: Audience,
    /// Its place on the page, lowest first; equal places by name.
    pub order: i64,
    /// How it looks there.
    #[serde(default)]
    pub display: Display,
    /// What an active probe asks, when not its discovery document.
    #[serde(default)]
    pub status_uri: Option<Url>,
    /// Whether logout tokens are taken from it (OIDC Back-Channel Logout).
    #[serde(default)]
    pub backchannel_logout: bool,
}
