//! DPoP proofs (RFC 9449): making one's own, and judging the one that comes with a voucher.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::{JwsAlg, JwsRefusal, TypRule, VerifyPolicy, same, verify_self_contained};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::digest::hash;

/// What a proof says (RFC 9449 §4.2).
#[derive(Deserialize, Serialize)]
pub(crate) struct ProofClaims {
    pub(crate) jti: String,
    pub(crate) htm: String,
    pub(crate) htu: String,
    pub(crate) iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
}

/// The request that a proof must be for.
pub(crate) struct ProvenCall<'a> {
    pub(crate) method: &'a str,
    /// Where it came, as the outside knows the place.
    pub(crate) url: &'a Url,
    /// The voucher it came with.
    pub(crate) token: &'a str,
    /// The thumbprint that the voucher names.
    pub(crate) jkt: &'a str,
}

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefusal {
    /// Its type, algorithm, key or signature.
    #[error("{0}")]
    Jws(#[from] JwsRefusal),
    /// It is for another method.
    #[error("the proof is for another method")]
    Method,
    /// It is for another address.
    #[error("the proof is for another address")]
    Address,
    /// It is for another voucher, or for none.
    #[error("the proof is for another token")]
    Token,
    /// It was made too long ago, or in the future.
    #[error("the proof is not fresh")]
    Stale,
    /// It is by another key than the voucher names.
    #[error("the proof is by another key")]
    Key,
}

/// Checks a proof (RFC 9449 §4.3). That it is used once needs no check of its own: it is for one voucher,
/// which is good for one use.
pub(crate) fn check(
    proof: &str,
    call: &ProvenCall<'_>,
    now: Timestamp,
) -> Result<(), ProofRefusal> {
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::DPOP_PROOF,
    };
    let (verified, key) = verify_self_contained(proof, policy)?;
    let claims: ProofClaims = verified.claims_as()?;
    if claims.htm != call.method {
        return Err(ProofRefusal::Method);
    }
    if !is_at(&claims.htu, call.url) {
        return Err(ProofRefusal::Address);
    }
    let ath = claims.ath.unwrap_or_default();
    if !same(ath.as_bytes(), hash(call.token).as_bytes()) {
        return Err(ProofRefusal::Token);
    }
    let made = Timestamp::from_seconds(claims.iat);
    if now.since(made) > WINDOW || made.since(now) > WINDOW {
        return Err(ProofRefusal::Stale);
    }
    if !same(key.thumbprint().as_bytes(), call.jkt.as_bytes()) {
        return Err(ProofRefusal::Key);
    }
    Ok(())
}

/// The address of a request as a proof names it: without query and fragment.
pub(crate) fn bare(url: &Url) -> Url {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare
}

fn is_at(htu: &str, url: &Url) -> bool {
    Url::parse(htu).is_ok_and(|named| bare(&named) == bare(url))
}

/// How far a proof's clock may be off, either way.
const WINDOW: Duration = Duration::from_mins(1);
