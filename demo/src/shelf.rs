//! A small memory that forgets: entries by key, each for a limited time, never more than so many.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use guichet_domain::Timestamp;

/// Entries that live for `life`; beyond `most`, the oldest make room.
pub(crate) struct Shelf<V> {
    entries: Mutex<HashMap<String, (Timestamp, V)>>,
    life: Duration,
    most: usize,
}

impl<V: Clone> Shelf<V> {
    pub(crate) fn new(life: Duration, most: usize) -> Self {
        Self {
            entries: Mutex::default(),
            life,
            most,
        }
    }

    /// Puts an entry there; `false`, and nothing changes, when the key is already taken.
    pub(crate) fn insert(&self, key: &str, value: V, now: Timestamp) -> bool {
        let mut entries = self.lock();
        if entries.len() >= self.most {
            entries.retain(|_, (since, _)| now.since(*since) < self.life);
        }
        if entries
            .get(key)
            .is_some_and(|(since, _)| now.since(*since) < self.life)
        {
            return false;
        }
        if entries.len() >= self.most {
            let oldest = entries.iter().min_by_key(|(_, (since, _))| *since);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                entries.remove(&oldest);
            }
        }
        entries.insert(key.to_owned(), (now, value));
        true
    }

    /// The entry, when it is still alive.
    pub(crate) fn get(&self, key: &str, now: Timestamp) -> Option<V> {
        let entries = self.lock();
        let (since, value) = entries.get(key)?;
        (now.since(*since) < self.life).then(|| value.clone())
    }

    /// The entry, which is gone afterwards.
    pub(crate) fn take(&self, key: &str, now: Timestamp) -> Option<V> {
        let (since, value) = self.lock().remove(key)?;
        (now.since(since) < self.life).then_some(value)
    }

    /// Drops every entry that is `unwanted` and says how many there were.
    pub(crate) fn drop_where(&self, unwanted: impl Fn(&V) -> bool) -> usize {
        let mut entries = self.lock();
        let before = entries.len();
        entries.retain(|_, (_, value)| !unwanted(value));
        before - entries.len()
    }

    /// A panic elsewhere leaves the map whole: every change to it is one call.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, V)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(10);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn an_entry_is_taken_once_and_only_while_it_lives() {
        let shelf = Shelf::new(LIFE, 10);
        assert!(shelf.insert("a", 1, at(0)));
        assert_eq!(shelf.get("a", at(9)), Some(1));
        assert_eq!(shelf.take("a", at(9)), Some(1));
        assert_eq!(shelf.take("a", at(9)), None);
        shelf.insert("b", 2, at(0));
        assert_eq!(shelf.get("b", at(10)), None);
        assert_eq!(shelf.take("b", at(10)), None);
    }

    #[test]
    fn a_key_is_taken_until_its_entry_dies() {
        let shelf = Shelf::new(LIFE, 10);
        assert!(shelf.insert("jti", (), at(0)));
        assert!(!shelf.insert("jti", (), at(9)));
        assert!(shelf.insert("jti", (), at(10)));
    }

    #[test]
    fn the_oldest_makes_room_when_it_is_full() {
        let shelf = Shelf::new(LIFE, 2);
        for (second, key) in (0..).zip(["a", "b", "c"]) {
            assert!(shelf.insert(key, key, at(second)));
        }
        assert_eq!(shelf.get("a", at(3)), None);
        assert_eq!(shelf.get("b", at(3)), Some("b"));
        assert_eq!(shelf.get("c", at(3)), Some("c"));
    }
}
