//! Custody in a folder.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{BlobName, Custody, CustodyError, CustodyLock};

/// Secrets as files.
pub struct FileCustody {
    dir: PathBuf,
}

impl FileCustody {
    /// Opens `dir`, making it with mode 0700 when it is not there.
    pub fn open(dir: &Path) -> Result<Self, CustodyError> {
        let custody = Self { dir: dir.to_owned() };
        let _ = &custody.dir;
        todo!()
    }
}

impl Custody for FileCustody {
    fn load(&self, _name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError> {
        todo!()
    }

    fn store(&self, _name: BlobName, _bytes: &[u8]) -> Result<(), CustodyError> {
        todo!()
    }

    fn lock(&self) -> Result<CustodyLock, CustodyError> {
        Ok(CustodyLock(None))
    }
}
