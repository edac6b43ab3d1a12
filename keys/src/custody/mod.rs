//! Where secrets rest: a few named blobs, replaced as a whole, changed by one process at a time.
//!
//! The trait is narrow on purpose. A hardware module stands beside the blobs: it makes the signing keys
//! and keeps them, and the ring's blob holds their names and public halves only.

use std::sync::Arc;

use zeroize::Zeroizing;

mod file;
mod memory;
mod pkcs11;
mod token;

pub use file::FileCustody;
pub use memory::MemoryCustody;
pub use pkcs11::{Pkcs11Settings, Pkcs11Token};
pub(crate) use token::beside_the_runtime;
pub use token::{SigningToken, TokenCustody, TokenKey};

/// Keeps a few named secrets.
pub trait Custody: Send + Sync {
    /// A blob, if it is there.
    fn load(&self, name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError>;

    /// Waits for the exclusive right to change custody, among threads and processes. Whoever holds
    /// it reads again before writing: another may have been first.
    fn lock(&self) -> Result<CustodyLock, CustodyError>;

    /// Puts a blob in place, at once and durably: readers see the old one or the new one.
    fn store(&self, lock: &CustodyLock, name: BlobName, bytes: &[u8]) -> Result<(), CustodyError>;

    /// The token in which signing keys are made and kept, where there is one.
    fn token(&self) -> Option<Arc<dyn SigningToken>> {
        None
    }
}

/// The blobs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobName {
    /// The master secret, from which every derived key comes. In clear: custody is its protection.
    Master,
    /// The issuer's signing keys, sealed.
    IssuerRing,
    /// The keys of the hub as a client of providers, sealed.
    ClientRing,
    /// What clients encrypt to, sealed.
    DecryptionRing,
    /// The key that signs the ledger's checkpoints, sealed.
    Ledger,
}

impl BlobName {
    /// Its name in custody: a plain file name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::IssuerRing => "issuer-ring",
            Self::ClientRing => "client-ring",
            Self::DecryptionRing => "decryption-ring",
            Self::Ledger => "ledger",
        }
    }
}

/// Why custody failed. Names paths, never content.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The file system failed.
    #[error("cannot {action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// Others than the owner may read or write the keys.
    #[error("{path} is open to others (mode {mode:04o}); run: chmod {wanted:04o} {path}")]
    Exposed {
        /// The file or folder.
        path: String,
        /// Its mode.
        mode: u32,
        /// The mode it must have at most.
        wanted: u32,
    },
    /// A token refused or could not be reached.
    #[error("the token cannot {action}: {reason}")]
    Token {
        /// What was tried.
        action: &'static str,
        /// What it says, in the words of PKCS#11.
        reason: String,
    },
}

/// The exclusive right to change custody, given back when dropped.
pub struct CustodyLock(Option<Box<dyn FnOnce() + Send>>);

impl CustodyLock {
    /// A lock that `give_back` ends.
    pub fn new(give_back: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(give_back)))
    }
}

impl Drop for CustodyLock {
    fn drop(&mut self) {
        if let Some(give_back) = self.0.take() {
            give_back();
        }
    }
}
