//! The master secret of a node, and the keys that derive from it.

use aws_lc_rs::hmac;
use guichet_domain::Entropy;
use zeroize::{Zeroize as _, Zeroizing};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::custody::{BlobName, Custody};
use crate::digest::thirty_two;
use crate::error::KeysError;

/// What stands before the secret in custody: says what the file is, and in which form.
const PREFIX: &[u8] = b"guichet-master-1:";

/// The salt of HKDF: sets what derives here apart from any other use of the same secret.
const SALT: &[u8] = b"guichet 2026 master secret";

/// The extracted secret. No `Debug`, wiped when dropped.
pub(crate) struct Master(Zeroizing<[u8; 32]>);

impl Master {
    /// Reads the master secret, or makes it when custody is empty.
    ///
    /// Rings without a master mean that the master was lost: making another would silently change
    /// every pseudonym and index, so that is refused.
    pub(crate) fn open(custody: &dyn Custody, entropy: &dyn Entropy) -> Result<Self, KeysError> {
        if let Some(blob) = custody.load(BlobName::Master)? {
            return Self::parse(&blob);
        }
        let lock = custody.lock()?;
        // Another process may have made it while this one waited.
        if let Some(blob) = custody.load(BlobName::Master)? {
            return Self::parse(&blob);
        }
        for orphan in [
            BlobName::IssuerRing,
            BlobName::ClientRing,
            BlobName::DecryptionRing,
            BlobName::Ledger,
        ] {
            if custody.load(orphan)?.is_some() {
                return Err(KeysError::MasterLost);
            }
        }
        let mut secret = Zeroizing::new([0; 32]);
        entropy.fill(secret.as_mut_slice());
        let mut text = Zeroizing::new(PREFIX.to_vec());
        text.extend_from_slice(Zeroizing::new(URL_SAFE_NO_PAD.encode(*secret)).as_bytes());
        custody.store(&lock, BlobName::Master, &text)?;
        Ok(Self::extract(&secret))
    }

    /// A key for `purpose`: HKDF-SHA-256 (RFC 5869) with `purpose` as its info.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        // One block of HKDF-Expand: T(1) = HMAC(PRK, info ‖ 0x01).
        let mut expand = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &*self.0));
        expand.update(purpose.as_bytes());
        expand.update(&[1]);
        Zeroizing::new(thirty_two(expand.sign().as_ref()))
    }

    fn parse(blob: &[u8]) -> Result<Self, KeysError> {
        let damaged = || KeysError::Damaged(BlobName::Master.as_str());
        let text = blob.strip_prefix(PREFIX).ok_or_else(damaged)?;
        let mut secret = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD
            .decode_slice(text.trim_ascii_end(), secret.as_mut_slice())
            .map_err(|_| damaged())?;
        if length == 32 {
            Ok(Self::extract(&secret))
        } else {
            Err(damaged())
        }
    }

    fn extract(secret: &[u8; 32]) -> Self {
        let mut prk =
            thirty_two(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SALT), secret).as_ref());
        let master = Self(Zeroizing::new(prk));
        prk.zeroize();
        master
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hkdf;

    use super::*;
    use crate::{MemoryCustody, SystemEntropy};

    #[test]
    fn what_derives_is_hkdf_sha_256() {
        let secret = [7; 32];
        let mut expected = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
            .extract(&secret)
            .expand(&[b"purpose"], hkdf::HKDF_SHA256)
            .unwrap()
            .fill(&mut expected)
            .unwrap();
        assert_eq!(*Master::extract(&secret).derive("purpose"), expected);
    }

    #[test]
    fn the_master_is_made_once() {
        let custody = MemoryCustody::new();
        let first = Master::open(&custody, &SystemEntropy).unwrap();
        let second = Master::open(&custody, &SystemEntropy).unwrap();
        assert_eq!(*first.derive("a"), *second.derive("a"));
        assert_ne!(*first.derive("a"), *first.derive("b"));
    }

    #[test]
    fn a_lost_master_is_not_replaced() {
        let custody = MemoryCustody::new();
        let lock = custody.lock().unwrap();
        custody.store(&lock, BlobName::Ledger, b"sealed").unwrap();
        drop(lock);
        let error = Master::open(&custody, &SystemEntropy).err();
        assert!(matches!(error, Some(KeysError::MasterLost)));
    }

    #[test]
    fn a_damaged_master_is_refused() {
        for blob in [
            &b"guichet-master-1:short"[..],
            b"",
            b"guichet-master-2:AAAA",
            &[0; 60],
        ] {
            assert!(Master::parse(blob).is_err());
        }
    }
}
