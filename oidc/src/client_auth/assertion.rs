//! `private_key_jwt`: a signed assertion, used once (RFC 7523 §3, OIDC Core §9; threats N-34, N-35).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Client, ClientAuthentication, Timestamp};
use guichet_keys::{JwsAlg, TimeRule, TypRule, VerifyPolicy, sha256_of};
use serde::Deserialize;

use super::{OTHER_METHOD, REFUSED, UNKNOWN};
use crate::Engine;
use crate::client_keys::NotSigned;
use crate::refusal::{Failure, Refusal};

/// The value of `client_assertion_type` (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead `exp` may lie: how long a `jti` is remembered, so that the guard stays small. An hour,
/// because that is what widespread client libraries write.
const CEILING: Duration = Duration::from_hours(1);

/// How far a client's clock may differ from ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// The most characters of an assertion that are looked at.
const MAX_LENGTH: usize = 16 * 1024;

/// Authenticates by assertion. `named` is the `client_id` of the body, where there is one.
pub(super) async fn check(
    engine: &Engine,
    named: Option<&str>,
    assertion: &str,
) -> Result<Arc<Client>, Failure> {
    let id = claimed_subject(assertion).ok_or(REFUSED.because("unreadable assertion"))?;
    if named.is_some_and(|named| named != id) {
        return Err(REFUSED
            .because("client_id is not the assertion's subject")
            .into());
    }
    let client = engine.active_client(&id).ok_or(UNKNOWN)?;
    if !matches!(
        client.authentication,
        ClientAuthentication::PrivateKeyJwt { .. }
    ) {
        return Err(OTHER_METHOD.into());
    }
    let alive = signed_by(engine, &client, assertion).await?;
    alive
        .judge(engine, &client)
        .map_err(|reason| REFUSED.because(reason))?;
    let jti = alive.claims.jti.as_bytes();
    let jti = sha256_of(&[client.id.as_str().as_bytes(), b"\0", jti]);
    let is_first = engine
        .parts()
        .replay
        .first_use("client assertion", &jti, alive.expires.after(LEEWAY))
        .await?;
    if !is_first {
        return Err(REFUSED.because("the assertion was used before").into());
    }
    // Asked after the first use, which notices a guard that lost its memory.
    if alive.may_be_older_than(engine.parts().replay.remembers_since()) {
        return Err(REFUSED
            .because("issued before the replay guard started")
            .into());
    }
    Ok(client)
}

/// Whom an assertion claims to be from. Not verified: only to know whose keys to verify it with.
fn claimed_subject(assertion: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claimed {
        sub: String,
    }
    if assertion.len() > MAX_LENGTH {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1)?).ok()?;
    let claimed: Claimed = serde_json::from_slice(&payload).ok()?;
    Some(claimed.sub)
}

/// The claims of an assertion signed by a key of the client, and alive. The keys and the registration
/// decide which algorithms may have signed; what the header offers (`none`, `jwk`, `jku`) does not count.
async fn signed_by(engine: &Engine, client: &Client, assertion: &str) -> Result<Alive, Refusal> {
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::JwtOrAbsent,
    };
    let verified = engine
        .verify_signed_by(client, assertion, policy)
        .await
        .map_err(|why| match why {
            NotSigned::NoKeys(why) => REFUSED.because(why.reason()),
            NotSigned::Refused(_) => REFUSED.because("the assertion's signature does not hold"),
        })?;
    let expires = verified
        .check_times(TimeRule {
            now: engine.now(),
            leeway: LEEWAY,
            longest: Some(CEILING),
        })
        .map_err(|_| REFUSED.because("the assertion's exp, iat or nbf does not hold"))?;
    let claims = verified
        .claims_as()
        .map_err(|_| REFUSED.because("the assertion lacks a claim"))?;
    Ok(Alive { claims, expires })
}

/// An assertion whose signature and times hold. What else it says is still to be judged.
struct Alive {
    claims: AssertionClaims,
    expires: Timestamp,
}

/// What an assertion must say beside its times (RFC 7523 §3). `jti` is required here: OIDC Core §9
/// wants single use.
#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    iat: Option<f64>,
}

/// One audience or several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Alive {
    /// Judges what the assertion says, or yields the reason of a refusal.
    fn judge(&self, engine: &Engine, client: &Client) -> Result<(), &'static str> {
        let claims = &self.claims;
        if claims.iss != client.id.as_str() || claims.sub != client.id.as_str() {
            return Err("iss and sub are not the client");
        }
        if !claims
            .aud
            .is_only(&[engine.issuer(), &engine.endpoints().token])
        {
            return Err("aud is not this issuer alone");
        }
        if claims.jti.is_empty() {
            return Err("jti is empty");
        }
        Ok(())
    }

    /// Whether this assertion may have been used before `start`, when the guard was not there to
    /// remember. One without `iat` may be as old as `exp` allows. Compared in whole seconds, as the
    /// claims are.
    fn may_be_older_than(&self, start: Timestamp) -> bool {
        match self.claims.iat {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "saturates, and check_times has looked at both ends of time"
            )]
            Some(iat) => (iat as i64) < start.seconds(),
            None => self.expires <= start.after(CEILING).after(LEEWAY),
        }
    }
}

impl Audience {
    /// Whether every audience is one of `ours`: an assertion that another server may take as well can
    /// be replayed by that server.
    fn is_only(&self, ours: &[&str]) -> bool {
        let is_ours = |audience: &String| ours.contains(&audience.as_str());
        match self {
            Self::One(audience) => is_ours(audience),
            Self::Several(audiences) => !audiences.is_empty() && audiences.iter().all(is_ours),
        }
    }
}
