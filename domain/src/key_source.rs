//! Where the public keys of another party are: those it signs with, and those it is encrypted for.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Where its keys are (RFC 7591 §2: `jwks` or `jwks_uri`, never both).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// The JWK Set itself (RFC 7517 §5), public keys only.
    Jwks(Value),
    /// Where it is published.
    JwksUri(Url),
}

impl KeySource {
    /// Members of a key that hold what only its owner may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
    pub const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    /// A JWK Set as registered: at least one key, none with a private member.
    pub(crate) fn of_set(jwks: &Value) -> Option<Self> {
        let keys = jwks["keys"].as_array().filter(|keys| !keys.is_empty())?;
        let is_public = |key: &Value| {
            key.as_object().is_some_and(|key| {
                Self::PRIVATE_MEMBERS
                    .iter()
                    .all(|member| !key.contains_key(*member))
            })
        };
        keys.iter().all(is_public).then(|| Self::Jwks(jwks.clone()))
    }
}
