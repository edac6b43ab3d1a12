//! How a client proves itself at the endpoints it calls, and what rests of the proof.

use serde::{Deserialize, Serialize};

use super::secrets::{SecretDates, SecretError, Secrets};
use crate::{ClientId, JwsAlgName, Sealed, Timestamp};

/// SHA-256 of a client secret. Secrets are 256 random bits, so a plain hash does not yield them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretHash(#[serde(with = "crate::id::base64url_bytes")] Vec<u8>);

impl SecretHash {
    /// From the 32 bytes of the hash.
    pub fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash.to_vec())
    }

    /// The bytes; compare them in constant time.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// How a client proves itself: its registered `token_endpoint_auth_method`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// HTTP Basic with a secret (RFC 6749 §2.3.1).
    ClientSecretBasic {
        /// What its secrets hash to.
        secret: Secrets<SecretHash>,
    },
    /// A secret in the form body (RFC 6749 §2.3.1).
    ClientSecretPost {
        /// What its secrets hash to.
        secret: Secrets<SecretHash>,
    },
    /// An assertion under an HMAC of the secret (OIDC Core §9). The one method that needs the secret
    /// itself, which therefore rests sealed.
    ClientSecretJwt {
        /// Its secrets, sealed for this client.
        secret: Secrets<Sealed>,
        /// The only algorithm accepted, when registered.
        alg: Option<JwsAlgName>,
    },
    /// A signed assertion (RFC 7523 §2.2, OIDC Core §9), verified with the client's keys.
    PrivateKeyJwt {
        /// The only algorithm accepted, when registered.
        alg: Option<JwsAlgName>,
    },
    /// A certificate that a trusted authority issued to this name (RFC 8705 §2.1).
    TlsClientAuth {
        /// Whose certificate it must be.
        subject: CertificateSubject,
    },
    /// A certificate whose key is among the client's keys (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// A public client: PKCE is its only proof.
    None,
}

impl ClientAuthentication {
    /// The value of `token_endpoint_auth_method`.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::ClientSecretBasic { .. } => "client_secret_basic",
            Self::ClientSecretPost { .. } => "client_secret_post",
            Self::ClientSecretJwt { .. } => "client_secret_jwt",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::TlsClientAuth { .. } => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Self::None => "none",
        }
    }

    /// Puts the secrets of `known` in the place of this one's, where both have some of a kind.
    pub fn keep_secret_of(&mut self, known: &Self) {
        match (self, known) {
            (Self::ClientSecretBasic { secret }, Self::ClientSecretBasic { secret: kept })
            | (Self::ClientSecretPost { secret }, Self::ClientSecretPost { secret: kept }) => {
                secret.clone_from(kept);
            }
            (Self::ClientSecretJwt { secret, .. }, Self::ClientSecretJwt { secret: kept, .. }) => {
                secret.clone_from(kept);
            }
            _ => {}
        }
    }

    /// Its secrets, the oldest first, as far as they may be spoken of; those past their end included.
    pub fn secrets(&self) -> Vec<SecretDates> {
        match self {
            Self::ClientSecretBasic { secret } | Self::ClientSecretPost { secret } => {
                secret.dates()
            }
            Self::ClientSecretJwt { secret, .. } => secret.dates(),
            _ => Vec::new(),
        }
    }

    /// Says of secrets whose beginning nobody knows that they begin now.
    pub fn date_secrets(&mut self, now: Timestamp) {
        match self {
            Self::ClientSecretBasic { secret } | Self::ClientSecretPost { secret } => {
                secret.date(now);
            }
            Self::ClientSecretJwt { secret, .. } => secret.date(now),
            _ => {}
        }
    }

    /// Adds the secret `text` under the name `id`; those there are end at `others_end` at the latest.
    pub fn add_secret(
        &mut self,
        (client, keep): (&ClientId, &impl KeepSecret),
        (id, text): (String, &str),
        others_end: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), SecretError> {
        match self {
            Self::ClientSecretBasic { secret } | Self::ClientSecretPost { secret } => {
                secret.add(id, keep.hash(text), others_end, now)
            }
            Self::ClientSecretJwt { secret, .. } => {
                let kept = keep.seal(client, text).ok_or(SecretError::Unsealable)?;
                secret.add(id, kept, others_end, now)
            }
            _ => Err(SecretError::NoSecrets),
        }
    }

    /// Ends the secret `id` at `at`, or earlier where that was said before. One that goes on stays.
    pub fn end_secret(&mut self, id: &str, at: Timestamp) -> Result<(), SecretError> {
        match self {
            Self::ClientSecretBasic { secret } | Self::ClientSecretPost { secret } => {
                secret.end(id, at)
            }
            Self::ClientSecretJwt { secret, .. } => secret.end(id, at),
            _ => Err(SecretError::NoSecrets),
        }
    }

    /// Whether the client proves itself at all.
    pub const fn is_confidential(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the proof cannot be read off the wire and used again (FAPI 2.0 §5.3.2.1).
    pub const fn is_asymmetric(&self) -> bool {
        matches!(
            self,
            Self::PrivateKeyJwt { .. } | Self::TlsClientAuth { .. } | Self::SelfSignedTlsClientAuth
        )
    }
}

/// The one name a client's certificate must bear (RFC 8705 §2.1.2); the variants are the five
/// metadata members of which exactly one may stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateSubject {
    /// `tls_client_auth_subject_dn`: the distinguished name, as RFC 4514 writes it.
    Dn(String),
    /// `tls_client_auth_san_dns`.
    SanDns(String),
    /// `tls_client_auth_san_uri`.
    SanUri(String),
    /// `tls_client_auth_san_ip`.
    SanIp(std::net::IpAddr),
    /// `tls_client_auth_san_email`.
    SanEmail(String),
}

/// What becomes of a client's secret when metadata is taken in.
pub trait KeepSecret {
    /// SHA-256 over the secret's UTF-8 bytes.
    fn hash(&self, secret: &str) -> SecretHash;

    /// The secret sealed for this client; `None` where secrets cannot be sealed.
    fn seal(&self, client: &ClientId, secret: &str) -> Option<Sealed>;
}

/// A hash function alone: enough for every client but those of `client_secret_jwt`.
pub(super) struct HashOnly<F>(pub(super) F);

impl<F: Fn(&str) -> SecretHash> KeepSecret for HashOnly<F> {
    fn hash(&self, secret: &str) -> SecretHash {
        self.0(secret)
    }

    fn seal(&self, _client: &ClientId, _secret: &str) -> Option<Sealed> {
        None
    }
}
