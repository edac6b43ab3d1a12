//! How the hub proves itself to a provider.

use serde::{Deserialize, Serialize};

/// The method, by the names of OIDC Core §9 and RFC 8705 §2.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProviderAuthentication {
    /// HTTP Basic with a secret.
    #[default]
    ClientSecretBasic,
    /// A secret in the form body.
    ClientSecretPost,
    /// An assertion signed with the hub's client keys (`/client/jwks`).
    PrivateKeyJwt,
    /// The hub's client certificate, known there by its name.
    TlsClientAuth,
    /// The hub's client certificate, known there by its key.
    SelfSignedTlsClientAuth,
}

impl ProviderAuthentication {
    /// Whether it takes a secret.
    pub const fn takes_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }

    /// Whether the hub's certificate is presented (RFC 8705).
    pub const fn is_by_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }
}
