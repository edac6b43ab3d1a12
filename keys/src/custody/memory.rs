//! Custody that forgets at exit: the demo, and tests.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::{BlobName, Custody, CustodyError, CustodyLock};

/// Secrets in memory, wiped when dropped. Several [`Keys`](crate::Keys) may share one, as nodes do.
#[derive(Default)]
pub struct MemoryCustody {
    blobs: Mutex<HashMap<BlobName, Zeroizing<Vec<u8>>>>,
    taken: Arc<Taken>,
}

/// Whether somebody holds the lock.
#[derive(Default)]
struct Taken {
    flag: Mutex<bool>,
    freed: Condvar,
}

impl MemoryCustody {
    /// Empty custody.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Custody for MemoryCustody {
    fn load(&self, name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError> {
        Ok(locked(&self.blobs).get(&name).cloned())
    }

    fn lock(&self) -> Result<CustodyLock, CustodyError> {
        let mut flag = locked(&self.taken.flag);
        while *flag {
            flag = self
                .taken
                .freed
                .wait(flag)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *flag = true;
        let taken = Arc::clone(&self.taken);
        Ok(CustodyLock::new(move || {
            *locked(&taken.flag) = false;
            taken.freed.notify_one();
        }))
    }

    fn store(&self, _lock: &CustodyLock, name: BlobName, bytes: &[u8]) -> Result<(), CustodyError> {
        locked(&self.blobs).insert(name, Zeroizing::new(bytes.to_vec()));
        Ok(())
    }
}

/// A panic while the mutex was held cannot leave a blob half-written: each is inserted whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
