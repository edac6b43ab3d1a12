//! A provider in a box for the tests of this room: time and randomness that tests can foresee, memory
//! stores, a browser that keeps cookies, and a passkey made of nothing but software.

mod authenticator;
mod browser;
mod world;

pub(crate) use authenticator::SoftPasskey;
pub(crate) use browser::{Answered, Browser};
pub(crate) use world::{PASSWORD, Setup, TOTP, World, code_at};

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guichet_domain::{Clock, Entropy, Timestamp};

/// Bytes that never repeat and never surprise.
pub(crate) struct Counting(AtomicU64);

impl Counting {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(1))
    }
}

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&number[8 - chunk.len()..]);
        }
    }
}

/// A clock that moves when it is told to.
pub(crate) struct Hand(Mutex<Timestamp>);

impl Hand {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.after(by);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
