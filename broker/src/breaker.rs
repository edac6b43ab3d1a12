//! A circuit breaker: whoever failed several times in a row is left alone for a while, then tried by one
//! caller, and asked by everyone again once that one succeeded.
//!
//! Pure transitions over an instant. Who holds a breaker keeps it behind a lock of its own, asks it
//! before each call, and tells it what became of the call.

use std::time::Duration;

use guichet_domain::Timestamp;

/// How much a breaker puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After how many failures in a row nobody is let through; at least one.
    pub failures: u32,
    /// For how long, and how long the one who tries may take.
    pub pause: Duration,
}

/// Where a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// Everyone is let through.
    Closed {
        /// How many calls failed since the last that succeeded.
        failures: u32,
    },
    /// Nobody is.
    Open {
        /// Until then.
        until: Timestamp,
    },
    /// One caller tries; the others wait for what becomes of it.
    HalfOpen {
        /// If nobody heard of that caller by then, another may try.
        until: Timestamp,
    },
}

impl Breaker {
    /// One that knows of no failure.
    pub const CLOSED: Self = Self::Closed { failures: 0 };

    /// Lets a caller through, or says from when on another try is worth it. The breaker that comes back
    /// takes this one's place.
    pub fn admit(self, now: Timestamp, patience: Patience) -> Result<Self, Timestamp> {
        match self {
            Self::Closed { .. } => Ok(self),
            Self::Open { until } | Self::HalfOpen { until } if now < until => Err(until),
            Self::Open { .. } | Self::HalfOpen { .. } => Ok(Self::HalfOpen {
                until: now.after(patience.pause),
            }),
        }
    }

    /// A call succeeded, whenever it began.
    #[must_use]
    pub const fn succeeded(self) -> Self {
        Self::CLOSED
    }

    /// A call failed. One that began before the breaker opened changes nothing any more.
    #[must_use]
    pub fn failed(self, now: Timestamp, patience: Patience) -> Self {
        let open = Self::Open {
            until: now.after(patience.pause),
        };
        match self {
            Self::Closed { failures } if failures.saturating_add(1) < patience.failures => {
                Self::Closed {
                    failures: failures + 1,
                }
            }
            Self::Closed { .. } | Self::HalfOpen { .. } => open,
            Self::Open { .. } => self,
        }
    }

    /// Whether callers are let through as if nothing had happened.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATIENCE: Patience = Patience {
        failures: 3,
        pause: Duration::from_secs(30),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn open_at(seconds: i64) -> Breaker {
        (0..3).fold(Breaker::CLOSED, |breaker, _| {
            breaker.failed(at(seconds), PATIENCE)
        })
    }

    #[test]
    fn three_failures_in_a_row_open_it_and_a_success_starts_the_count_again() {
        let two = Breaker::CLOSED
            .failed(at(0), PATIENCE)
            .failed(at(0), PATIENCE);
        assert!(two.is_closed());
        assert!(two.succeeded().failed(at(0), PATIENCE).is_closed());
        assert_eq!(two.failed(at(5), PATIENCE), Breaker::Open { until: at(35) });
    }

    #[test]
    fn an_open_one_lets_one_caller_try_when_its_pause_is_over() {
        let open = open_at(0);
        assert_eq!(open.admit(at(29), PATIENCE), Err(at(30)));
        let trying = open.admit(at(30), PATIENCE).unwrap();
        assert_eq!(trying, Breaker::HalfOpen { until: at(60) });
        assert_eq!(trying.admit(at(31), PATIENCE), Err(at(60)));
        assert_eq!(trying.failed(at(32), PATIENCE), open_at(32));
        assert_eq!(trying.succeeded(), Breaker::CLOSED);
    }

    #[test]
    fn a_caller_that_never_came_back_does_not_keep_it_half_open() {
        let trying = open_at(0).admit(at(30), PATIENCE).unwrap();
        assert!(trying.admit(at(60), PATIENCE).is_ok());
    }

    #[test]
    fn a_late_failure_does_not_make_the_pause_longer() {
        assert_eq!(open_at(0).failed(at(20), PATIENCE), open_at(0));
    }

    proptest! {
        #[test]
        fn whatever_happened_a_success_closes_it_and_a_pause_ends(
            steps in prop::collection::vec((0_i64..20, any::<bool>()), 0..40),
        ) {
            let (mut breaker, mut now) = (Breaker::CLOSED, 0);
            for (pause, fails) in steps {
                now += pause;
                if let Ok(admitted) = breaker.admit(at(now), PATIENCE) {
                    breaker = if fails { admitted.failed(at(now), PATIENCE) } else { admitted.succeeded() };
                }
            }
            prop_assert!(breaker.admit(at(now + 30), PATIENCE).is_ok());
            prop_assert!(breaker.succeeded().is_closed());
        }
    }
}
