//! Verifying what others signed: compact JWS (RFC 7515 §7.1), strictly.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::jwk::JwkSet;

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
}

/// What `typ` must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypRule {
    /// Absent, or `JWT`: ID tokens and client assertions.
    JwtOrAbsent,
    /// Exactly this, whatever the case, `application/` in front or not (RFC 7515 §4.1.9).
    Exactly(&'static str),
}

/// What a verifier accepts.
#[derive(Clone, Copy, Debug)]
pub struct VerifyPolicy<'a> {
    /// The algorithms that may have signed.
    pub algs: &'a [JwsAlg],
    /// What `typ` must be.
    pub typ: TypRule,
}

/// A token whose signature holds. What the claims say is still to be judged.
#[derive(Clone)]
pub struct Verified {
    /// The claims.
    pub claims: serde_json::Map<String, Value>,
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
}

/// Verifies a compact JWS made by somebody else.
pub fn verify(
    _jwt: &str,
    _keys: &JwkSet,
    _policy: VerifyPolicy<'_>,
) -> Result<Verified, JwsRefusal> {
    todo!()
}
