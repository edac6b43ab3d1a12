//! Verifying what others signed: compact JWS (RFC 7515 §7.1), read strictly (RFC 8725).
//!
//! Here algorithms are asymmetric, so neither `none` nor an HMAC under a public key can be meant; the
//! one HMAC there is, for `client_secret_jwt`, has functions and names of its own (`hmac`). Keys come
//! from the caller alone: `jku`, `x5u` and `x5c` in a header are never looked at, and `jwk` only where
//! a token proves possession of that very key (`self_contained`).

use crate::jwk::{JwkSet, VerifyingKey};

mod alg;
mod hmac;
mod policy;
mod refusal;
mod self_contained;
#[cfg(test)]
mod tests;
mod token;
mod verified;

pub use alg::JwsAlg;
pub use hmac::{HmacAlg, verify_hmac};
pub use policy::{TimeRule, TypRule, VerifyPolicy};
pub use refusal::JwsRefusal;
pub use self_contained::{EmbeddedKey, verify_self_contained};
use token::MAX_TOKEN;
pub(crate) use token::Token;
pub use verified::Verified;

/// Verifies a compact JWS made by somebody else with the keys known to be theirs.
///
/// A `kid` in the header chooses among the keys; when no key has that `kid`, those without any are
/// tried. [`JwsRefusal::UnknownKey`] may mean that they rotated: fetch their keys again, once.
pub fn verify(jwt: &str, keys: &JwkSet, policy: VerifyPolicy<'_>) -> Result<Verified, JwsRefusal> {
    verify_document(jwt, keys, policy, MAX_TOKEN)
}

/// The same for what is no token but a document, of at most `longest` bytes.
pub fn verify_document(
    jwt: &str,
    keys: &JwkSet,
    policy: VerifyPolicy<'_>,
    longest: usize,
) -> Result<Verified, JwsRefusal> {
    let token = Token::parse_within(jwt, longest)?;
    let alg = token.check(policy)?;
    let named = |key: &&VerifyingKey| token.kid.is_none() || key.kid() == token.kid.as_deref();
    let fits = |key: &&VerifyingKey| key.algs().contains(&alg);
    let mut candidates: Vec<_> = keys.keys().iter().filter(named).filter(fits).collect();
    if candidates.is_empty() {
        let unnamed = |key: &&VerifyingKey| key.kid().is_none();
        candidates = keys.keys().iter().filter(unnamed).filter(fits).collect();
    }
    if candidates.is_empty() {
        return Err(JwsRefusal::UnknownKey);
    }
    let holds = candidates
        .iter()
        .take(MAX_TRIES)
        .any(|key| token.holds_under(key, alg));
    if holds {
        token.verified(alg)
    } else {
        Err(JwsRefusal::Signature)
    }
}

/// How many keys are tried on one token, so that a long set does not make a token expensive.
const MAX_TRIES: usize = 8;
