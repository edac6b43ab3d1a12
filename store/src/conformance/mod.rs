//! The rules of this room: one list per half, held against every backend.
//!
//! A rule is an async function over a [`House`] or a [`Books`]; it panics where the backend breaks it.
//! The lists are macros that hand the names of all rules to a macro of the caller, who makes a test of
//! each for each backend: a rule added here is run everywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use guichet_domain::{Clock, Timestamp};
use tokio::task::JoinSet;

use crate::{Durable, Fault, ShortLived};

pub mod durable;
pub mod short_lived;

/// A clock that only tests move.
pub struct TestClock(AtomicI64);

impl TestClock {
    /// A clock that stands at a fixed instant.
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_795_296_504_321)))
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// What a rule over short-lived records needs.
pub struct House {
    /// One node.
    pub here: ShortLived,
    /// Another node of the same house; for the memory backend the same one.
    pub there: ShortLived,
    /// A node of another house on the same backend.
    pub elsewhere: ShortLived,
    /// The clock of all three.
    pub clock: Arc<TestClock>,
}

impl House {
    fn node(&self, turn: u64) -> &ShortLived {
        if turn.is_multiple_of(2) {
            &self.here
        } else {
            &self.there
        }
    }

    /// So many seconds from now.
    pub fn in_seconds(&self, seconds: u64) -> Timestamp {
        self.clock.now().after(Duration::from_secs(seconds))
    }

    /// Lets so many seconds pass.
    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// What a rule over durable records needs: two nodes on one migrated database that nobody else uses.
pub struct Books {
    /// One node.
    pub here: Durable,
    /// Another.
    pub there: Durable,
}

impl Books {
    fn node(&self, turn: u64) -> &Durable {
        if turn.is_multiple_of(2) {
            &self.here
        } else {
            &self.there
        }
    }
}

/// How many race in a rule about races.
const RACERS: u64 = 50;

/// What all racers got, in no order.
async fn race<T, F>(racer: impl Fn(u64) -> F) -> Result<Vec<T>, Fault>
where
    F: Future<Output = Result<T, Fault>> + Send + 'static,
    T: Send + 'static,
{
    let racers: JoinSet<_> = (0..RACERS).map(racer).collect();
    racers.join_all().await.into_iter().collect()
}

/// How often `what` is among `all`.
fn times<T: PartialEq>(all: &[T], what: &T) -> usize {
    all.iter().filter(|one| *one == what).count()
}

/// Sixteen bytes that differ by `seed`.
fn bytes16(seed: u64) -> [u8; 16] {
    let mut bytes = [0xa5; 16];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes
}

/// Thirty-two bytes that differ by `seed`.
fn bytes32(seed: u64) -> [u8; 32] {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&seed.to_be_bytes());
    bytes
}

/// Opaque bytes, some of which are no text.
fn sealed(text: &str) -> guichet_domain::Sealed {
    let mut bytes = vec![0, 0xff, b'\n'];
    bytes.extend_from_slice(text.as_bytes());
    guichet_domain::Sealed::from_bytes(bytes)
}
