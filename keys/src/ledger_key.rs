//! The Ed25519 key that signs the ledger's checkpoints, its public half for offline verifying, and the names
//! that the ledger has for persons.

use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use guichet_domain::Sealed;
use zeroize::Zeroizing;

use crate::custody::{BlobName, Custody};
use crate::digest::thirty_two;
use crate::error::KeysError;
use crate::history_key::HistoryKeys;
use crate::seal::Sealer;

/// Signs checkpoints, and names persons. Cheap to clone; has no `Debug`.
#[derive(Clone)]
pub struct LedgerSigner {
    pair: Arc<Ed25519KeyPair>,
    history: HistoryKeys,
}

impl LedgerSigner {
    /// The key in custody, made when there is none.
    pub(crate) fn open(
        custody: &dyn Custody,
        sealer: &Sealer,
        history: HistoryKeys,
    ) -> Result<Self, KeysError> {
        let pair = Arc::new(key_pair(custody, sealer)?);
        Ok(Self { pair, history })
    }

    /// What the ledger calls persons.
    pub const fn history_keys(&self) -> &HistoryKeys {
        &self.history
    }

    /// The 64 bytes of the signature of `message`.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], KeysError> {
        let signature = self
            .pair
            .try_sign(message)
            .map_err(|_| KeysError::Crypto("sign"))?;
        signature
            .as_ref()
            .try_into()
            .map_err(|_| KeysError::Crypto("sign"))
    }

    /// The public key, to verify with, offline too.
    pub fn verifier(&self) -> LedgerVerifier {
        LedgerVerifier(thirty_two(self.pair.public_key().as_ref()))
    }
}

/// The key in custody, made when there is none.
fn key_pair(custody: &dyn Custody, sealer: &Sealer) -> Result<Ed25519KeyPair, KeysError> {
    if let Some(blob) = custody.load(BlobName::Ledger)? {
        return unseal(&blob, sealer);
    }
    let lock = custody.lock()?;
    if let Some(blob) = custody.load(BlobName::Ledger)? {
        return unseal(&blob, sealer);
    }
    let pair = Ed25519KeyPair::generate().map_err(|_| KeysError::Crypto("make a key"))?;
    let document = pair
        .to_pkcs8v1()
        .map_err(|_| KeysError::Crypto("export a key"))?;
    let document = Zeroizing::new(document.as_ref().to_vec());
    let blob = sealer.seal(BlobName::Ledger.as_str().as_bytes(), &document)?;
    custody.store(&lock, BlobName::Ledger, blob.as_bytes())?;
    Ok(pair)
}

fn unseal(blob: &[u8], sealer: &Sealer) -> Result<Ed25519KeyPair, KeysError> {
    let damaged = || KeysError::Damaged(BlobName::Ledger.as_str());
    let blob = Sealed::from_bytes(blob.to_vec());
    let document = sealer
        .open(BlobName::Ledger.as_str().as_bytes(), &blob)
        .map_err(|_| damaged())?;
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&Zeroizing::new(document)).map_err(|_| damaged())
}

/// The public half: the 32 bytes of an Ed25519 key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerVerifier([u8; 32]);

impl LedgerVerifier {
    /// From the 32 bytes; ones that are no key verify nothing.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is one of `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::Mac;
    use crate::{MemoryCustody, SystemEntropy};

    fn names() -> HistoryKeys {
        HistoryKeys::new(Mac::new(&[3; 32]))
    }

    #[test]
    fn the_key_survives_a_restart_and_its_public_half_verifies() {
        let custody = MemoryCustody::new();
        let sealer = Sealer::new(&[1; 32], Arc::new(SystemEntropy));
        let before = LedgerSigner::open(&custody, &sealer, names()).ok().unwrap();
        let after = LedgerSigner::open(&custody, &sealer, names()).ok().unwrap();
        let signature = before.sign(b"root").unwrap();
        assert!(after.verifier().verify(b"root", &signature));
        assert!(!after.verifier().verify(b"other root", &signature));
        let mut flipped = signature;
        flipped[0] ^= 1;
        assert!(!after.verifier().verify(b"root", &flipped));
    }

    #[test]
    fn a_key_sealed_under_another_master_is_refused() {
        let custody = MemoryCustody::new();
        let entropy: Arc<SystemEntropy> = Arc::new(SystemEntropy);
        LedgerSigner::open(&custody, &Sealer::new(&[1; 32], entropy.clone()), names())
            .ok()
            .unwrap();
        let error = LedgerSigner::open(&custody, &Sealer::new(&[2; 32], entropy), names()).err();
        assert!(matches!(error, Some(KeysError::Damaged("ledger"))));
    }
}
