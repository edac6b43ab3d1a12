//! How often a client is refused before anybody proved to be that client.
//!
//! Such refusals cost a caller nothing but a public `client_id`, and the ledger only grows: of each
//! client, one entry a minute says how many there were since the last.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use guichet_domain::{ClientId, EventKind, Timestamp};

/// What was refused lately, by client and kind.
#[derive(Default)]
pub(crate) struct RefusalCounts(Mutex<HashMap<(ClientId, EventKind), Count>>);

/// One client's refusals of one kind.
struct Count {
    noted: Timestamp,
    since: u64,
}

impl RefusalCounts {
    /// Counts one refusal. `Some` when it is to be recorded, with how many went before it unrecorded.
    pub(crate) fn count(&self, client: &ClientId, kind: EventKind, now: Timestamp) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&(client.clone(), kind)) {
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
        counts.insert((client.clone(), kind), first);
        Some(0)
    }
}

/// Between two entries about one client.
const PAUSE: Duration = Duration::from_mins(1);

/// The most clients that are counted at once; what concerns others goes unrecorded for a minute.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_a_minute_says_how_many_there_were() {
        let counts = RefusalCounts::default();
        let count = |client: &str, seconds| {
            let client = client.parse().unwrap();
            let now = Timestamp::from_seconds(seconds);
            counts.count(&client, EventKind::LoginRefused, now)
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
        let count = |number: usize, seconds| {
            let client = format!("client-{number}").parse().unwrap();
            let now = Timestamp::from_seconds(seconds);
            counts.count(&client, EventKind::TokenRefused, now)
        };
        for number in 0..MOST {
            assert_eq!(count(number, 1000), Some(0));
        }
        assert_eq!(count(MOST, 1001), None);
        assert_eq!(count(MOST, 1060), Some(0));
        assert_eq!(counts.0.lock().unwrap().len(), 1);
    }
}
