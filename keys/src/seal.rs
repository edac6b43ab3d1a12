//! Sealing.

use guichet_domain::Sealed;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::KeysError;

/// Seals and opens for one purpose. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(());

/// The bytes were not sealed by this sealer in this context, or were changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes do not open here")]
pub struct Unsealable;

impl Sealer {
    /// Seals `plaintext` for `context`: what record it belongs to, for instance its kind and id.
    /// It opens only with the same purpose and the same context.
    pub fn seal(&self, _context: &[u8], _plaintext: &[u8]) -> Result<Sealed, KeysError> {
        todo!()
    }

    /// What was sealed.
    pub fn open(&self, _context: &[u8], _sealed: &Sealed) -> Result<Vec<u8>, Unsealable> {
        todo!()
    }

    /// Seals `value` as JSON.
    pub fn seal_json<T: Serialize>(&self, _context: &[u8], _value: &T) -> Result<Sealed, KeysError> {
        todo!()
    }

    /// What was sealed by [`seal_json`](Self::seal_json).
    pub fn open_json<T: DeserializeOwned>(
        &self,
        _context: &[u8],
        _sealed: &Sealed,
    ) -> Result<T, Unsealable> {
        todo!()
    }
}
