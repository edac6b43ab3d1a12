//! Keys of one test run, and tokens signed (or not) in every way an attacker would try.

use anyhow::{Context, Result, bail, ensure};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256,
    RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A P-256 key pair for ES256, with its name.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
    /// The `kid` of its JWK.
    pub kid: String,
}

impl SigningKey {
    /// A fresh key called `kid`.
    pub fn generate(kid: &str) -> Result<Self> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new())?;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref())
            .ok()
            .context("a key that cannot be read back")?;
        Ok(Self {
            pair,
            pkcs8: document.as_ref().to_vec(),
            kid: kid.to_owned(),
        })
    }

    /// The same key in other hands.
    pub fn again(&self) -> Result<Self> {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &self.pkcs8);
        Ok(Self {
            pair: pair.ok().context("a key that cannot be read back")?,
            pkcs8: self.pkcs8.clone(),
            kid: self.kid.clone(),
        })
    }

    /// Its public JWK.
    pub fn jwk(&self) -> Value {
        // An uncompressed point: 0x04, x, y.
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": base64url(&point[1..33]), "y": base64url(&point[33..65]),
        })
    }

    /// Its private JWK, for clients that sign assertions.
    pub fn private_jwk(&self) -> Result<Value> {
        // RFC 5915 inside PKCS #8: the 32-byte scalar follows the octet string header `04 20`.
        let at = self
            .pkcs8
            .windows(2)
            .position(|window| window == [0x04, 0x20])
            .context("no scalar")?;
        let mut jwk = self.jwk();
        jwk["d"] = base64url(&self.pkcs8[at + 2..at + 34]).into();
        Ok(jwk)
    }

    /// A set of just this key.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    /// A JWT with the usual header.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        self.sign_with(
            &json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid }),
            claims,
        )
    }

    /// A JWT with this header, signed with ES256 whatever the header says.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> Result<String> {
        let input = signing_input(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes())?;
        Ok(format!("{input}.{}", base64url(signature.as_ref())))
    }

    /// A JWT whose HMAC key is this key's public PEM: what a verifier that trusts the header's `alg` would accept.
    pub fn confuse(&self, claims: &Value) -> Result<String> {
        let der: PublicKeyX509Der<'_> = self.pair.public_key().as_der()?;
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let header = json!({ "alg": "HS256", "typ": "JWT", "kid": self.kid });
        Ok(sign_hs256(pem.as_bytes(), &header, claims))
    }
}

/// An RSA key pair of 2048 bits, with its name.
pub struct RsaKey {
    pair: RsaKeyPair,
    /// The `kid` of its JWK.
    pub kid: String,
}

/// The two ways an RSA key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaAlg {
    /// PKCS #1 v1.5, with SHA-256.
    Rs256,
    /// PSS, with SHA-256.
    Ps256,
}

impl RsaKey {
    /// A fresh key called `kid`.
    pub fn generate(kid: &str) -> Result<Self> {
        Ok(Self {
            pair: RsaKeyPair::generate(KeySize::Rsa2048)?,
            kid: kid.to_owned(),
        })
    }

    /// Its public JWK, for either algorithm.
    pub fn jwk(&self) -> Result<Value> {
        // RFC 8017 A.1.1: 30 82 LL LL, 02 82 01 01 00 and the 256 bytes of n, 02 03 and those of e.
        let key = self.pair.public_key().as_ref();
        let (head, rest) = key.split_at_checked(9).context("no RSA key")?;
        let (modulus, tail) = rest.split_at_checked(256).context("no modulus")?;
        ensure!(head.ends_with(&[2, 0x82, 1, 1, 0]) && tail.starts_with(&[2, 3]));
        Ok(json!({
            "kty": "RSA", "use": "sig", "kid": self.kid,
            "n": base64url(modulus), "e": base64url(&tail[2..]),
        }))
    }

    /// A JWT of this type, rightly signed with this algorithm.
    pub fn sign(&self, alg: RsaAlg, typ: &str, claims: &Value) -> Result<String> {
        let (name, padding) = match alg {
            RsaAlg::Rs256 => ("RS256", &RSA_PKCS1_SHA256),
            RsaAlg::Ps256 => ("PS256", &RSA_PSS_SHA256),
        };
        let header = json!({ "alg": name, "typ": typ, "kid": self.kid });
        let input = signing_input(&header, claims);
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair
            .sign(padding, &random, input.as_bytes(), &mut signature)?;
        Ok(format!("{input}.{}", base64url(&signature)))
    }
}

