//! How much may go on at once: so much on a node, and so much for one citizen, so that nobody takes the places
//! of everybody. Pages that are open and hear of messages; archives that are being packed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_domain::PersonId;

/// The places of a node. Cheap to clone.
#[derive(Clone)]
pub struct Places {
    taken: Arc<Mutex<Taken>>,
    most: usize,
    most_of_one: usize,
}

#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<PersonId, usize>,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// The citizen has all of theirs.
    Theirs,
    /// The node has no more.
    Nodes,
}

/// A place; free again when this is dropped.
pub(crate) struct Place {
    person: PersonId,
    places: Places,
}

impl Places {
    /// So many in all, and so many of one citizen.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
            most_of_one,
        }
    }

    /// Those of archives, each of which has a few files in memory for a while.
    pub fn of_archives() -> Self {
        Self::new(16, 1)
    }

    /// A place for this citizen, if there is one.
    pub(crate) fn take(&self, person: PersonId) -> Result<Place, NoPlace> {
        let mut taken = self.taken();
        let theirs = taken.of.get(&person).copied().unwrap_or_default();
        if theirs >= self.most_of_one {
            return Err(NoPlace::Theirs);
        }
        if taken.all >= self.most {
            return Err(NoPlace::Nodes);
        }
        taken.all += 1;
        taken.of.insert(person, theirs + 1);
        let places = self.clone();
        Ok(Place { person, places })
    }

    /// How many are taken.
    pub(crate) fn count(&self) -> u64 {
        u64::try_from(self.taken().all).unwrap_or(u64::MAX)
    }

    /// Whoever panicked under the lock left it whole.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        let left = taken.of.get(&self.person).map_or(0, |theirs| theirs - 1);
        if left == 0 {
            taken.of.remove(&self.person);
        } else {
            taken.of.insert(self.person, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(byte: u8) -> PersonId {
        PersonId::from_bytes([byte; 16])
    }

    #[test]
    fn nobody_takes_the_places_of_everybody_and_a_place_that_is_left_is_free() {
        let places = Places::new(99, 16);
        let mut theirs: Vec<_> = (0..16).map(|_| places.take(person(1)).unwrap()).collect();
        assert_eq!(places.take(person(1)).err(), Some(NoPlace::Theirs));
        let other = places.take(person(2));
        assert!(other.is_ok());
        theirs.pop();
        assert!(places.take(person(1)).is_ok());
        drop((theirs, other));
        let taken = places.taken();
        assert_eq!((taken.all, taken.of.len()), (0, 0));
    }

    #[test]
    fn a_node_has_so_many_places() {
        let places = Places::new(20, 3);
        let mut all = Vec::new();
        for number in 0..20 {
            all.push(places.take(person(number / 3)).unwrap());
        }
        assert_eq!(places.take(person(9)).err(), Some(NoPlace::Nodes));
    }
}
