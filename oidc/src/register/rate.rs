//! How many registrations a node takes in a minute, whoever asks: each is a durable write, and a fetch
//! when it brings along an address.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use guichet_domain::Timestamp;

use super::answer::Failed;

/// A bucket that fills up evenly and holds a minute's worth.
pub(super) struct Rate {
    between: Duration,
    burst: u32,
    /// When the bucket is full again.
    full_at: Mutex<Timestamp>,
}

impl Rate {
    /// At most this many a minute.
    pub(super) fn per_minute(most: u32) -> Self {
        let burst = most.max(1);
        Self {
            between: MINUTE / burst,
            burst,
            full_at: Mutex::new(Timestamp::from_millis(0)),
        }
    }

    /// Takes one, or is told that there is none.
    pub(super) fn take(&self, now: Timestamp) -> Result<(), Failed> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let after = (*full_at).max(now).after(self.between);
        if after.since(now) > self.between * self.burst {
            return Err(Failed::TooMany);
        }
        *full_at = after;
        Ok(())
    }
}

const MINUTE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_worth_so_many_and_time_brings_them_back() {
        let rate = Rate::per_minute(3);
        let at = |seconds: i64| Timestamp::from_seconds(1_000_000 + seconds);
        let taken = |seconds: i64| rate.take(at(seconds)).is_ok();
        assert_eq!(
            [taken(0), taken(0), taken(1), taken(1)],
            [true, true, true, false]
        );
        assert!(!taken(19));
        assert!(taken(20));
        assert!(!taken(20));
    }
}
