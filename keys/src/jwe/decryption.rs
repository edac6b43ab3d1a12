//! One decryption key of ours: an RSA key or a point on P-256, parsed once.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use guichet_domain::{Entropy as _, KeyManagementAlg};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::ContentKey;
use super::agreement::agreed_with;
use super::compact::Encrypted;
use super::content;
use crate::SystemEntropy;
use crate::custody::Custody;
use crate::error::KeysError;
use crate::public::{ec_members, rsa_members};
use crate::ring::{KeyStage, Material, RingAlg, RingKey};
use crate::thumbprint::thumbprint;

/// A decryption key of ours, for one algorithm. No `Debug`.
pub(crate) struct DecryptionKey {
    alg: KeyManagementAlg,
    kid: String,
    jwk: Value,
    pair: Pair,
}

enum Pair {
    Rsa(OaepPrivateDecryptingKey),
    Curve(PrivateKey),
}

impl RingKey for DecryptionKey {
    type Alg = KeyManagementAlg;

    /// Decryption keys rest sealed, whatever keeps the signing keys: no token that was tried derives
    /// and unwraps the way JWE does.
    fn make(alg: KeyManagementAlg, _: &dyn Custody) -> Result<Material, KeysError> {
        let document = match alg {
            KeyManagementAlg::RsaOaep256 => RsaKeyPair::generate(KeySize::Rsa2048)
                .and_then(|pair| AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)),
            KeyManagementAlg::EcdhEs | KeyManagementAlg::EcdhEsA256Kw => {
                PrivateKey::generate(&ECDH_P256)
                    .and_then(|key| AsDer::<Pkcs8V1Der<'_>>::as_der(&key))
            }
        };
        let document = document.map_err(|_| KeysError::Crypto("make a key"))?;
        Ok(Material::pkcs8(document.as_ref()))
    }

    fn parse(
        alg: KeyManagementAlg,
        material: &Material,
        _: &dyn Custody,
    ) -> Result<Self, KeysError> {
        let parsed = || {
            let pkcs8 = material.to_pkcs8()?;
            let (members, pair) = match alg {
                KeyManagementAlg::RsaOaep256 => rsa(&pkcs8)?,
                KeyManagementAlg::EcdhEs | KeyManagementAlg::EcdhEsA256Kw => curve(&pkcs8)?,
            };
            Self::published(alg, members, pair)
        };
        parsed().ok_or(KeysError::Crypto("parse a key"))
    }

    fn kid(&self) -> &str {
        &self.kid
    }

    fn jwk(&self) -> &Value {
        &self.jwk
    }

    /// The current key alone: senders take any key they see, and one that is about to come need not
    /// be seen before every node has it.
    fn is_published(stage: KeyStage) -> bool {
        stage == KeyStage::Current
    }
}

impl DecryptionKey {
    /// What it is for.
    pub(super) const fn alg(&self) -> KeyManagementAlg {
        self.alg
    }

    /// What was encrypted for this key; `None` whichever step failed.
    pub(super) fn open(&self, encrypted: &Encrypted<'_>) -> Option<Vec<u8>> {
        let key = self.content_key(encrypted)?;
        let aad = encrypted.protected.as_bytes();
        content::open(encrypted.with.enc, &key, aad, &encrypted.content)
    }

    fn content_key(&self, encrypted: &Encrypted<'_>) -> Option<ContentKey> {
        match &self.pair {
            Pair::Rsa(pair) => Some(decrypted_or_random(pair, &encrypted.sent_key)),
            Pair::Curve(own) => {
                let secret = agreed_with(own, encrypted.ephemeral.as_ref()?)?;
                if self.alg == KeyManagementAlg::EcdhEsA256Kw {
                    return secret.unwrap(&encrypted.sent_key, &encrypted.parties);
                }
                let key = secret.content_key(encrypted.with.enc, &encrypted.parties);
                encrypted.sent_key.is_empty().then_some(key)
            }
        }
    }

    fn published(alg: KeyManagementAlg, mut jwk: Map<String, Value>, pair: Pair) -> Option<Self> {
        let kid = thumbprint(&jwk)?;
        jwk.insert("use".into(), "enc".into());
        jwk.insert("alg".into(), alg.as_str().into());
        jwk.insert("kid".into(), kid.clone().into());
        Some(Self {
            alg,
            kid,
            jwk: Value::Object(jwk),
            pair,
        })
    }
}

/// The content key, or a random one when the RSA decryption fails: the content then fails as it would
/// under a wrong key, and nobody learns which of the two it was (RFC 7516 §11.5).
fn decrypted_or_random(pair: &OaepPrivateDecryptingKey, encrypted_key: &[u8]) -> ContentKey {
    let mut key = Zeroizing::new(SystemEntropy.bytes32());
    let mut opened = Zeroizing::new(vec![0; pair.min_output_size()]);
    if let Ok(found) = pair.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted_key, &mut opened, None)
        && found.len() == key.len()
    {
        key.copy_from_slice(found);
    }
    key
}

fn rsa(pkcs8: &[u8]) -> Option<(Map<String, Value>, Pair)> {
    let members = rsa_members(RsaKeyPair::from_pkcs8(pkcs8).ok()?.public_key().as_ref())?;
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8).ok()?;
    Some((members, Pair::Rsa(OaepPrivateDecryptingKey::new(key).ok()?)))
}

fn curve(pkcs8: &[u8]) -> Option<(Map<String, Value>, Pair)> {
    let key = PrivateKey::from_private_key_der(&ECDH_P256, pkcs8).ok()?;
    let members = ec_members("P-256", key.compute_public_key().ok()?.as_ref())?;
    Some((members, Pair::Curve(key)))
}

impl RingAlg for KeyManagementAlg {
    const ALL: &'static [Self] = &Self::ALL;

    fn as_str(self) -> &'static str {
        self.as_str()
    }

    fn index(self) -> usize {
        self as usize
    }

    fn is_costly(self) -> bool {
        self == Self::RsaOaep256
    }
}
