//! What can go wrong with our own keys. Every variant is a fault: nobody outside caused it.

use crate::custody::CustodyError;

/// A fault of custody or of a key of ours. Messages name blobs, never their content.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Keys could not be read or written.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// A stored blob is not what this version writes, or was changed.
    #[error("the key blob {0} is damaged or was sealed under another master secret")]
    Damaged(&'static str),
    /// Custody holds keys sealed under a master secret that is gone.
    #[error("the master secret is missing, but keys sealed under it are there: restore it")]
    MasterLost,
    /// The ring holds no key for this algorithm.
    #[error("no signing key for {0}: it is not among the configured algorithms")]
    NoKey(&'static str),
    /// The ring holds no key with this `kid`.
    #[error("no key has this kid")]
    UnknownKid,
    /// The key that signs is in a token, and custody has none.
    #[error("the signing key is in a token that the settings no longer name")]
    TokenGone,
    /// The cryptographic library refused an operation on a key of ours.
    #[error("the cryptographic library failed to {0}")]
    Crypto(&'static str),
    /// Claims that do not serialize: a bug of the caller.
    #[error("the claims do not serialize")]
    Claims(#[source] serde_json::Error),
    /// A sealed sector key does not open.
    #[error("the sector key does not open")]
    SectorKey,
}
