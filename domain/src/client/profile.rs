//! Profiles: which set of rules a client lives under.

use serde::{Deserialize, Serialize};

/// The rules a client lives under.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// OAuth 2.1, RFC 9700 and OpenID Connect.
    #[default]
    Standard,
    /// What applications written for FranceConnect v2 expect.
    FranceConnect,
    /// FAPI 2.0 Security Profile, final, whole; with the metadata of Message Signing, that too.
    Fapi2,
}
