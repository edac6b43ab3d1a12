//! Assertions: `private_key_jwt` under the client's key, `client_secret_jwt` under its secret; each
//! alive and used once (RFC 7523 §3, OIDC Core §9; threats N-34, N-35).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::client::Secrets;
use guichet_domain::{Client, ClientAuthentication, JwsAlgName, Profile, Sealed, Timestamp};
use guichet_keys::{
    HmacAlg, JwsAlg, TimeRule, TypRule, Verified, VerifyPolicy, sha256_of, verify_hmac,
};
use http::request::Parts;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Authenticated, OTHER_METHOD, REFUSED, UNKNOWN};
use crate::Engine;
use crate::called::Called;
use crate::client_keys::NotSigned;
use crate::profile::Rules;
use crate::refusal::{Failure, Refusal};

/// The value of `client_assertion_type` (RFC 7523 §2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

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
    head: &Parts,
    named: Option<&str>,
    assertion: &str,
) -> Result<Authenticated, Failure> {
    let id = claimed_subject(assertion).ok_or(REFUSED.because("unreadable assertion"))?;
    if named.is_some_and(|named| named != id) {
        return Err(REFUSED
            .because("client_id is not the assertion's subject")
            .into());
    }
    let client = engine.active_client(&id).ok_or(UNKNOWN)?;
    let (alive, credential) = match &client.authentication {
        ClientAuthentication::PrivateKeyJwt { alg } => {
            by_key(engine, &client, *alg, assertion).await?
        }
        ClientAuthentication::ClientSecretJwt { secret, alg } => {
            by_secret(engine, &client, (secret, *alg), assertion)?
        }
        _ => return Err(OTHER_METHOD.into()),
    };
    alive
        .judge(engine, &client, &Called::by(engine, head))
        .map_err(|reason| REFUSED.because(reason))?;
    alive.spend(engine, &client).await?;
    Ok((client, credential))
}

/// Whom an assertion claims to be from. Not verified: only to know whose keys to verify it with.
pub(super) fn claimed_subject(assertion: &str) -> Option<String> {
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

/// An assertion signed by a key of the client. The keys and the registration decide which algorithms
/// may have signed; what the header offers (`none`, `jwk`, `jku`) does not count.
async fn by_key(
    engine: &Engine,
    client: &Client,
    registered: Option<JwsAlgName>,
    assertion: &str,
) -> Result<(Alive, Option<String>), Failure> {
    let algs: Vec<JwsAlg> = Rules::of(client)
        .client_algs
        .iter()
        .copied()
        .filter(|alg| registered.is_none_or(|registered| registered.as_str() == alg.as_str()))
        .collect();
    let policy = VerifyPolicy {
        algs: &algs,
        typ: TypRule::JwtOrAbsent,
    };
    let verified = engine
        .verify_signed_by(client, assertion, policy)
        .await
        .map_err(|why| match why {
            NotSigned::NoKeys(why) => REFUSED.because(why.reason()),
            NotSigned::Refused(_) => SIGNATURE,
        })?;
    let key = verified.kid.clone();
    Ok((Alive::of(verified, engine.now())?, key))
}

/// An assertion under a secret of the client, whichever of those alive. A public key never serves as the secret: whether keys
/// or a secret count was settled at registration.
fn by_secret(
    engine: &Engine,
    client: &Client,
    (secrets, registered): (&Secrets<Sealed>, Option<JwsAlgName>),
    assertion: &str,
) -> Result<(Alive, Option<String>), Failure> {
    let algs: Vec<HmacAlg> = HmacAlg::ALL
        .into_iter()
        .filter(|alg| registered.is_none_or(|registered| registered.as_str() == alg.as_str()))
        .collect();
    let now = engine.now();
    let mut found = None;
    // Every one is tried, whichever is right.
    for secret in secrets.live(now) {
        let opened = engine.client_secrets().open(&client.id, &secret.kept);
        let opened = opened.map(Zeroizing::new)?;
        if let Ok(verified) = verify_hmac(assertion, &opened, &algs, TypRule::JwtOrAbsent) {
            found = Some((verified, secret.id.clone()));
        }
    }
    let (verified, secret) = found.ok_or(SIGNATURE)?;
    Ok((Alive::of(verified, now)?, Some(secret)))
}

const SIGNATURE: Refusal = REFUSED.because("the assertion's signature does not hold");

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
    fn of<A>(verified: Verified<A>, now: Timestamp) -> Result<Self, Refusal> {
        let expires = verified
            .check_times(TimeRule {
                now,
                leeway: LEEWAY,
                longest: Some(CEILING),
            })
            .map_err(|_| REFUSED.because("the assertion's exp, iat or nbf does not hold"))?;
        let claims = verified
            .claims_as()
            .map_err(|_| REFUSED.because("the assertion lacks a claim"))?;
        Ok(Self { claims, expires })
    }

    /// Judges what the assertion says, or yields the reason of a refusal.
    fn judge(&self, engine: &Engine, client: &Client, called: &Called) -> Result<(), &'static str> {
        let claims = &self.claims;
        if claims.iss != client.id.as_str() || claims.sub != client.id.as_str() {
            return Err("iss and sub are not the client");
        }
        let is_for_us = match client.profile {
            // FAPI 2.0 Security Profile §5.3.2.1: the issuer as a string and nothing else.
            Profile::Fapi2 => matches!(&claims.aud, Audience::One(aud) if aud == engine.issuer()),
            // RFC 7523 §3, and RFC 9126 §2 for its endpoint.
            Profile::Standard | Profile::FranceConnect => claims.aud.is_only(|aud| {
                aud == engine.issuer() || aud == engine.endpoints().token || called.is(aud)
            }),
        };
        if !is_for_us {
            return Err("aud is not this issuer alone");
        }
        if claims.jti.is_empty() {
            return Err("jti is empty");
        }
        Ok(())
    }

    /// Spends the assertion.
    async fn spend(&self, engine: &Engine, client: &Client) -> Result<(), Failure> {
        let replay = &engine.parts().replay;
        let jti = self.claims.jti.as_bytes();
        let jti = sha256_of(&[client.id.as_str().as_bytes(), b"\0", jti]);
        let forget = self.expires.after(LEEWAY);
        if !replay.first_use("client assertion", &jti, forget).await? {
            return Err(REFUSED.because("the assertion was used before").into());
        }
        // Asked after the first use, which notices a guard that lost its memory.
        if self.may_be_older_than(replay.remembers_since()) {
            return Err(REFUSED
                .because("issued before the replay guard started")
                .into());
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
    /// Whether every audience is one of ours: an assertion that another server may take as well can be
    /// replayed by that server.
    fn is_only(&self, is_ours: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(audience) => is_ours(audience),
            Self::Several(audiences) => {
                !audiences.is_empty() && audiences.iter().all(|audience| is_ours(audience))
            }
        }
    }
}
