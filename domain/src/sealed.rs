//! Bytes that only the room `keys` can open.

use serde::{Deserialize, Serialize};

/// An authenticated ciphertext, opaque to everyone but `keys`. Rests in stores and cookies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(#[serde(with = "crate::id::base64url_bytes")] Vec<u8>);

impl Sealed {
    /// Takes bytes as they were sealed; whether they open is known only to `keys`.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The ciphertext.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The ciphertext, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
