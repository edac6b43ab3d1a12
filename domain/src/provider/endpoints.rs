//! Where a provider answers.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::KeySource;

/// Where a provider's endpoints are known from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoints {
    /// It says so itself (OIDC Discovery §4).
    #[default]
    Discovered,
    /// They stand in our record: it has no discovery document, or none we may read.
    Static(Box<StaticEndpoints>),
}

/// Endpoints as declared, under the names of OIDC Discovery §3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticEndpoints {
    /// Where people are sent to sign in.
    pub authorization: Url,
    /// Where codes are redeemed.
    pub token: Url,
    /// Where claims are asked for; none when the ID token says everything.
    pub userinfo: Option<Url>,
    /// The keys it signs with.
    pub keys: KeySource,
    /// Where its session is ended (OIDC RP-Initiated Logout §2.1).
    pub end_session: Option<Url>,
    /// Where requests are pushed (RFC 9126 §5).
    pub pushed_authorization_request: Option<Url>,
    /// Whether it sends `iss` with every authorization answer (RFC 9207 §3).
    pub states_issuer: bool,
}
