//! Instants as milliseconds since 1970-01-01T00:00:00Z, and the clock as an argument.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// An instant, in whole milliseconds since the Unix epoch, UTC. Negative values never occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch; anything before the epoch becomes the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    /// From whole seconds since the epoch, as JWT `NumericDate` has it (RFC 7519 §2).
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down: what `iat`, `exp` and `auth_time` hold.
    pub const fn seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This instant moved `duration` later, saturating.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// This instant moved `duration` earlier, not before the epoch.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// How long from `earlier` to this instant; zero when `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// Where the time comes from. The binary has the system's clock, tests a fixed one.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_before_the_epoch_becomes_the_epoch() {
        assert_eq!(Timestamp::from_millis(-5).millis(), 0);
        assert_eq!(
            Timestamp::from_millis(5)
                .before(Duration::from_secs(1))
                .millis(),
            0
        );
    }

    #[test]
    fn moving_past_the_end_of_time_saturates() {
        let end = Timestamp::from_millis(i64::MAX);
        assert_eq!(end.after(Duration::from_secs(1)), end);
        assert_eq!(Timestamp::from_seconds(i64::MAX).millis(), i64::MAX);
    }

    #[test]
    fn since_is_never_negative() {
        let early = Timestamp::from_seconds(10);
        let late = Timestamp::from_seconds(12);
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
