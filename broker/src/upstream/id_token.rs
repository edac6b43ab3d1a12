//! What an ID token must say to be believed (OIDC Core §3.1.3.7; threats N-11, N-12, N-34).

use std::time::Duration;

use guichet_domain::{JwsAlgName, Timestamp};
use guichet_keys::{JwkSet, JwsAlg, TypRule, VerifyPolicy, half_hash, same, verify};
use serde_json::{Map, Value};

use super::Upstream;
use super::envelope::opened;
use super::lie::Lie;
use super::means::Means;

/// The algorithms a provider may sign with: the one it is registered with, else any that is
/// asymmetric; chosen here and never by the token.
pub(super) fn accepted_algs(registered: Option<JwsAlgName>) -> Vec<JwsAlg> {
    match registered {
        Some(name) => JwsAlg::named(name.as_str()).into_iter().collect(),
        None => JwsAlg::ALL.to_vec(),
    }
}

/// What the token must fit.
pub(crate) struct Expected<'a> {
    /// The provider.
    pub(crate) issuer: &'a str,
    /// The hub there.
    pub(crate) client_id: &'a str,
    /// The only algorithm, where one is registered.
    pub(crate) alg: Option<JwsAlgName>,
    /// What left with the person.
    pub(crate) nonce: &'a str,
    /// What came with the token.
    pub(crate) access_token: &'a str,
    /// The person must have signed in since.
    pub(crate) signed_in_since: Option<Timestamp>,
    /// Whether the token must say when they did (`max_age` was asked).
    pub(crate) must_state_auth_time: bool,
    /// The present.
    pub(crate) now: Timestamp,
    /// How far the provider's clock may be off.
    pub(crate) skew: Duration,
}

/// An ID token whose signature and claims hold. Made by [`VerifiedIdToken::verify`] alone.
#[derive(Clone)]
pub(crate) struct VerifiedIdToken {
    subject: String,
    auth_time: Option<Timestamp>,
    now: Timestamp,
    members: Map<String, Value>,
    raw: String,
}

impl Upstream {
    /// Opens and verifies what the token endpoint gave.
    pub(crate) fn verify_id_token(
        &self,
        token: &str,
        expected: &Expected<'_>,
        means: &Means,
    ) -> Result<VerifiedIdToken, Lie> {
        let ring = means.keys.decryption_ring();
        let jwt =
            opened(token, self.record.answers.id_token_encryption, ring).ok_or(Lie::Encryption)?;
        VerifiedIdToken::verify(&jwt, &self.keys, expected)
    }
}

impl VerifiedIdToken {
    /// Verifies `raw` with the provider's `keys` against what is `expected`.
    pub(crate) fn verify(raw: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Self, Lie> {
        let policy = VerifyPolicy {
            algs: &accepted_algs(expected.alg),
            typ: TypRule::JwtOrAbsent,
        };
        let verified = verify(raw, keys, policy).map_err(Lie::of_id_token)?;
        let claims = &verified.claims;
        check_parties(claims, expected)?;
        check_times(claims, expected)?;
        check_bindings(claims, verified.alg, expected)?;
        Ok(Self {
            subject: subject(claims)?.to_owned(),
            auth_time: auth_time(claims, expected)?,
            now: expected.now,
            raw: raw.to_owned(),
            members: verified.claims,
        })
    }

    /// Who the person is at the provider. Never stored.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// What the provider calls its session (OIDC Back-Channel Logout §2.1). Never stored.
    pub(crate) fn sid(&self) -> Option<&str> {
        text(&self.members, "sid")
    }

    /// When they signed in there: as stated, or now where nothing is stated.
    pub(crate) fn auth_time(&self) -> Timestamp {
        self.auth_time.unwrap_or(self.now)
    }

    /// Whether it says when that was. Where it does not, the person may have signed in there long ago.
    pub(crate) fn states_auth_time(&self) -> bool {
        self.auth_time.is_some()
    }

    /// Everything it says: protocol, level and person, in the provider's words.
    pub(crate) fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The token, for the provider's logout (OIDC RP-Initiated Logout §2 `id_token_hint`).
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }
}