/// The claims of a JWT whose signature holds against the key of that name in a JWK Set.
pub fn verified(token: &str, jwks: &Value) -> Result<Value> {
    let header = header_of(token)?;
    let (input, signature) = token.rsplit_once('.').context("not a JWT")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    let keys = jwks["keys"].as_array().context("no JWK Set")?;
    let key = keys
        .iter()
        .find(|key| key["kid"] == header["kid"] && key["use"] == "sig")
        .with_context(|| format!("nobody published {header}"))?;
    ensure!(key["alg"] == header["alg"], "{header} by {key}");
    let member = |name: &str| -> Result<Vec<u8>> {
        let text = key[name].as_str().with_context(|| format!("no {name}"))?;
        Ok(URL_SAFE_NO_PAD.decode(text)?)
    };
    let rsa = |padding| -> Result<_> {
        let (n, e) = (member("n")?, member("e")?);
        let key = RsaPublicKeyComponents { n, e };
        Ok(key.verify(padding, input.as_bytes(), &signature))
    };
    let holds = match header["alg"].as_str() {
        Some("ES256") => {
            let point = [vec![4], member("x")?, member("y")?].concat();
            let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
            key.verify(input.as_bytes(), &signature)
        }
        Some("EdDSA") => {
            let key = UnparsedPublicKey::new(&ED25519, member("x")?);
            key.verify(input.as_bytes(), &signature)
        }
        Some("RS256") => rsa(&RSA_PKCS1_2048_8192_SHA256)?,
        Some("PS256") => rsa(&RSA_PSS_2048_8192_SHA256)?,
        _ => bail!("no algorithm of the hub: {header}"),
    };
    ensure!(holds.is_ok(), "not signed by {key}");
    claims_of(token)
}

/// A JWT with an HMAC over SHA-256.
pub fn sign_hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = signing_input(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", base64url(tag.as_ref()))
}

/// A JWT that says `none` and has no signature.
pub fn unsigned(claims: &Value) -> String {
    format!(
        "{}.",
        signing_input(&json!({ "alg": "none", "typ": "JWT" }), claims)
    )
}

/// The claims of a JWT, unverified.
pub fn claims_of(token: &str) -> Result<Value> {
    part(token, 1)
}

/// The header of a JWT.
pub fn header_of(token: &str) -> Result<Value> {
    part(token, 0)
}

/// Random text fit for `state`, `nonce` and PKCE verifiers (43 characters).
pub fn random_text() -> Result<String> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes)?;
    Ok(base64url(&bytes))
}

/// Base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn signing_input(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        base64url(header.to_string().as_bytes()),
        base64url(claims.to_string().as_bytes())
    )
}

fn part(token: &str, number: usize) -> Result<Value> {
    let part = token.split('.').nth(number).context("not a JWT")?;
    Ok(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_jwk_holds_the_scalar_of_its_point() {
        use aws_lc_rs::signature::EcdsaKeyPair;
        let key = SigningKey::generate("k").unwrap();
        let jwk = key.private_jwk().unwrap();
        let scalar = URL_SAFE_NO_PAD.decode(jwk["d"].as_str().unwrap()).unwrap();
        let point = key.pair.public_key().as_ref();
        let again = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &scalar,
            point,
        );
        assert!(again.is_ok());
    }

    #[test]
    fn a_token_is_verified_by_the_key_that_signed_it_alone() {
        let key = SigningKey::generate("k").unwrap();
        let token = key.sign(&json!({ "sub": "a" })).unwrap();
        assert_eq!(verified(&token, &key.jwks()).unwrap()["sub"], "a");
        let other = SigningKey::generate("k").unwrap();
        assert!(verified(&token, &other.jwks()).is_err());
        assert!(verified(&unsigned(&json!({})), &key.jwks()).is_err());

        let key = RsaKey::generate("k").unwrap();
        for (alg, name) in [(RsaAlg::Rs256, "RS256"), (RsaAlg::Ps256, "PS256")] {
            let token = key.sign(alg, "JWT", &json!({ "sub": "a" })).unwrap();
            let mut jwk = key.jwk().unwrap();
            jwk["alg"] = name.into();
            assert!(
                verified(&token, &json!({ "keys": [jwk] })).is_ok(),
                "{name}"
            );
            let (head, _) = token.rsplit_once('.').unwrap();
            let forged = format!("{head}.{}", base64url(&[1; 256]));
            assert!(verified(&forged, &json!({ "keys": [jwk] })).is_err());
        }
    }

    #[test]
    fn a_token_reads_back() {
        let key = SigningKey::generate("k").unwrap();
        let token = key.sign(&json!({ "sub": "a" })).unwrap();
        assert_eq!(claims_of(&token).unwrap()["sub"], "a");
        assert_eq!(header_of(&token).unwrap()["kid"], "k");
        assert_eq!(unsigned(&json!({})).rsplit('.').next(), Some(""));
    }
}
