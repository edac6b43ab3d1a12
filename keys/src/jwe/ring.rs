//! The hub's own decryption keys: what clients encrypt request objects to (RFC 9101 §10.2), and
//! providers their answers (OIDC Core §10.2).

use std::sync::Arc;

use bytes::Bytes;
use guichet_domain::{Encryption, KeyManagementAlg, Timestamp};

use super::compact::Encrypted;
use super::{DecryptionKey, JweRefusal};
use crate::custody::{BlobName, Custody};
use crate::error::KeysError;
use crate::ring::{Kept, KeyInfo, KeyStage, RingKey as _, RotationPolicy, jwk_set};
use crate::seal::Sealer;

/// Decryption keys, one line of them for each algorithm: one published, one ready to follow it, and
/// those that were published before and still decrypt. Cheap to clone; every clone sees a rotation at
/// once. No `Debug`.
#[derive(Clone)]
pub struct DecryptionRing(Arc<Kept<DecryptionKey>>);

impl DecryptionRing {
    /// The ring in custody; without any key until [`ensure`](Self::ensure) makes one.
    pub(crate) fn in_custody(custody: Arc<dyn Custody>, sealer: Sealer) -> Result<Self, KeysError> {
        Kept::open(BlobName::DecryptionRing, custody, sealer).map(|kept| Self(Arc::new(kept)))
    }

    /// Decrypts a compact JWE made for one of these keys, whatever that key's stage. What comes out is
    /// still to be verified: anybody can encrypt to a public key.
    pub fn open(&self, jwe: &str) -> Result<Vec<u8>, JweRefusal> {
        self.decrypt(&Encrypted::parse(jwe)?)
    }

    /// The same for one that must be encrypted in this way, as its sender registered.
    pub fn open_only(&self, jwe: &str, with: Encryption) -> Result<Vec<u8>, JweRefusal> {
        let encrypted = Encrypted::parse(jwe)?;
        if encrypted.with != with {
            return Err(JweRefusal::Alg);
        }
        self.decrypt(&encrypted)
    }

    fn decrypt(&self, encrypted: &Encrypted<'_>) -> Result<Vec<u8>, JweRefusal> {
        let keys = self.0.all();
        let mut fitting = keys
            .iter()
            .filter(|key| key.alg() == encrypted.with.alg)
            .filter(|key| encrypted.kid.as_deref().is_none_or(|kid| kid == key.kid()))
            .peekable();
        if fitting.peek().is_none() {
            return Err(JweRefusal::UnknownKey);
        }
        fitting
            .find_map(|key| key.open(encrypted))
            .ok_or(JweRefusal::Undecipherable)
    }

    /// The algorithms there is a key for: what the metadata may promise.
    pub fn algs(&self) -> Vec<KeyManagementAlg> {
        self.0.algs()
    }

    /// The published keys as a JWK Set (RFC 7517 §5).
    pub fn jwks(&self) -> Bytes {
        jwk_set(&[self.published()])
    }

    /// Every key, for operators.
    pub fn keys(&self) -> Vec<KeyInfo<KeyManagementAlg>> {
        self.0.infos()
    }

    /// Makes sure there is a key for `alg`; makes one when there is none.
    pub fn ensure(&self, alg: KeyManagementAlg, now: Timestamp) -> Result<(), KeysError> {
        self.0.ensure(alg, now)
    }

    /// Rotates `alg` now: the next key is published, the current one only decrypts.
    pub fn rotate(&self, alg: KeyManagementAlg, now: Timestamp) -> Result<(), KeysError> {
        self.0.rotate(alg, now)
    }

    /// As [`KeyRing::rotate_due`](crate::KeyRing::rotate_due).
    pub fn rotate_due(
        &self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Result<Vec<KeyManagementAlg>, KeysError> {
        self.0.rotate_due(now, policy)
    }

    /// As [`KeyRing::revoke`](crate::KeyRing::revoke): the key decrypts nothing any more.
    pub fn revoke(&self, kid: &str, now: Timestamp) -> Result<KeyStage, KeysError> {
        self.0.revoke(kid, now)
    }

    /// Reads custody again; cheap when nothing changed.
    pub(crate) fn refresh(&self) -> Result<(), KeysError> {
        self.0.refresh()
    }

    /// The published keys, as the elements of a JSON array.
    pub(crate) fn published(&self) -> Bytes {
        self.0.published()
    }
}
