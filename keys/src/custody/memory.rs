//! Custody that forgets at exit: demo and tests.

use zeroize::Zeroizing;

use super::{BlobName, Custody, CustodyError, CustodyLock};

/// Secrets in memory.
#[derive(Default)]
pub struct MemoryCustody(());

impl MemoryCustody {
    /// Empty custody.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Custody for MemoryCustody {
    fn load(&self, _name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError> {
        todo!()
    }

    fn store(&self, _name: BlobName, _bytes: &[u8]) -> Result<(), CustodyError> {
        todo!()
    }

    fn lock(&self) -> Result<CustodyLock, CustodyError> {
        todo!()
    }
}
