//! Somebody who signs what our own keys refuse to sign: for the tests of rooms above.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A forger with a P-256 key of their own.
pub struct Forger(EcdsaKeyPair);

impl Forger {
    /// With a fresh key.
    #[expect(
        clippy::new_without_default,
        reason = "a key that nobody asked for by name would be a surprise"
    )]
    pub fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    /// The public key (RFC 7518 §6.2.1).
    pub fn jwk(&self) -> Value {
        let point = &self.0.public_key().as_ref()[1..];
        let (x, y) = point.split_at(32);
        let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y})
    }

    /// Any claims under any header, signed as `ES256` has it (RFC 7518 §3.4).
    #[expect(
        clippy::disallowed_methods,
        reason = "a forger draws what a signature needs where the library has it"
    )]
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let random = SystemRandom::new();
        under(header, claims, |message| {
            self.0.sign(&random, message).unwrap().as_ref().to_vec()
        })
    }
}

/// Any claims under any header, with an HMAC-SHA-256 of this key: what somebody signs who has none, by whatever is
/// known.
pub fn signed_hs256(key: &[u8], header: &Value, claims: &Value) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    under(header, claims, |message| {
        hmac::sign(&key, message).as_ref().to_vec()
    })
}

fn under(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let signature = sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
