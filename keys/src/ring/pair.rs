//! One private key, parsed once, and what is precomputed from it.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SigningAlg;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::Typ;
use crate::error::KeysError;
use crate::jwk::VerifyingKey;
use crate::thumbprint::thumbprint;

/// A signing key of ours. No `Debug`.
pub(crate) struct SigningKey {
    pub(crate) alg: SigningAlg,
    /// RFC 7638 thumbprint, SHA-256.
    pub(crate) kid: String,
    /// The public JWK as published.
    pub(crate) jwk: Value,
    /// The same with its required members alone, as it stands in a proof of possession.
    bare_jwk: Value,
    /// The public half, to verify our own tokens.
    pub(crate) verifying: VerifyingKey,
    pair: Pair,
    /// base64url of the header and a dot, for each [`Typ`].
    headers: [String; Typ::ALL.len()],
}

enum Pair {
    Es256(EcdsaKeyPair),
    /// Which of the two paddings goes with the key: it signs with no other (RFC 8725 §3.1).
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    EdDsa(Ed25519KeyPair),
}

impl SigningKey {
    /// Makes a key; returns its PKCS#8 document, to be sealed. aws-lc draws the randomness itself.
    pub(crate) fn generate(alg: SigningAlg) -> Result<Zeroizing<Vec<u8>>, KeysError> {
        let document = match alg {
            SigningAlg::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec())),
            SigningAlg::Rs256 | SigningAlg::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048)
                .and_then(|pair| {
                    let document: Pkcs8V1Der<'_> = pair.as_der()?;
                    Ok(document.as_ref().to_vec())
                }),
            SigningAlg::EdDsa => {
                Ed25519KeyPair::generate().and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec()))
            }
        };
        document
            .map(Zeroizing::new)
            .map_err(|_| KeysError::Crypto("make a key"))
    }

    /// Parses a PKCS#8 document and precomputes what does not change.
    pub(crate) fn parse(alg: SigningAlg, pkcs8: &[u8]) -> Result<Self, KeysError> {
        let refused = |_| KeysError::Crypto("parse a key");
        let pair = match alg {
            SigningAlg::Es256 => Pair::Es256(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
                    .map_err(refused)?,
            ),
            SigningAlg::Rs256 => Pair::Rsa(
                RsaKeyPair::from_pkcs8(pkcs8).map_err(refused)?,
                &RSA_PKCS1_SHA256,
            ),
            SigningAlg::Ps256 => Pair::Rsa(
                RsaKeyPair::from_pkcs8(pkcs8).map_err(refused)?,
                &RSA_PSS_SHA256,
            ),
            SigningAlg::EdDsa => {
                Pair::EdDsa(Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(refused)?)
            }
        };
        let mut jwk = pair
            .public_members()
            .ok_or(KeysError::Crypto("export a public key"))?;
        let kid = thumbprint(&jwk).ok_or(KeysError::Crypto("export a public key"))?;
        let bare_jwk = Value::Object(jwk.clone());
        jwk.insert("use".into(), "sig".into());
        jwk.insert("alg".into(), alg.as_str().into());
        jwk.insert("kid".into(), kid.clone().into());
        let verifying =
            VerifyingKey::from_members(&jwk).ok_or(KeysError::Crypto("export a public key"))?;
        let headers = Typ::ALL.map(|typ| header(alg, &kid, typ));
        Ok(Self {
            alg,
            kid,
            jwk: Value::Object(jwk),
            bare_jwk,
            verifying,
            pair,
            headers,
        })
    }

    /// A compact JWS (RFC 7515 §7.1) over `payload`.
    pub(crate) fn sign(&self, typ: Typ, payload: &[u8]) -> Result<String, KeysError> {
        self.sign_under(&self.headers[typ as usize], payload)
    }

    /// The same with the public key in the header instead of its `kid`.
    pub(crate) fn sign_self_contained(
        &self,
        typ: Typ,
        payload: &[u8],
    ) -> Result<String, KeysError> {
        let header = json!({ "alg": self.alg.as_str(), "typ": typ.as_str(), "jwk": self.bare_jwk });
        let mut text = URL_SAFE_NO_PAD.encode(header.to_string());
        text.push('.');
        self.sign_under(&text, payload)
    }

    /// `header` ends with its dot.
    fn sign_under(&self, header: &str, payload: &[u8]) -> Result<String, KeysError> {
        let capacity = header.len() + payload.len() * 4 / 3 + self.pair.signature_chars() + 8;
        let mut token = String::with_capacity(capacity);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        self.pair
            .sign_onto(&mut token)
            .ok_or(KeysError::Crypto("sign"))?;
        Ok(token)
    }
}

