//! DPoP proofs (RFC 9449 §4): that a request comes from whoever holds a key, made for this request.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Client, OAuthError, Timestamp};
use guichet_keys::{JwsAlg, TypRule, VerifyPolicy, same, sha256, sha256_of, verify_self_contained};
use http::HeaderName;
use http::request::Parts;
use serde::Deserialize;

use super::needs_nonce;
use crate::Engine;
use crate::called::Called;
use crate::profile::Rules;
use crate::refusal::{Failure, Refusal};

/// Algorithms that may sign proofs.
pub(crate) const ALGS: [JwsAlg; 5] = [
    JwsAlg::Es256,
    JwsAlg::EdDsa,
    JwsAlg::Ps256,
    JwsAlg::Es384,
    JwsAlg::Rs256,
];

/// How far `iat` may lie from now, either way: for as long a `jti` is remembered.
const WINDOW: Duration = Duration::from_mins(1);

/// The header that proofs come in.
pub(super) const HEADER: HeaderName = HeaderName::from_static("dpop");

/// A proof as it came; nothing of it believed yet.
pub(super) struct Proof<'a>(&'a str);

/// What a proof says beside `iat` (RFC 9449 §4.2).
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    ath: Option<String>,
    nonce: Option<String>,
}

impl<'a> Proof<'a> {
    /// The proof of a request, if it has one; several are refused (RFC 9449 §4.3, check 1).
    pub(super) fn of(head: &'a Parts) -> Result<Option<Self>, Refusal> {
        let mut all = head.headers.get_all(HEADER).iter();
        let Some(value) = all.next() else {
            return Ok(None);
        };
        if all.next().is_some() {
            return Err(REFUSED.because("several DPoP headers"));
        }
        let text = value.to_str();
        text.map(|text| Some(Self(text)))
            .map_err(|_| REFUSED.because("the DPoP header is not ASCII"))
    }

    /// The thumbprint of the key, once every check of RFC 9449 §4.3 has passed. `token` is the access
    /// token the proof comes with. The last check spends the proof.
    pub(super) async fn check(
        &self,
        engine: &Engine,
        head: &Parts,
        called: &Called,
        client: &Client,
        token: Option<&str>,
    ) -> Result<String, Failure> {
        let of_profile = Rules::of(client).client_algs;
        let algs: Vec<JwsAlg> = ALGS
            .into_iter()
            .filter(|alg| of_profile.contains(alg))
            .collect();
        let policy = VerifyPolicy {
            algs: &algs,
            typ: TypRule::DPOP_PROOF,
        };
        let (verified, key) = verify_self_contained(self.0, policy)
            .map_err(|_| REFUSED.because("typ, alg, jwk or signature does not hold"))?;
        let made = verified.iat().ok().flatten();
        let made = made.ok_or(REFUSED.because("iat is missing"))?;
        let claims: Claims = verified
            .claims_as()
            .map_err(|_| REFUSED.because("a claim is missing or of a wrong type"))?;
        claims
            .judge(called, head, token)
            .map_err(|reason| REFUSED.because(reason))?;
        let now = engine.now();
        claims.judge_nonce(engine, client, now)?;
        if now.since(made) > WINDOW || made.since(now) > WINDOW {
            return Err(REFUSED.because("iat is too far from now").into());
        }
        let jkt = key.into_thumbprint();
        spend(engine, &jkt, &claims.jti, made).await?;
        Ok(jkt)
    }
}

impl Claims {
    /// Whether the proof is for this request, or the reason why not.
    fn judge(
        &self,
        called: &Called,
        head: &Parts,
        token: Option<&str>,
    ) -> Result<(), &'static str> {
        if self.jti.is_empty() {
            return Err("jti is empty");
        }
        if self.htm != head.method.as_str() {
            return Err("htm is another method");
        }
        if !called.is_equivalent(&self.htu) {
            return Err("htu is another address");
        }
        match (token, &self.ath) {
            (None, _) => Ok(()),
            (Some(_), None) => Err("ath is missing"),
            (Some(token), Some(ath)) => {
                let hash = URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()));
                let is_of_token = same(hash.as_bytes(), ath.as_bytes());
                is_of_token.then_some(()).ok_or("ath is of another token")
            }
        }
    }

    /// A nonce that is there must be ours and fresh; where one is needed it must be there.
    fn judge_nonce(&self, engine: &Engine, client: &Client, now: Timestamp) -> Result<(), Refusal> {
        match &self.nonce {
            Some(nonce) if engine.dpop_nonces().is_fresh(nonce, now) => Ok(()),
            None if !needs_nonce(engine, client) => Ok(()),
            Some(_) | None => Err(USE_NONCE),
        }
    }
}

/// Spends a proof (RFC 9449 §11.1).
async fn spend(engine: &Engine, jkt: &str, jti: &str, made: Timestamp) -> Result<(), Failure> {
    let replay = &engine.parts().replay;
    let what = sha256_of(&[jkt.as_bytes(), b"\0", jti.as_bytes()]);
    let forget = made.after(WINDOW).after(Duration::from_secs(1));
    if !replay.first_use("dpop proof", &what, forget).await? {
        return Err(REFUSED.because("the proof was used before").into());
    }
    // Asked after the first use, which notices a guard that lost its memory. In whole seconds, as
    // `iat` is.
    if made.seconds() < replay.remembers_since().seconds() {
        return Err(REFUSED
            .because("made before the replay guard started")
            .into());
    }
    Ok(())
}

/// One text whatever was wrong; the audit log has the reason.
const REFUSED: Refusal = Refusal::new(
    OAuthError::InvalidDpopProof,
    "the DPoP proof is malformed, stale, used before, or made for another request, token or server",
);
const USE_NONCE: Refusal = Refusal::new(
    OAuthError::UseDpopNonce,
    "the DPoP proof must hold the nonce that the header DPoP-Nonce gives",
);
