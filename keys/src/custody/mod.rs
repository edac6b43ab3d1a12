//! Where secrets rest.

use zeroize::Zeroizing;

mod file;
mod memory;

pub use file::FileCustody;
pub use memory::MemoryCustody;

/// The blobs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobName {
    /// The master secret, from which sealing and index keys derive.
    Master,
    /// The issuer's signing keys, sealed.
    IssuerRing,
    /// The keys of the hub as a client, sealed.
    ClientRing,
    /// The key that signs checkpoints, sealed.
    Ledger,
}

impl BlobName {
    /// Its name in custody: a plain file name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::IssuerRing => "issuer-ring",
            Self::ClientRing => "client-ring",
            Self::Ledger => "ledger",
        }
    }
}

/// Why custody failed. Names blobs and paths, never content.
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
    /// Others may read or write the keys.
    #[error("{path} is open to others (mode {mode:o}): run chmod {wanted:o} {path}")]
    Exposed {
        /// The file or folder.
        path: String,
        /// Its mode.
        mode: u32,
        /// The mode it must have.
        wanted: u32,
    },
}

/// Holds the exclusive right to change custody until dropped.
pub struct CustodyLock(#[expect(dead_code, reason = "held for its drop")] Option<std::fs::File>);

/// Keeps a few named secrets. Three verbs, so that a hardware module can stand behind them.
pub trait Custody: Send + Sync {
    /// A blob, if it is there.
    fn load(&self, name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError>;

    /// Puts a blob in place at once and durably: readers see the old one or the new one.
    fn store(&self, name: BlobName, bytes: &[u8]) -> Result<(), CustodyError>;

    /// Waits for the exclusive right to change custody, among threads and processes.
    fn lock(&self) -> Result<CustodyLock, CustodyError>;
}
