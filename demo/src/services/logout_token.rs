//! Logout tokens: what the hub sends when someone signed out elsewhere, believed to the letter
//! (OIDC Back-Channel Logout §2.6).

use std::time::Duration;

use guichet_domain::{SigningAlg, Timestamp};
use openidconnect::core::CoreJsonWebKey;
use serde_json::{Map, Value};

use super::jws::{self, JwsError};

/// Who is to be signed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogoutToken {
    pub(super) who: Who,
    /// Spent once.
    pub(super) jti: String,
}

/// One session of the hub, or everything of one person here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The session `sid`, of the person `sub` where that is stated.
    Session { sid: String, sub: Option<String> },
    /// Every session of the person.
    Person { sub: String },
}

/// Why a logout token is not obeyed. Each names the claim at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LogoutTokenError {
    /// The token is not signed as agreed.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// A claim is missing or not as it must be.
    #[error("the claim {0} is not as it must be")]
    Claim(&'static str),
}

/// What a token is held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) alg: SigningAlg,
    pub(super) keys: &'a [CoreJsonWebKey],
}

/// Verifies `token`; that its `jti` was not seen before is the caller's to check.
pub(super) fn verify(
    token: &str,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<LogoutToken, LogoutTokenError> {
    let claims = jws::verify(token, expected.alg, Some(&["logout+jwt"]), expected.keys)?;
    let check = |holds: bool, claim| holds.then_some(()).ok_or(LogoutTokenError::Claim(claim));
    check(
        text(&claims, "iss").as_deref() == Some(expected.issuer),
        "iss",
    )?;
    check(is_for(claims.get("aud"), expected.client_id), "aud")?;
    check(
        claims
            .get("iat")
            .and_then(Value::as_i64)
            .is_some_and(|iat| is_recent(iat, now)),
        "iat",
    )?;
    check(
        claims
            .get("exp")
            .and_then(Value::as_i64)
            .is_some_and(|exp| exp > now.seconds()),
        "exp",
    )?;
    check(!claims.contains_key("nonce"), "nonce")?;
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    check(event.is_some_and(Value::is_object), "events")?;
    let jti = text(&claims, "jti").filter(|jti| (1..=255).contains(&jti.len()));
    let who = match (text(&claims, "sid"), text(&claims, "sub")) {
        (Some(sid), sub) => Who::Session { sid, sub },
        (None, Some(sub)) => Who::Person { sub },
        (None, None) => return Err(LogoutTokenError::Claim("sub")),
    };
    Ok(LogoutToken {
        who,
        jti: jti.ok_or(LogoutTokenError::Claim("jti"))?,
    })
}

/// Whether `aud`, one text or several, names this client and nobody else.
pub(super) fn is_for(aud: Option<&Value>, client_id: &str) -> bool {
    match aud {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(several)) => {
            !several.is_empty() && several.iter().all(|aud| aud.as_str() == Some(client_id))
        }
        _ => false,
    }
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Clocks differ a little; tokens are delivered at once.
const LATE: Duration = Duration::from_mins(10);
const EARLY: Duration = Duration::from_mins(1);

fn is_recent(iat: i64, now: Timestamp) -> bool {
    let iat = Timestamp::from_seconds(iat);
    now.since(iat) <= LATE && iat.since(now) <= EARLY
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
