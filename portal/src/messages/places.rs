//! How many pages may be open at once and hear of messages: so many on a node, and so many of one citizen, so
//! that nobody takes the places of everybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_domain::PersonId;

/// The places of a node. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<PersonId, usize>,
}

/// A place; free again when this is dropped.
pub(super) struct Place {
    person: PersonId,
    places: Places,
}

impl Places {
    /// A place for a page of this citizen, if there is one.
    pub(super) fn take(&self, person: PersonId) -> Option<Place> {
        let mut taken = self.taken();
        let theirs = taken.of.get(&person).copied().unwrap_or_default();
        if taken.all >= MOST || theirs >= MOST_OF_ONE {
            return None;
        }
        taken.all += 1;
        taken.of.insert(person, theirs + 1);
        let places = self.clone();
        Some(Place { person, places })
    }

    /// Whoever panicked under the lock left it whole.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

/// What is open at once on one node. Whoever finds no place reads the page as without JavaScript.
const MOST: usize = 20_000;
/// More tabs and devices than anybody has open.
const MOST_OF_ONE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn person(byte: u8) -> PersonId {
        PersonId::from_bytes([byte; 16])
    }

    #[test]
    fn nobody_takes_the_places_of_everybody_and_a_place_that_is_left_is_free() {
        let places = Places::default();
        let mut theirs: Vec<_> = (0..MOST_OF_ONE)
            .map(|_| places.take(person(1)).unwrap())
            .collect();
        assert!(places.take(person(1)).is_none());
        let other = places.take(person(2));
        assert!(other.is_some());
        theirs.pop();
        assert!(places.take(person(1)).is_some());
        drop((theirs, other));
        let taken = places.taken();
        assert_eq!((taken.all, taken.of.len()), (0, 0));
    }

    #[test]
    fn a_node_has_so_many_places() {
        let places = Places::default();
        let mut all = Vec::new();
        for number in 0..MOST {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&(number / MOST_OF_ONE).to_be_bytes());
            all.push(places.take(PersonId::from_bytes(id)).unwrap());
        }
        assert!(places.take(person(9)).is_none());
    }
}
