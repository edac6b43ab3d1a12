//! The floor's keys, and what is done with them.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    ParsedPublicKey,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_integration_tests::keys::base64url;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Every key the floor has.
pub(super) struct Crypto {
    signing: EcdsaKeyPair,
    header: String,
    sealing: RandomizedNonceKey,
    /// For form tokens, the index of people, subjects.
    mac: hmac::Key,
    random: SystemRandom,
}

impl Crypto {
    pub(super) fn generate() -> Result<Self> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random)?;
        let signing = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref())
            .ok()
            .context("no key")?;
        Ok(Self {
            signing,
            header: base64url(br#"{"alg":"ES256","typ":"JWT","kid":"floor"}"#),
            sealing: RandomizedNonceKey::new(&AES_256_GCM, &random_bytes::<32>()?)?,
            mac: hmac::Key::new(hmac::HMAC_SHA256, &random_bytes::<32>()?),
            random,
        })
    }

    /// The public key as a set.
    pub(super) fn jwks(&self) -> Value {
        let point = self.signing.public_key().as_ref();
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "floor",
            "x": base64url(&point[1..33]), "y": base64url(&point[33..65]),
        }] })
    }

    /// A JWT of these claims.
    pub(super) fn sign(&self, claims: &impl Serialize) -> Result<String> {
        let mut token = format!(
            "{}.{}",
            self.header,
            base64url(&serde_json::to_vec(claims)?)
        );
        let signature = self.signing.sign(&self.random, token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url(signature.as_ref()));
        Ok(token)
    }

    /// Seals a record so that it opens under the same `context` only. The nonce comes first.
    pub(super) fn seal(&self, context: &[u8], record: &impl Serialize) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(record)?;
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(context), &mut bytes)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.extend(bytes);
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] sealed.
    pub(super) fn open<T: DeserializeOwned>(&self, context: &[u8], sealed: &[u8]) -> Result<T> {
        let (nonce, bytes) = sealed.split_at_checked(12).context("too short")?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut bytes = bytes.to_vec();
        let opened = self
            .sealing
            .open_in_place(nonce, Aad::from(context), &mut bytes)?;
        Ok(serde_json::from_slice(opened)?)
    }

    /// A MAC over some fields, each with its length.
    pub(super) fn mac(&self, fields: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        for field in fields {
            context.update(&(field.len() as u64).to_be_bytes());
            context.update(field);
        }
        let mut mac = [0; 32];
        mac.copy_from_slice(context.sign().as_ref());
        mac
    }
}

/// Verifies a JWT under `key` and reads its claims.
pub(super) fn verify(token: &str, key: &ParsedPublicKey) -> Result<Value> {
    let (input, signature) = token.rsplit_once('.').context("not a JWT")?;
    let (header, claims) = input.split_once('.').context("not a JWT")?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
    ensure!(header["alg"] == "ES256", "another algorithm");
    key.verify_sig(input.as_bytes(), &URL_SAFE_NO_PAD.decode(signature)?)?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?)
}

/// The key of a JWK.
pub(super) fn public_key(jwk: &Value) -> Result<ParsedPublicKey> {
    let part = |name: &str| -> Result<Vec<u8>> {
        Ok(URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default())?)
    };
    let point = [vec![4], part("x")?, part("y")?].concat();
    Ok(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)?)
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Random bytes.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// 32 random bytes as text.
pub(super) fn random_text() -> Result<String> {
    Ok(base64url(&random_bytes::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_context_only() {
        let crypto = Crypto::generate().unwrap();
        let sealed = crypto.seal(b"a", &json!({ "x": 1 })).unwrap();
        assert_eq!(crypto.open::<Value>(b"a", &sealed).unwrap()["x"], 1);
        assert!(crypto.open::<Value>(b"b", &sealed).is_err());
    }

    #[test]
    fn what_is_signed_verifies_and_a_changed_token_does_not() {
        let crypto = Crypto::generate().unwrap();
        let key = public_key(&crypto.jwks()["keys"][0]).unwrap();
        let token = crypto.sign(&json!({ "sub": "a" })).unwrap();
        assert_eq!(verify(&token, &key).unwrap()["sub"], "a");
        let changed = token.replacen('.', ".e30", 1);
        assert!(verify(&changed, &key).is_err());
    }
}
