//! What the tests of this room share: a fixed clock, repeatable randomness, a cast on set ports.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_web::{EgressPolicy, Outgoing};

use crate::Surroundings;
use crate::cast::Addresses;

/// 2026-11-21T20:06:40Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_291_600);

/// Stands still at [`NOW`], and so many seconds later once it is told to.
#[derive(Default)]
pub(crate) struct Stopped(AtomicI64);

impl Stopped {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(NOW.seconds() + self.0.load(Ordering::Relaxed))
    }
}

/// Randomness that counts: repeatable, and never the same sixteen bytes twice.
#[derive(Default)]
pub(crate) struct Counting(AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A cast at `addresses`.
pub(crate) fn surroundings(addresses: Addresses) -> Surroundings {
    let policy = EgressPolicy {
        allow_loopback: true,
        ..EgressPolicy::default()
    };
    Surroundings {
        addresses: Arc::new(addresses),
        clock: Arc::new(Stopped::default()),
        entropy: Arc::new(Counting::default()),
        outgoing: Outgoing::new(policy).unwrap(),
        theme_dir: None,
    }
}
