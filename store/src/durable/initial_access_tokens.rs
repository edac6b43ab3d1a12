//! Initial access tokens: who may register clients, how often and until when (RFC 7591 §1.2).

use async_trait::async_trait;
use guichet_domain::Timestamp;

use crate::Fault;

/// An initial access token as it rests: its text is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccessToken {
    /// What operators call it; unique.
    pub name: String,
    /// What its text hashes to.
    pub hash: [u8; 32],
    /// How many clients may still register with it.
    pub uses: u32,
    /// Until when.
    pub expires: Timestamp,
}

/// The initial access tokens of an operator.
#[async_trait]
pub trait InitialAccessTokens: Send + Sync {
    /// Keeps a new one. `false` when its name is taken; nothing changes then.
    async fn add(&self, token: &InitialAccessToken) -> Result<bool, Fault>;

    /// Every one, spent and expired ones included, by name.
    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault>;

    /// Whether a client may register with this one now. Spends nothing.
    async fn is_live(&self, hash: [u8; 32], now: Timestamp) -> Result<bool, Fault>;

    /// Spends one use; the token's name, or `None` when it has no use left, expired or is unknown.
    /// Of callers that race for the last use, one gets it.
    async fn spend(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<String>, Fault>;

    /// Forgets the one with this name; whether there was one.
    async fn remove(&self, name: &str) -> Result<bool, Fault>;
}
