//! Signed tokens other than ID tokens: compact JWS (RFC 7515 §7.1) verified with the hub's keys.
//!
//! The algorithm is the one the service registered for, never the one the token names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SigningAlg;
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeyUse};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::hub::algorithm;

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JwsError {
    /// Not three parts of base64url with JSON in the first two.
    #[error("malformed")]
    Malformed,
    /// Another algorithm than agreed, `none` included.
    #[error("alg")]
    Algorithm,
    /// Another type than asked for.
    #[error("typ")]
    Type,
    /// An extension that must be understood (RFC 7515 §4.1.11); none is.
    #[error("crit")]
    Critical,
    /// No key, or none that verifies it.
    #[error("signature")]
    Signature,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// The `kid` a token names, unverified: only to know which key to look for.
pub(super) fn key_id(token: &str) -> Option<String> {
    let header = token.split('.').next()?;
    decode::<Header>(header).ok()?.kid
}

/// Whether `key_id` is among `keys`; a token without one may be of any key.
pub(super) fn has_key(keys: &[CoreJsonWebKey], key_id: Option<&str>) -> bool {
    keys.iter().any(|key| names(key, key_id))
}

/// The claims of `token`, once its type is one of `types` (lower case; `None`: whatever it is) and
/// its signature is by one of `keys`.
pub(super) fn verify(
    token: &str,
    alg: SigningAlg,
    types: Option<&[&str]>,
    keys: &[CoreJsonWebKey],
) -> Result<Map<String, Value>, JwsError> {
    let (message, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(JwsError::Malformed)?;
    let header: Header = decode(header)?;
    if header.alg != alg.as_str() {
        return Err(JwsError::Algorithm);
    }
    if header.crit.is_some() {
        return Err(JwsError::Critical);
    }
    let typ = header.typ.unwrap_or_default().to_ascii_lowercase();
    let typ = typ.strip_prefix("application/").unwrap_or(&typ);
    if types.is_some_and(|types| !types.contains(&typ)) {
        return Err(JwsError::Type);
    }
    let signature = URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| JwsError::Malformed)?;
    let fits = |key: &&CoreJsonWebKey| {
        names(key, header.kid.as_deref())
            && key
                .key_use()
                .is_none_or(|key_use| *key_use == CoreJsonWebKeyUse::Signature)
    };
    let signs = |key: &CoreJsonWebKey| {
        key.verify_signature(&algorithm(alg), message.as_bytes(), &signature)
            .is_ok()
    };
    if !keys.iter().filter(fits).any(signs) {
        return Err(JwsError::Signature);
    }
    decode(claims)
}

fn names(key: &CoreJsonWebKey, key_id: Option<&str>) -> bool {
    key_id.is_none_or(|wanted| key.key_id().is_some_and(|id| id.as_str() == wanted))
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, JwsError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| JwsError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwsError::Malformed)
}