fn check_parties(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Lie> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err(Lie::Issuer);
    }
    if !is_for(claims, expected.client_id) {
        return Err(Lie::Audience);
    }
    match claims.get("azp") {
        None => Ok(()),
        Some(azp) if azp == expected.client_id => Ok(()),
        Some(_) => Err(Lie::AuthorizedParty),
    }
}

/// Whether `aud` names us alone: what is for others as well is not for us (§3.1.3.7 point 3).
pub(super) fn is_for(claims: &Map<String, Value>, client_id: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(aud)) => aud == client_id,
        Some(Value::Array(auds)) => auds.len() == 1 && auds[0] == client_id,
        _ => false,
    }
}

fn check_times(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Lie> {
    let exp = instant(claims, "exp").ok_or(Lie::Expiry)?;
    if exp.after(expected.skew) <= expected.now {
        return Err(Lie::Expiry);
    }
    let latest = expected.now.after(expected.skew);
    let iat = instant(claims, "iat").ok_or(Lie::IssuedAt)?;
    let is_fresh = iat <= latest && iat.after(OLDEST) >= expected.now;
    let has_begun =
        !claims.contains_key("nbf") || instant(claims, "nbf").is_some_and(|nbf| nbf <= latest);
    if is_fresh && has_begun {
        Ok(())
    } else {
        Err(Lie::IssuedAt)
    }
}

fn check_bindings(
    claims: &Map<String, Value>,
    alg: JwsAlg,
    expected: &Expected<'_>,
) -> Result<(), Lie> {
    let nonce = text(claims, "nonce").ok_or(Lie::Nonce)?;
    if !same(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(Lie::Nonce);
    }
    // Optional in the code flow (§3.1.3.6).
    let right = claims
        .get("at_hash")
        .is_none_or(|at_hash| at_hash == &half_hash(alg, expected.access_token));
    if right {
        Ok(())
    } else {
        Err(Lie::AccessTokenHash)
    }
}

/// A subject is a name, not an absence of one written out (threat N-12).
fn subject(claims: &Map<String, Value>) -> Result<&str, Lie> {
    let subject = text(claims, "sub").ok_or(Lie::Subject)?;
    let is_name = (1..=255).contains(&subject.len())
        && !subject.trim().is_empty()
        && !["null", "undefined"].contains(&subject);
    if is_name {
        Ok(subject)
    } else {
        Err(Lie::Subject)
    }
}

/// When the person signed in; `None` where nobody asked and nothing is stated.
fn auth_time(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<Option<Timestamp>, Lie> {
    let stated = match claims.get("auth_time") {
        // Zero is how some providers write that they do not know.
        Some(value) if *value != 0 => Some(instant(claims, "auth_time").ok_or(Lie::AuthTime)?),
        _ => None,
    };
    let Some(stated) = stated else {
        return if expected.must_state_auth_time {
            Err(Lie::AuthTime)
        } else {
            Ok(None)
        };
    };
    let is_past = stated <= expected.now.after(expected.skew);
    let is_recent = expected
        .signed_in_since
        .is_none_or(|since| stated.after(expected.skew) >= since);
    if is_past && is_recent {
        Ok(Some(stated))
    } else {
        Err(Lie::AuthTime)
    }
}

pub(super) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// A `NumericDate`, whole or not (RFC 7519 §2).
pub(super) fn instant(claims: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let number = claims.get(name)?;
    let seconds = number.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates; fractions do not count"
        )]
        number
            .as_f64()
            .filter(|value| value.is_finite())
            .map(|value| value as i64)
    })?;
    (seconds > 0).then(|| Timestamp::from_seconds(seconds))
}

/// A token fetched just now was not issued long ago.
const OLDEST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests;
