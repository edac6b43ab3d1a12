//! Instants as milliseconds since 1970-01-01T00:00:00Z, and the clock as an argument.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

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

/// The text is no date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a date and time is written like 2027-01-31T08:00:00Z (RFC 3339)")]
pub struct NotADateTime;

/// Reads RFC 3339, any offset.
impl FromStr for Timestamp {
    type Err = NotADateTime;

    fn from_str(text: &str) -> Result<Self, NotADateTime> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotADateTime)?;
        let millis = parsed.unix_timestamp_nanos() / 1_000_000;
        i64::try_from(millis)
            .map(Self::from_millis)
            .map_err(|_| NotADateTime)
    }
}

/// Writes RFC 3339, in UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = i128::from(self.0) * 1_000_000;
        let written = OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok());
        match written {
            Some(text) => f.write_str(&text),
            // Later than any calendar goes.
            None => write!(f, "{} ms", self.0),
        }
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
    fn a_date_and_time_is_read_with_its_offset_and_written_in_utc() {
        let instant: Timestamp = "2027-01-31T09:30:00+01:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2027-01-31T08:30:00Z");
        assert_eq!(instant.to_string().parse(), Ok(instant));
        for text in ["2027-01-31", "2027-02-30T00:00:00Z", "tomorrow", ""] {
            assert_eq!(text.parse::<Timestamp>(), Err(NotADateTime), "{text}");
        }
    }

    #[test]
    fn since_is_never_negative() {
        let early = Timestamp::from_seconds(10);
        let late = Timestamp::from_seconds(12);
        assert_eq!(late.since(early), Duration::from_secs(2));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