impl Pair {
    /// Appends a dot and the signature of what stands in `token`.
    fn sign_onto(&self, token: &mut String) -> Option<()> {
        // aws-lc draws ECDSA's and RSA's randomness itself and leaves this argument alone.
        #[expect(
            clippy::disallowed_methods,
            reason = "`keys` owns the system's generator"
        )]
        let random = aws_lc_rs::rand::SystemRandom::new();
        let message = token.as_bytes();
        let mut rsa;
        let signature;
        let bytes = match self {
            Self::Es256(pair) => {
                signature = pair.sign(&random, message).ok()?;
                signature.as_ref()
            }
            Self::EdDsa(pair) => {
                signature = pair.try_sign(message).ok()?;
                signature.as_ref()
            }
            Self::Rsa(pair, padding) => {
                rsa = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut rsa).ok()?;
                &rsa[..]
            }
        };
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(bytes, token);
        Some(())
    }

    const fn signature_chars(&self) -> usize {
        match self {
            Self::Es256(_) | Self::EdDsa(_) => 86,
            Self::Rsa(..) => 342,
        }
    }

    /// The required members of the public JWK (RFC 7518 §6, RFC 8037 §2).
    fn public_members(&self) -> Option<Map<String, Value>> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let jwk = match self {
            Self::Es256(pair) => {
                // An uncompressed point (SEC 1 §2.3.3): 4, x, y.
                let point = pair.public_key().as_ref();
                let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
                json!({ "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Self::EdDsa(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
            Self::Rsa(pair, _) => {
                let (n, e) = rsa_components(pair.public_key().as_ref())?;
                json!({ "kty": "RSA", "n": text(n), "e": text(e) })
            }
        };
        match jwk {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }
}

fn header(alg: SigningAlg, kid: &str, typ: Typ) -> String {
    let json = format!(
        r#"{{"alg":"{}","kid":"{kid}","typ":"{}"}}"#,
        alg.as_str(),
        typ.as_str()
    );
    let mut text = URL_SAFE_NO_PAD.encode(json);
    text.push('.');
    text
}

/// Modulus and exponent of a DER `RSAPublicKey` (RFC 8017 appendix A.1.1), as aws-lc gives it.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_element(der, 0x30)?;
    let (n, rest) = der_element(sequence, 0x02)?;
    let (e, _) = der_element(rest, 0x02)?;
    // An INTEGER is signed: a leading zero keeps a set top bit from meaning a minus.
    let unsigned = |integer: &'_ [u8]| integer.iter().position(|byte| *byte != 0);
    Some((&n[unsigned(n)?..], &e[unsigned(e)?..]))
}

/// The content of the element at the start of `der`, which must have `tag`, and what follows it.
fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = bytes
            .iter()
            .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
        (length, rest)
    };
    (found == tag)
        .then(|| rest.split_at_checked(length))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_that_ends_early_is_no_key() {
        let der = [0x30, 6, 2, 1, 7, 2, 1, 3];
        assert_eq!(rsa_components(&der), Some((&[7][..], &[3][..])));
        for length in 0..der.len() {
            assert_eq!(rsa_components(&der[..length]), None);
        }
    }
}
