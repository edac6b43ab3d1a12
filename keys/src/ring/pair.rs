//! One signing key, parsed once, and what is precomputed from it.

use std::sync::Arc;

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

use super::material::{Material, RingAlg, RingKey};
use super::{KeyStage, Typ};
use crate::custody::{Custody, SigningToken, TokenKey, beside_the_runtime};
use crate::error::KeysError;
use crate::jwk::VerifyingKey;
use crate::public::{ec_members, ed25519_members, rsa_members};
use crate::thumbprint::thumbprint;

/// A signing key of ours. No `Debug`.
pub(crate) struct SigningKey {
    pub(super) alg: SigningAlg,
    kid: String,
    jwk: Value,
    /// The required members of the JWK alone, as they stand in a proof of possession.
    bare_jwk: Value,
    /// The public half, to verify our own tokens.
    pub(super) verifying: VerifyingKey,
    pair: Pair,
    /// base64url of the header and a dot, for each [`Typ`].
    headers: [String; Typ::ALL.len()],
}

pub(super) enum Pair {
    Es256(EcdsaKeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    EdDsa(Ed25519KeyPair),
    Token(Option<Arc<dyn SigningToken>>, TokenKey),
}

impl RingKey for SigningKey {
    type Alg = SigningAlg;

    fn make(alg: SigningAlg, custody: &dyn Custody) -> Result<Material, KeysError> {
        match custody.token().filter(|token| token.makes(alg)) {
            Some(token) => Ok(Material::Token(token.generate(alg)?)),
            None => generate(alg).map(|document| Material::pkcs8(&document)),
        }
    }

    fn makes_in_token(alg: SigningAlg, custody: &dyn Custody) -> bool {
        custody.token().is_some_and(|token| token.makes(alg))
    }

    fn parse(
        alg: SigningAlg,
        material: &Material,
        custody: &dyn Custody,
    ) -> Result<Self, KeysError> {
        let pair = match material {
            Material::Token(key) => Some(Pair::Token(custody.token(), key.clone())),
            Material::Document(_) => material
                .to_pkcs8()
                .and_then(|pkcs8| Pair::parse(alg, &pkcs8)),
        };
        let pair = pair.ok_or(KeysError::Crypto("parse a key"))?;
        Self::of(alg, pair).ok_or(KeysError::Crypto("export a public key"))
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn jwk(&self) -> &Value {
        &self.jwk
    }

    fn outlives(&self) -> Option<&Value> {
        Some(&self.jwk)
    }

    fn is_published(_: KeyStage) -> bool {
        true
    }
}

impl SigningKey {
    pub(super) fn of(alg: SigningAlg, pair: Pair) -> Option<Self> {
        let bare = pair.public_members()?;
        let kid = thumbprint(&bare)?;
        let mut jwk = bare.clone();
        jwk.insert("use".into(), "sig".into());
        jwk.insert("alg".into(), alg.as_str().into());
        jwk.insert("kid".into(), kid.clone().into());
        Some(Self {
            alg,
            verifying: VerifyingKey::from_members(&jwk)?,
            jwk: Value::Object(jwk),
            bare_jwk: Value::Object(bare),
            pair,
            headers: Typ::ALL.map(|typ| header(alg, &kid, typ)),
            kid,
        })
    }

    /// The public JWK, as published.
    pub(super) fn public_jwk(&self) -> &Value {
        &self.jwk
    }

    /// A compact JWS (RFC 7515 §7.1) over `payload`.
    pub(super) fn sign(&self, typ: Typ, payload: &[u8]) -> Result<String, KeysError> {
        self.sign_under(&self.headers[typ as usize], payload)
    }

    /// The same with the public key in the header instead of its `kid`.
    pub(super) fn sign_self_contained(
        &self,
        typ: Typ,
        payload: &[u8],
    ) -> Result<String, KeysError> {
        let header = json!({ "alg": self.alg.as_str(), "typ": typ.as_str(), "jwk": self.bare_jwk });
        let mut text = URL_SAFE_NO_PAD.encode(header.to_string());
        text.push('.');
        self.sign_under(&text, payload)
    }

