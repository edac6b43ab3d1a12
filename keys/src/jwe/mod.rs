//! Encrypting for others, and opening what they encrypted for us: compact JWE (RFC 7516 §7.1).
//!
//! One recipient, one key for one algorithm, no compression (RFC 8725 §3.6), no extension. What is
//! encrypted is signed first (OIDC Core §10.2): encryption hides, it vouches for nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ContentEncryption, Encryption, Entropy};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::KeysError;

mod agreement;
mod compact;
mod content;
mod decryption;
mod recipient;
mod ring;
#[cfg(test)]
mod tests;

pub use compact::JweRefusal;
pub(crate) use decryption::DecryptionKey;
pub use recipient::{EncryptionKey, EncryptionKeySet};
pub use ring::DecryptionRing;

/// Encrypts `payload` for the holder of `to`. `cty` says what the payload is: `JWT` for a signed
/// token (RFC 7519 §5.2).
///
/// `to` must be a key that [`EncryptionKeySet::for_alg`] gave for `with.alg`; another fails.
pub fn encrypt(
    to: &EncryptionKey,
    with: Encryption,
    cty: Option<&str>,
    payload: &[u8],
    entropy: &dyn Entropy,
) -> Result<String, KeysError> {
    seal(to, with, cty, payload, entropy).ok_or(KeysError::Crypto("encrypt a token"))
}

fn seal(
    to: &EncryptionKey,
    with: Encryption,
    cty: Option<&str>,
    payload: &[u8],
    entropy: &dyn Entropy,
) -> Option<String> {
    let sent = to.send_key(with, entropy)?;
    let mut header = Map::new();
    header.insert("alg".into(), with.alg.as_str().into());
    header.insert("enc".into(), with.enc.as_str().into());
    if let Some(kid) = to.kid() {
        header.insert("kid".into(), kid.into());
    }
    if let Some(cty) = cty {
        header.insert("cty".into(), cty.into());
    }
    if let Some(epk) = sent.ephemeral {
        header.insert("epk".into(), epk);
    }
    let mut jwe = URL_SAFE_NO_PAD.encode(Value::Object(header).to_string());
    // The header's text is authenticated with the content (RFC 7516 §5.1, step 14).
    let sealed = content::seal(
        with.enc,
        &sent.content_key,
        jwe.as_bytes(),
        payload,
        entropy,
    )?;
    for part in [
        &sent.encrypted_key,
        &sealed.iv,
        &sealed.ciphertext,
        &sealed.tag,
    ] {
        jwe.push('.');
        URL_SAFE_NO_PAD.encode_string(part, &mut jwe);
    }
    Some(jwe)
}

/// A key for one content. Every content encryption here takes 256 bits.
type ContentKey = Zeroizing<[u8; 32]>;

/// How a content key reaches the receiver.
struct SentKey {
    content_key: ContentKey,
    /// Empty when the agreed key encrypts directly.
    encrypted_key: Vec<u8>,
    /// `epk`: the sender's half of an agreement.
    ephemeral: Option<Value>,
}

/// What the agreed key is for (RFC 7518 §4.6.2, `AlgorithmID`).
fn direct_use(enc: ContentEncryption) -> &'static str {
    enc.as_str()
}
