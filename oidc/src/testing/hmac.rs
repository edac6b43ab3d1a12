//! What an attacker signs who has no key: HMAC over whatever is known.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_keys::sha256_of;
use serde_json::Value;

/// A JWT with this header under an HMAC-SHA-256 of this key.
pub(crate) fn signed_hs256(key: &[u8], header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let tag = hmac(key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&sha256_of(&[key]));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = sha256_of(&[&block.map(|byte| byte ^ 0x36), message]);
    sha256_of(&[&block.map(|byte| byte ^ 0x5c), &inner])
}
