//! The key that signs the ledger's checkpoints.

use std::sync::Arc;

use aws_lc_rs::signature::Ed25519KeyPair;

use crate::error::KeysError;

/// Signs checkpoints with Ed25519.
#[derive(Clone)]
pub struct LedgerSigner(Arc<Ed25519KeyPair>);

impl LedgerSigner {
    /// The signature of `message`.
    pub fn sign(&self, _message: &[u8]) -> Result<[u8; 64], KeysError> {
        let _ = &self.0;
        todo!()
    }

    /// The public key, to verify with, offline too.
    pub fn verifier(&self) -> LedgerVerifier {
        todo!()
    }
}

/// The public half: 32 bytes of Ed25519.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerVerifier([u8; 32]);

impl LedgerVerifier {
    /// From the 32 bytes of an Ed25519 public key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is one of `message`.
    pub fn verify(&self, _message: &[u8], _signature: &[u8]) -> bool {
        todo!()
    }
}
