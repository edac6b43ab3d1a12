//! What the tests of this room share.

use std::sync::atomic::{AtomicU8, Ordering};

use guichet_domain::Entropy;

/// Randomness that counts: repeatable, and never the same bytes twice.
pub(crate) struct Counting(AtomicU8);

impl Counting {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(1))
    }
}

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
