//! Verifying what others signed: compact JWS (RFC 7515 §7.1), read strictly (RFC 8725).
//!
//! Only asymmetric algorithms exist here, so neither `none` nor an HMAC under a public key can be
//! meant. Keys come from the caller alone: `jku`, `x5u`, `jwk` and `x5c` in a header are not looked at.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::jwk::{JwkSet, VerifyingKey};
use crate::strict_json;

/// Verifies a compact JWS made by somebody else with the keys known to be theirs.
///
/// A `kid` in the header chooses among the keys; when no key has that `kid`, those without any are
/// tried. [`JwsRefusal::UnknownKey`] may mean that they rotated: fetch their keys again, once.
pub fn verify(jwt: &str, keys: &JwkSet, policy: VerifyPolicy<'_>) -> Result<Verified, JwsRefusal> {
    let token = Token::parse(jwt)?;
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

/// The longest token looked at, in bytes.
const MAX_TOKEN: usize = 16 * 1024;

/// How many keys are tried on one token, so that a long set does not make a token expensive.
const MAX_TRIES: usize = 8;

/// A signature algorithm that may be accepted: asymmetric ones only, so neither `none` nor an HMAC
/// can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JwsAlg {
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// RSA PKCS#1 v1.5, SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5, SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5, SHA-512.
    Rs512,
    /// RSA-PSS, SHA-256.
    Ps256,
    /// RSA-PSS, SHA-384.
    Ps384,
    /// RSA-PSS, SHA-512.
    Ps512,
    /// Ed25519.
    EdDsa,
}

impl JwsAlg {
    /// Every algorithm.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::EdDsa,
    ];

    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with this `alg`; `Ed25519` (RFC 9864) is `EdDSA` by its new name.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }

    pub(crate) const fn library(self) -> jsonwebtoken::Algorithm {
        use jsonwebtoken::Algorithm;
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

impl From<guichet_domain::SigningAlg> for JwsAlg {
    fn from(alg: guichet_domain::SigningAlg) -> Self {
        match alg {
            guichet_domain::SigningAlg::Es256 => Self::Es256,
            guichet_domain::SigningAlg::Rs256 => Self::Rs256,
            guichet_domain::SigningAlg::Ps256 => Self::Ps256,
            guichet_domain::SigningAlg::EdDsa => Self::EdDsa,
        }
    }
}

/// What `typ` must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypRule {
    /// Absent, or `JWT`: ID tokens and client assertions.
    JwtOrAbsent,
    /// Exactly this, whatever the case, `application/` in front or not (RFC 7515 §4.1.9).
    Exactly(&'static str),
}

impl TypRule {
    fn admits(self, typ: Option<&str>) -> bool {
        let wanted = match (self, typ) {
            (Self::JwtOrAbsent, None) => return true,
            (Self::JwtOrAbsent, Some(_)) => "JWT",
            (Self::Exactly(wanted), _) => wanted,
        };
        let typ = typ.unwrap_or_default();
        let short = match typ.split_at_checked("application/".len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        short.eq_ignore_ascii_case(wanted)
    }
}

/// What a verifier accepts.
#[derive(Clone, Copy, Debug)]
pub struct VerifyPolicy<'a> {
    /// The algorithms that may have signed.
    pub algs: &'a [JwsAlg],
    /// What `typ` must be.
    pub typ: TypRule,
}

/// When a token must be alive.
#[derive(Clone, Copy, Debug)]
pub struct TimeRule {
    /// The present.
    pub now: Timestamp,
    /// How far the other clock may be off, either way.
    pub leeway: Duration,
    /// How far in the future `exp` may lie, if that is bounded.
    pub longest: Option<Duration>,
}

/// A token whose signature holds. What the claims say is still to be judged.
#[derive(Clone)]
pub struct Verified {
    /// The claims.
    pub claims: Map<String, Value>,
    /// The algorithm that signed.
    pub alg: JwsAlg,
    /// The `kid` in the header.
    pub kid: Option<String>,
}

impl Verified {
    /// The claims as a type.
    pub fn claims_as<T: DeserializeOwned>(self) -> Result<T, JwsRefusal> {
        serde_json::from_value(Value::Object(self.claims)).map_err(|_| JwsRefusal::Claims)
    }

    /// Checks `exp` (required), `nbf` and `iat` (where there are any); returns `exp`, up to which a
    /// replay guard must remember the token.
    pub fn check_times(&self, rule: TimeRule) -> Result<Timestamp, JwsRefusal> {
        let expires = self.time("exp")?.ok_or(JwsRefusal::Claims)?;
        if rule.now.before(rule.leeway) >= expires {
            return Err(JwsRefusal::Expired);
        }
        let horizon = rule.now.after(rule.leeway);
        for name in ["nbf", "iat"] {
            if self.time(name)?.is_some_and(|time| time > horizon) {
                return Err(JwsRefusal::NotYet);
            }
        }
        if rule
            .longest
            .is_some_and(|longest| expires > horizon.after(longest))
        {
            return Err(JwsRefusal::TooLongLived);
        }
        Ok(expires)
    }

    /// A `NumericDate` (RFC 7519 §2): a number of seconds, perhaps with a fraction, which is dropped.
    fn time(&self, name: &str) -> Result<Option<Timestamp>, JwsRefusal> {
        let Some(value) = self.claims.get(name) else {
            return Ok(None);
        };
        if let Some(seconds) = value.as_i64() {
            return Ok(Some(Timestamp::from_seconds(seconds)));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, as Timestamp does"
        )]
        let seconds = value.as_f64().ok_or(JwsRefusal::Claims)? as i64;
        Ok(Some(Timestamp::from_seconds(seconds)))
    }
}