    /// Whether it can sign now: a key that is here always can, one in a token is tried, on something
    /// that is no token.
    pub(super) fn probe(&self) -> Result<(), KeysError> {
        match &self.pair {
            Pair::Token(Some(keeper), key) => {
                beside_the_runtime(|| keeper.sign(self.alg, key, b"guichet probe"))?;
                Ok(())
            }
            Pair::Token(None, _) => Err(KeysError::TokenGone),
            Pair::Es256(_) | Pair::Rsa(..) | Pair::EdDsa(_) => Ok(()),
        }
    }

    /// `header` ends with its dot.
    fn sign_under(&self, header: &str, payload: &[u8]) -> Result<String, KeysError> {
        let capacity = header.len() + payload.len() * 4 / 3 + self.pair.signature_chars() + 8;
        let mut token = String::with_capacity(capacity);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        self.pair.sign_onto(self.alg, &mut token)?;
        Ok(token)
    }
}

impl Pair {
    pub(super) fn parse(alg: SigningAlg, pkcs8: &[u8]) -> Option<Self> {
        let rsa = || RsaKeyPair::from_pkcs8(pkcs8).ok();
        Some(match alg {
            SigningAlg::Es256 => {
                Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?)
            }
            SigningAlg::Rs256 => Self::Rsa(rsa()?, &RSA_PKCS1_SHA256),
            SigningAlg::Ps256 => Self::Rsa(rsa()?, &RSA_PSS_SHA256),
            SigningAlg::EdDsa => {
                Self::EdDsa(Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok()?)
            }
        })
    }

    /// Appends a dot and the signature of what stands in `token`.
    fn sign_onto(&self, alg: SigningAlg, token: &mut String) -> Result<(), KeysError> {
        let signature = match self {
            Self::Token(Some(keeper), key) => {
                beside_the_runtime(|| keeper.sign(alg, key, token.as_bytes()))?
            }
            Self::Token(None, _) => return Err(KeysError::TokenGone),
            pair => pair
                .sign(token.as_bytes())
                .ok_or(KeysError::Crypto("sign"))?,
        };
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, token);
        Ok(())
    }

    /// The signature by a key that is here.
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        // aws-lc draws ECDSA's and RSA's randomness itself and leaves this argument alone.
        #[expect(
            clippy::disallowed_methods,
            reason = "`keys` owns the system's generator"
        )]
        let random = aws_lc_rs::rand::SystemRandom::new();
        match self {
            Self::Es256(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::EdDsa(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Token(..) => None,
        }
    }

    /// About how long a signature's base64url is.
    const fn signature_chars(&self) -> usize {
        match self {
            Self::Es256(_) | Self::EdDsa(_) => 86,
            Self::Rsa(..) | Self::Token(..) => 342,
        }
    }

    /// The required members of the public JWK (RFC 7518 §6, RFC 8037 §2).
    fn public_members(&self) -> Option<Map<String, Value>> {
        match self {
            Self::Es256(pair) => ec_members("P-256", pair.public_key().as_ref()),
            Self::EdDsa(pair) => Some(ed25519_members(pair.public_key().as_ref())),
            Self::Rsa(pair, _) => rsa_members(pair.public_key().as_ref()),
            Self::Token(_, key) => Some(key.public.clone()),
        }
    }
}

impl RingAlg for SigningAlg {
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }

    fn is_costly(self) -> bool {
        matches!(self, Self::Rs256 | Self::Ps256)
    }
}

/// Makes a key here; its PKCS#8 document, to be sealed. aws-lc draws the randomness itself.
pub(super) fn generate(alg: SigningAlg) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let document = match alg {
        SigningAlg::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec())),
        SigningAlg::Rs256 | SigningAlg::Ps256 => {
            RsaKeyPair::generate(KeySize::Rsa2048).and_then(|pair| {
                let document: Pkcs8V1Der<'_> = pair.as_der()?;
                Ok(document.as_ref().to_vec())
            })
        }
        SigningAlg::EdDsa => {
            Ed25519KeyPair::generate().and_then(|pair| Ok(pair.to_pkcs8v1()?.as_ref().to_vec()))
        }
    };
    document
        .map(Zeroizing::new)
        .map_err(|_| KeysError::Crypto("make a key"))
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
