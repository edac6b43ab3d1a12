//! What proves an account's owner beyond the password.

use async_trait::async_trait;
use guichet_domain::{AccountId, Sealed, Timestamp};

use crate::Fault;

/// What kind of authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// One-time passwords by time (RFC 6238).
    Totp,
    /// A WebAuthn credential.
    Passkey,
}

impl AuthenticatorKind {
    /// Its name in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }
}

/// An authenticator of an account.
#[derive(Clone)]
pub struct AuthenticatorRecord {
    /// For a passkey its credential id, for TOTP random: at most 1023 bytes.
    pub id: Vec<u8>,
    /// Whose.
    pub account: AccountId,
    /// Which kind.
    pub kind: AuthenticatorKind,
    /// The name its owner gave it.
    pub label: String,
    /// The secret or public key, sealed.
    pub sealed: Sealed,
    /// When it was added.
    pub added: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// Authenticators beyond the password.
#[async_trait]
pub trait Authenticators: Send + Sync {
    /// Adds one; `false` when its identifier is taken.
    async fn add(&self, authenticator: &AuthenticatorRecord) -> Result<bool, Fault>;

    /// Every authenticator of an account, oldest first.
    async fn of(&self, account: AccountId) -> Result<Vec<AuthenticatorRecord>, Fault>;

    /// The one with this identifier.
    async fn by_id(&self, id: &[u8]) -> Result<Option<AuthenticatorRecord>, Fault>;

    /// Keeps new state after a use (a passkey's counter).
    async fn used(&self, id: &[u8], sealed: Sealed, at: Timestamp) -> Result<(), Fault>;

    /// Removes one of this account's; whether there was one.
    async fn remove(&self, account: AccountId, id: &[u8]) -> Result<bool, Fault>;
}
