//! Public keys of others to encrypt to: those of a JWK Set that are for encryption.

use std::sync::Arc;

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use guichet_domain::{Encryption, Entropy, KeyManagementAlg};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::SentKey;
use super::agreement::{Parties, Point};
use crate::jwk::{JwkSetError, members_of, parse_keys, rsa_components};
use crate::public::text;

/// The keys of a JWK Set that one may encrypt to; others are passed over.
#[derive(Clone, Default)]
pub struct EncryptionKeySet(Vec<EncryptionKey>);

/// One public key to encrypt to.
#[derive(Clone)]
pub struct EncryptionKey {
    kid: Option<String>,
    /// The one algorithm it is for, where it says so.
    alg: Option<KeyManagementAlg>,
    /// Whether `use` says that it is for encryption.
    is_marked: bool,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa(Arc<OaepPublicEncryptingKey>),
    Curve(Point),
}

impl EncryptionKeySet {
    /// Parses the JSON text of a set. Keys that are not for encryption are passed over; a private key
    /// refuses the whole set, as in [`JwkSet::parse`](crate::JwkSet::parse).
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        Self::from_keys(&parse_keys(json)?)
    }

    /// The same from a parsed value, as it stands in a client's `jwks`.
    pub fn from_value(value: &Value) -> Result<Self, JwkSetError> {
        Self::from_keys(value.get("keys").ok_or(JwkSetError::NotJwkSet)?)
    }

    /// The key to use with `alg`: one that says it is for encryption before one that says nothing,
    /// then one that names `alg`, then the first of the set.
    pub fn for_alg(&self, alg: KeyManagementAlg) -> Option<&EncryptionKey> {
        let fitting = self.0.iter().filter(|key| key.fits(alg));
        fitting.min_by_key(|key| (!key.is_marked, key.alg.is_none()))
    }

    fn from_keys(keys: &Value) -> Result<Self, JwkSetError> {
        let members = members_of(keys)?;
        Ok(Self(
            members
                .into_iter()
                .filter_map(EncryptionKey::from_members)
                .collect(),
        ))
    }
}

impl EncryptionKey {
    /// Its `kid`, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    fn fits(&self, alg: KeyManagementAlg) -> bool {
        self.alg.is_none_or(|own| own == alg)
            && match self.material {
                Material::Rsa(_) => alg == KeyManagementAlg::RsaOaep256,
                Material::Curve(_) => alg != KeyManagementAlg::RsaOaep256,
            }
    }

    /// A content key and how it reaches the holder of this key; `None` when the key is not for
    /// `with.alg`.
    pub(super) fn send_key(&self, with: Encryption, entropy: &dyn Entropy) -> Option<SentKey> {
        if !self.fits(with.alg) {
            return None;
        }
        // The hub names no parties: nothing that both sides know would set one token apart.
        let parties = Parties::default();
        match &self.material {
            Material::Rsa(key) => {
                let content_key = Zeroizing::new(entropy.bytes32());
                let mut encrypted_key = vec![0; key.ciphertext_size()];
                key.encrypt(
                    &OAEP_SHA256_MGF1SHA256,
                    &*content_key,
                    &mut encrypted_key,
                    None,
                )
                .ok()?;
                Some(SentKey {
                    content_key,
                    encrypted_key,
                    ephemeral: None,
                })
            }
            Material::Curve(point) => {
                let (epk, secret) = point.agree_afresh()?;
                let (content_key, encrypted_key) = if with.alg == KeyManagementAlg::EcdhEs {
                    (secret.content_key(with.enc, &parties), Vec::new())
                } else {
                    let content_key = Zeroizing::new(entropy.bytes32());
                    let wrapped = secret.wrap(&content_key, &parties)?;
                    (content_key, wrapped)
                };
                Some(SentKey {
                    content_key,
                    encrypted_key,
                    ephemeral: Some(epk),
                })
            }
        }
    }

    fn from_members(members: &Map<String, Value>) -> Option<Self> {
        if !may_encrypt(members) {
            return None;
        }
        let material = match text(members, "kty")? {
            "RSA" => Material::Rsa(Arc::new(rsa(members)?)),
            "EC" => Material::Curve(Point::of(members)?),
            _ => return None,
        };
        let alg = match members.get("alg") {
            None => None,
            Some(alg) => Some(alg.as_str()?.parse().ok()?),
        };
        let kid = match members.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str()?.to_owned()),
        };
        Some(Self {
            kid,
            alg,
            is_marked: members.contains_key("use"),
            material,
        })
    }
}

/// `use` and `key_ops` (RFC 7517 §4.2, §4.3): where they speak, they must allow encrypting.
fn may_encrypt(members: &Map<String, Value>) -> bool {
    const OPERATIONS: [&str; 4] = ["encrypt", "wrapKey", "deriveKey", "deriveBits"];
    let used = members.get("use").is_none_or(|purpose| purpose == "enc");
    let operated = members.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|operations| {
            operations
                .iter()
                .any(|operation| OPERATIONS.iter().any(|known| operation == known))
        })
    });
    used && operated
}

fn rsa(members: &Map<String, Value>) -> Option<OaepPublicEncryptingKey> {
    let (n, e) = rsa_components(members)?;
    let key: PublicEncryptingKey = RsaPublicKeyComponents { n, e }.try_into().ok()?;
    OaepPublicEncryptingKey::new(key).ok()
}