/// Why a token is refused. Names the check, never the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsRefusal {
    /// Longer than 16 KiB.
    #[error("the token is longer than 16 KiB")]
    TooLong,
    /// Not three parts of canonical base64url.
    #[error("the token is not a compact JWS")]
    NotCompact,
    /// The header is not a JSON object without duplicate members, or a member has a wrong type.
    #[error("the token's header is malformed")]
    Header,
    /// The header has `crit` or `b64`: extensions nobody here understands.
    #[error("the token's header demands an extension that is not supported")]
    Critical,
    /// `alg` is not among those accepted.
    #[error("the token's algorithm is not accepted here")]
    Alg,
    /// `typ` is not the one expected here.
    #[error("the token's type is not the one expected here")]
    Typ,
    /// No key of the set fits `kid`, `alg`, `use` and `key_ops`. Keys may have rotated.
    #[error("no known key fits the token")]
    UnknownKey,
    /// No fitting key verifies the signature.
    #[error("the token's signature does not hold")]
    Signature,
    /// The claims are not a JSON object without duplicate members, or not what the caller expects.
    #[error("the token's claims are malformed")]
    Claims,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// `exp` lies further in the future than is accepted.
    #[error("the token lives longer than is accepted")]
    TooLongLived,
}

/// A token taken apart, nothing of it believed yet.
pub(crate) struct Token<'a> {
    signed: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
    alg: String,
    typ: Option<String>,
    /// The `kid` in the header.
    pub(crate) kid: Option<String>,
}

impl<'a> Token<'a> {
    /// Takes a compact JWS apart.
    pub(crate) fn parse(jwt: &'a str) -> Result<Self, JwsRefusal> {
        if jwt.len() > MAX_TOKEN {
            return Err(JwsRefusal::TooLong);
        }
        let (signed, signature) = jwt.rsplit_once('.').ok_or(JwsRefusal::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsRefusal::NotCompact)?;
        // The decoder refuses padding, other alphabets, a second dot and non-canonical last bits.
        let decoded = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| JwsRefusal::NotCompact)
        };
        decoded(signature)?;
        let payload = decoded(payload)?;
        let members = strict_json::object(&decoded(header)?).ok_or(JwsRefusal::Header)?;
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(JwsRefusal::Critical);
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(JwsRefusal::Header),
        };
        Ok(Self {
            signed,
            payload,
            signature,
            alg: text("alg")?.ok_or(JwsRefusal::Header)?,
            typ: text("typ")?,
            kid: text("kid")?,
        })
    }

    /// The algorithm, if `policy` accepts it and the type.
    pub(crate) fn check(&self, policy: VerifyPolicy<'_>) -> Result<JwsAlg, JwsRefusal> {
        let alg = JwsAlg::named(&self.alg).filter(|alg| policy.algs.contains(alg));
        let alg = alg.ok_or(JwsRefusal::Alg)?;
        if policy.typ.admits(self.typ.as_deref()) {
            Ok(alg)
        } else {
            Err(JwsRefusal::Typ)
        }
    }

    /// Whether the signature is `key`'s.
    pub(crate) fn holds_under(&self, key: &VerifyingKey, alg: JwsAlg) -> bool {
        key.verifies(alg, self.signed.as_bytes(), self.signature)
    }

    /// The claims; only after the signature was found to hold.
    pub(crate) fn verified(self, alg: JwsAlg) -> Result<Verified, JwsRefusal> {
        Ok(Verified {
            claims: strict_json::object(&self.payload).ok_or(JwsRefusal::Claims)?,
            alg,
            kid: self.kid,
        })
    }
}

#[cfg(test)]
mod tests;
