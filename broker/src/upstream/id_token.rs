//! What an ID token must say to be believed (OIDC Core §3.1.3.7; threats N-11, N-12, N-34).

use std::time::Duration;

use guichet_domain::{Amr, IdentityClaims, SigningAlg, Timestamp};
use guichet_keys::{JwkSet, JwsAlg, JwsRefusal, TypRule, VerifyPolicy, half_hash, same, verify};
use serde_json::{Map, Value};

use super::userinfo::identity_claims;

/// Algorithms a provider may sign with: asymmetric ones, chosen here and never by the token.
pub(super) const ALGS: [JwsAlg; 5] = [
    JwsAlg::Es256,
    JwsAlg::Rs256,
    JwsAlg::EdDsa,
    JwsAlg::Ps256,
    JwsAlg::Es384,
];

/// What the token must fit.
pub(crate) struct Expected<'a> {
    /// The provider.
    pub(crate) issuer: &'a str,
    /// The hub there.
    pub(crate) client_id: &'a str,
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
    acr: Option<String>,
    amr: Vec<Amr>,
    auth_time: Timestamp,
    claims: IdentityClaims,
    raw: String,
}

/// What in a signed answer is not true. Each has a name of its own in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// The form, the algorithm, the type.
    Form,
    /// The key is not known, even after a refetch.
    Key,
    /// The signature.
    Signature,
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// `azp`.
    AuthorizedParty,
    /// `exp`.
    Expiry,
    /// `iat` or `nbf`.
    IssuedAt,
    /// `nonce`.
    Nonce,
    /// `sub`: missing or empty.
    Subject,
    /// `at_hash`.
    AccessTokenHash,
    /// `auth_time`.
    AuthTime,
    /// `sub` at the userinfo endpoint is another.
    UserinfoSubject,
}

impl Lie {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "id_token_form",
            Self::Key => "id_token_key",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_iss",
            Self::Audience => "id_token_aud",
            Self::AuthorizedParty => "id_token_azp",
            Self::Expiry => "id_token_exp",
            Self::IssuedAt => "id_token_iat",
            Self::Nonce => "id_token_nonce",
            Self::Subject => "id_token_sub",
            Self::AccessTokenHash => "id_token_at_hash",
            Self::AuthTime => "id_token_auth_time",
            Self::UserinfoSubject => "userinfo_sub",
        }
    }
}

impl From<JwsRefusal> for Lie {
    fn from(refusal: JwsRefusal) -> Self {
        match refusal {
            JwsRefusal::UnknownKey => Self::Key,
            JwsRefusal::Signature => Self::Signature,
            JwsRefusal::Expired => Self::Expiry,
            _ => Self::Form,
        }
    }
}

impl VerifiedIdToken {
    /// Verifies `raw` with the provider's `keys` against what is `expected`.
    pub(crate) fn verify(raw: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Self, Lie> {
        let policy = VerifyPolicy {
            algs: &ALGS,
            typ: TypRule::JwtOrAbsent,
        };
        let verified = verify(raw, keys, policy)?;
        let claims = &verified.claims;
        check_parties(claims, expected)?;
        check_times(claims, expected)?;
        check_bindings(claims, verified.alg, expected)?;
        Ok(Self {
            subject: subject(claims)?.to_owned(),
            acr: text(claims, "acr").map(str::to_owned),
            amr: known_methods(claims),
            auth_time: auth_time(claims, expected)?,
            claims: identity_claims(claims).ok_or(Lie::Form)?,
            raw: raw.to_owned(),
        })
    }

    /// Who the person is at the provider. Never stored.
    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// The level the provider states, in its own words.
    pub(crate) fn acr(&self) -> Option<&str> {
        self.acr.as_deref()
    }

    /// How the person signed in there: methods known here, others are dropped.
    pub(crate) fn amr(&self) -> &[Amr] {
        &self.amr
    }

    /// When they did.
    pub(crate) fn auth_time(&self) -> Timestamp {
        self.auth_time
    }

    /// Claims about the person that stand in the token itself.
    pub(crate) fn claims(&self) -> &IdentityClaims {
        &self.claims
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
    // A token that is for others as well is not for us (§3.1.3.7 point 3).
    let is_ours = match claims.get("aud") {
        Some(Value::String(aud)) => aud == expected.client_id,
        Some(Value::Array(auds)) => auds.len() == 1 && auds[0] == expected.client_id,
        _ => false,
    };
    if !is_ours {
        return Err(Lie::Audience);
    }
    match claims.get("azp") {
        None => Ok(()),
        Some(azp) if azp == expected.client_id => Ok(()),
        Some(_) => Err(Lie::AuthorizedParty),
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
    let has_begun = instant(claims, "nbf").is_none_or(|nbf| nbf <= latest);
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
    let Some(at_hash) = claims.get("at_hash") else {
        return Ok(());
    };
    let hashed_like = match alg {
        JwsAlg::Es256 | JwsAlg::Rs256 | JwsAlg::Ps256 => SigningAlg::Es256,
        JwsAlg::EdDsa => SigningAlg::EdDsa,
        // Optional in the code flow (§3.1.3.6), and no hash of ours goes with the others.
        _ => return Ok(()),
    };
    if at_hash == &half_hash(hashed_like, expected.access_token) {
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

/// When the person signed in: as stated, or now where nobody asked and nothing is stated.
fn auth_time(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<Timestamp, Lie> {
    let stated = match claims.get("auth_time") {
        Some(_) => Some(instant(claims, "auth_time").ok_or(Lie::AuthTime)?),
        None => None,
    };
    let Some(stated) = stated else {
        return if expected.must_state_auth_time {
            Err(Lie::AuthTime)
        } else {
            Ok(expected.now)
        };
    };
    let is_past = stated <= expected.now.after(expected.skew);
    let is_recent = expected
        .signed_in_since
        .is_none_or(|since| stated.after(expected.skew) >= since);
    if is_past && is_recent {
        Ok(stated)
    } else {
        Err(Lie::AuthTime)
    }
}

fn known_methods(claims: &Map<String, Value>) -> Vec<Amr> {
    let methods = claims.get("amr").and_then(Value::as_array);
    let texts = methods.into_iter().flatten().filter_map(Value::as_str);
    let mut known: Vec<Amr> = texts.filter_map(|text| text.parse().ok()).collect();
    known.sort_unstable();
    known.dedup();
    known
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// A `NumericDate`, whole or not (RFC 7519 §2).
fn instant(claims: &Map<String, Value>, name: &str) -> Option<Timestamp> {
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
