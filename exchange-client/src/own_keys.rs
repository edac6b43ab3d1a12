//! The keys of a party: one pair to sign and to prove possession with, one to be encrypted to.

use std::sync::Arc;

use bytes::Bytes;
use guichet_domain::{Entropy, KeyManagementAlg, SigningAlg, Timestamp};
use guichet_keys::{
    Custody, JweRefusal, Keys, KeysError, MemoryCustody, TextDigest, Typ, thumbprint_of,
};
use serde::Serialize;
use serde_json::Value;

use crate::FieldValue;
use crate::digest::{KEYED, field_text};

/// What a data provider or a service signs, proves and opens with. Cheap to clone; no `Debug`.
#[derive(Clone)]
pub struct OwnKeys(Keys);

impl OwnKeys {
    /// The keys in `custody`, made when there are none: a folder
    /// ([`FileCustody`](crate::FileCustody)), or memory.
    pub fn open(
        custody: Arc<dyn Custody>,
        entropy: Arc<dyn Entropy>,
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let keys = Keys::open(custody, entropy, now, &[])?;
        keys.decryption_ring()
            .ensure(KeyManagementAlg::EcdhEsA256Kw, now)?;
        Ok(Self(keys))
    }

    /// Keys that are gone at exit: for demos and tests.
    pub fn in_memory(entropy: Arc<dyn Entropy>, now: Timestamp) -> Result<Self, KeysError> {
        Self::open(Arc::new(MemoryCustody::new()), entropy, now)
    }

    /// The JWK Set to publish at the `jwks_uri` of one's registration (RFC 7517 §5).
    pub fn jwks(&self) -> Bytes {
        self.0.client_jwks()
    }

    /// The thumbprint of the key that DPoP proofs are made with (RFC 9449 §6.1).
    pub fn jkt(&self) -> Option<String> {
        let set: Value = serde_json::from_slice(&self.0.client_ring().jwks()).ok()?;
        thumbprint_of(set.get("keys")?.get(0)?)
    }

    /// The digest of one field under a key that nobody else has, for this exchange alone: a value that few
    /// others could be is not found by trying them all, and twice the same value is not seen to be the same.
    pub(crate) fn field_digest(&self, exchange: &str, name: &str, value: &FieldValue) -> String {
        let parts = [exchange.as_bytes(), &field_text(name, value)];
        let tag = self.0.mac("evidence fields").tag(&parts);
        format!("{KEYED}{}", TextDigest::from(tag))
    }

    pub(crate) fn sign<T: Serialize>(&self, typ: Typ, claims: &T) -> Result<String, KeysError> {
        let ring = self.0.client_ring();
        ring.sign_jwt(SigningAlg::Es256, typ, claims)
    }

    /// A DPoP proof over `claims` (RFC 9449 §4.2).
    pub(crate) fn prove<T: Serialize>(&self, claims: &T) -> Result<String, KeysError> {
        let ring = self.0.client_ring();
        ring.sign_self_contained(SigningAlg::Es256, Typ::DpopProof, claims)
    }

    /// What was encrypted for us.
    pub(crate) fn decrypt(&self, jwe: &str) -> Result<Vec<u8>, JweRefusal> {
        self.0.decryption_ring().open(jwe)
    }
}
