//! How often requests of one sort are refused before anybody proved who they are.
//!
//! Such refusals cost a caller nothing but a public name, and the ledger only grows: of each sort, one
//! entry a minute says how many there were since the last.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use guichet_domain::{AuditEvent, Timestamp};

/// What was refused lately, by its sort: who it was said to come from, and why.
pub struct RefusalCounts<S>(Mutex<HashMap<S, Count>>);

/// The refusals of one sort.
struct Count {
    noted: Timestamp,
    since: u64,
}

impl<S> Default for RefusalCounts<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: Hash + Eq> RefusalCounts<S> {
    /// Counts one refusal. `Some` when it is to be recorded: `event`, and how many went before it
    /// unrecorded.
    pub fn noteworthy(&self, sort: S, event: AuditEvent, now: Timestamp) -> Option<AuditEvent> {
        Some(match self.count(sort, now)? {
            0 => event,
            since => event.detail("unrecorded_since_last", since),
        })
    }

    fn count(&self, sort: S, now: Timestamp) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&sort) {
            if now.since(count.noted) < PAUSE {
                count.since += 1;
                return None;
            }
            count.noted = now;
            return Some(std::mem::take(&mut count.since));
        }
        if counts.len() >= MOST {
            counts.retain(|_, count| now.since(count.noted) < PAUSE);
            if counts.len() >= MOST {
                return None;
            }
        }
        let first = Count {
            noted: now,
            since: 0,
        };
        counts.insert(sort, first);
        Some(0)
    }
}

/// Between two entries of one sort.
const PAUSE: Duration = Duration::from_mins(1);

/// The most sorts that are counted at once; others go unrecorded for a minute.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_a_minute_says_how_many_there_were() {
        let counts = RefusalCounts::default();
        let count = |client: &str, seconds| {
            counts.count(client.to_owned(), Timestamp::from_seconds(seconds))
        };
        assert_eq!(count("one", 1000), Some(0));
        assert_eq!(count("one", 1001), None);
        assert_eq!(count("one", 1059), None);
        assert_eq!(count("two", 1059), Some(0));
        assert_eq!(count("one", 1060), Some(2));
        assert_eq!(count("one", 1120), Some(0));
    }

    #[test]
    fn however_many_clients_are_named_memory_is_bounded_and_comes_free_again() {
        let counts = RefusalCounts::default();
        let count = |number: usize, seconds| counts.count(number, Timestamp::from_seconds(seconds));
        for number in 0..MOST {
            assert_eq!(count(number, 1000), Some(0));
        }
        assert_eq!(count(MOST, 1001), None);
        assert_eq!(count(MOST, 1060), Some(0));
        assert_eq!(counts.0.lock().unwrap().len(), 1);
    }
}
