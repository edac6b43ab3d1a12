//! Signed authentication requests (CIBA Core §7.1.1, FAPI-CIBA §5.2.2): what the client signed is all
//! that counts.

use std::time::Duration;

use guichet_domain::{Client, OAuthError, Profile, Timestamp};
use guichet_keys::{JwsAlg, TimeRule, TypRule, Verified, VerifyPolicy, sha256_of};
use serde_json::{Map, Value};

use super::PARAMETERS;
use crate::Engine;
use crate::parameters::{IS_JSON, Parameters};
use crate::refusal::{Failure, Refusal};

/// The parameters that the client signed, which alone count; `None` where it signed none and need not.
pub(super) async fn parameters(
    engine: &Engine,
    client: &Client,
    outside: &Parameters,
) -> Result<Option<Parameters>, Failure> {
    let must_sign = client.ciba_request_alg.is_some() || client.profile == Profile::Fapi2;
    let Some(object) = outside.get("request") else {
        return if must_sign {
            Err(refused("request is missing: this client signs its requests").into())
        } else {
            Ok(None)
        };
    };
    // §7.1.1: nothing of the request may stand outside of it, where nobody vouches for it.
    if PARAMETERS
        .iter()
        .any(|name| !STAYS_OUTSIDE.contains(name) && outside.is_sent(name))
    {
        return Err(refused("parameters stand beside the signed request").into());
    }
    let verified = signed(engine, client, object).await?;
    let times = alive(engine, &verified)?;
    judge(engine, client, &verified.claims)?;
    once(engine, client, &verified.claims, times).await?;
    inside(&verified.claims).map(Some).map_err(Failure::from)
}

/// What authenticates the client, and the request itself.
const STAYS_OUTSIDE: [&str; 5] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "request",
];

/// The claims, once a key of the client is known to have signed them with an algorithm it may use.
async fn signed(engine: &Engine, client: &Client, object: &str) -> Result<Verified, Refusal> {
    let only = match &client.ciba_request_alg {
        Some(name) => Some(JwsAlg::named(name.as_str()).ok_or(NOT_SIGNED)?),
        None => None,
    };
    let allowed: Vec<JwsAlg> = JwsAlg::ALL
        .into_iter()
        .filter(|alg| only.is_none_or(|only| only == *alg))
        // FAPI-CIBA §5.2.2 and §7.10 keep to the algorithms of FAPI.
        .filter(|alg| client.profile != Profile::Fapi2 || FAPI.contains(alg))
        .collect();
    let policy = VerifyPolicy {
        algs: &allowed,
        typ: TypRule::REQUEST_OBJECT,
    };
    let verified = engine.verify_signed_by(client, object, policy).await;
    verified.map_err(|_| NOT_SIGNED)
}

const FAPI: [JwsAlg; 2] = [JwsAlg::Ps256, JwsAlg::Es256];

/// When it was made and when it expires; it must be alive, and live no longer than an hour from the
/// start it names.
fn alive(engine: &Engine, verified: &Verified) -> Result<(Timestamp, Timestamp), Refusal> {
    for name in ["exp", "iat", "nbf"] {
        if !verified.claims.get(name).is_some_and(Value::is_number) {
            return Err(refused("the signed request lacks exp, iat or nbf"));
        }
    }
    let now = engine.now();
    let begins = verified.claims.get("nbf").and_then(Value::as_f64);
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds since 1970 are far below the precision of f64"
    )]
    let oldest = now.before(LONGEST).before(LEEWAY).seconds() as f64;
    if begins.is_none_or(|begins| begins < oldest) {
        return Err(refused("nbf of the signed request is over an hour ago"));
    }
    let rule = TimeRule {
        now,
        leeway: LEEWAY,
        longest: Some(LONGEST),
    };
    match (verified.check_times(rule), verified.iat()) {
        (Ok(expires), Ok(Some(issued))) => Ok((issued, expires)),
        _ => Err(refused(
            "exp, iat or nbf of the signed request does not hold",
        )),
    }
}

/// From the client, for us.
fn judge(engine: &Engine, client: &Client, claims: &Map<String, Value>) -> Result<(), Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(client.id.as_str()) {
        return Err(refused("iss of the signed request is not the client"));
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(one)) => one == engine.issuer(),
        Some(Value::Array(several)) => several.iter().any(|one| one == engine.issuer()),
        _ => false,
    };
    if !for_us {
        return Err(refused("aud of the signed request is not this issuer"));
    }
    Ok(())
}

/// A signed request counts once: shown again, it would ask the person again (threat N-35).
async fn once(
    engine: &Engine,
    client: &Client,
    claims: &Map<String, Value>,
    (issued, expires): (Timestamp, Timestamp),
) -> Result<(), Failure> {
    let jti = claims
        .get("jti")
        .and_then(Value::as_str)
        .filter(|jti| !jti.is_empty())
        .ok_or(refused("the signed request lacks jti"))?;
    let key = sha256_of(&[client.id.as_str().as_bytes(), b"\0", jti.as_bytes()]);
    let is_first = engine
        .parts()
        .replay
        .first_use("ciba request", &key, expires.after(LEEWAY))
        .await?;
    if !is_first {
        return Err(refused("the signed request was used before").into());
    }
    // Asked after the first use, which notices a guard that lost its memory. In whole seconds, as `iat`
    // is.
    let since = engine.parts().replay.remembers_since();
    if issued.seconds() < since.seconds() {
        return Err(
            refused("the signed request was made before this node could notice replays").into(),
        );
    }
    Ok(())
}

/// The parameters inside: strings, and numbers or arrays where they are meant (§7.1.1).
fn inside(claims: &Map<String, Value>) -> Result<Parameters, Refusal> {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in claims {
        let is_known = PARAMETERS.contains(&name.as_str());
        match value {
            _ if !is_known || STAYS_OUTSIDE.contains(&name.as_str()) => {}
            Value::String(value) => {
                text.append_pair(name, value);
            }
            Value::Number(number) if name == "requested_expiry" => {
                text.append_pair(name, &number.to_string());
            }
            // Several, as RFC 8707 §2 has them.
            Value::Array(values) if name == "resource" => {
                for value in values {
                    text.append_pair(name, value.as_str().ok_or(NO_TEXT)?);
                }
            }
            // JSON outside, too (RFC 9396 §2).
            Value::Array(_) if name == IS_JSON => {
                text.append_pair(name, &value.to_string());
            }
            _ => return Err(NO_TEXT),
        }
    }
    Parameters::read(text.finish().as_bytes(), PARAMETERS)
}

const LONGEST: Duration = Duration::from_hours(1);
const LEEWAY: Duration = Duration::from_mins(1);

const NOT_SIGNED: Refusal = refused(
    "the signed request does not hold under a key of the client with an algorithm it may use",
);

const NO_TEXT: Refusal = refused("a parameter of the signed request is no text");

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
