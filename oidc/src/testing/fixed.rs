//! Time and randomness that repeat themselves.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_keys::sha256_of;

/// A clock that moves only when told to.
pub(crate) struct FixedClock(pub(super) AtomicI64);

impl FixedClock {
    pub(crate) fn advance(&self, duration: Duration) {
        let later = self.now().after(duration);
        self.0.store(later.millis(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Never the same bytes twice, and the same at every run.
#[derive(Default)]
pub(super) struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            let block = sha256_of(&[&count.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}
