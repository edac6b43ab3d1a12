//! Citizens: one for each index, several indexes for one.

use guichet_domain::{PersonId, Timestamp};

use super::at;
use crate::conformance::{Books, bytes16, bytes32, race, times};
use crate::durable::people::{Recognition, Recognized, Sighting};
use crate::{Durable, Fault};

/// Fifty bring an identifier of their own: one counts.
pub async fn one_index_makes_one_person_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let people = race(|turn| {
        let store = books.node(turn).clone();
        async move { recognize(&store, stated(1), turn, at(1)).await }
    })
    .await?;
    let made = people
        .iter()
        .filter(|one| one.how == Recognition::Made)
        .count();
    assert_eq!(made, 1);
    let people: Vec<PersonId> = people.iter().map(|one| one.person).collect();
    assert_eq!(times(&people, &people[0]), people.len());
    let again = recognize(&books.there, stated(1), 99, at(2)).await?;
    assert_eq!((again.person, again.how), (people[0], Recognition::Known));
    let another = recognize(&books.here, stated(2), 99, at(2)).await?;
    assert_eq!(
        (another.person, another.how),
        (person(99), Recognition::Made)
    );
    Ok(())
}

/// The register corrected an identity it had vouched for: the person stays, under both.
pub async fn a_corrected_identity_belongs_to_whoever_had_the_one_before(
    books: Books,
) -> Result<(), Fault> {
    recognize(&books.here, vouched(1), 1, at(1)).await?;
    assert_eq!(renames(&books.there, 2, 1).await?, Some(person(1)));
    assert_eq!(renames(&books.there, 2, 3).await?, None);
    let renamed = recognize(&books.there, corrected(2, 1), 2, at(2)).await?;
    assert_eq!(renames(&books.here, 2, 1).await?, None, "it is done");
    let expected = Recognized {
        person: person(1),
        how: Recognition::Renamed,
        other: None,
    };
    assert_eq!(renamed, expected);
    for index in [1, 2] {
        let known = recognize(&books.here, vouched(index), 3, at(3)).await?;
        assert_eq!((known.person, known.how), (person(1), Recognition::Known));
    }
    let file = books.here.people.file(person(1)).await?;
    let rows = file.map(|file| file.rows).unwrap_or_default();
    let added: Vec<Timestamp> = rows.iter().map(|row| row.added).collect();
    assert_eq!(added, [at(1), at(2)]);
    assert!(
        rows.iter()
            .all(|row| row.vouched && row.person == person(1))
    );
    Ok(())
}

/// Whoever made up a person beforehand by a provider's word does not become the one whom the register
/// corrects to (threat N-01).
pub async fn a_providers_word_alone_is_no_ground_for_a_correction(
    books: Books,
) -> Result<(), Fault> {
    recognize(&books.here, stated(1), 1, at(1)).await?;
    let corrected = recognize(&books.there, corrected(2, 1), 2, at(2)).await?;
    assert_eq!(corrected.person, person(2));
    assert_eq!(corrected.how, Recognition::Made);
    let before = recognize(&books.here, stated(1), 3, at(3)).await?;
    assert_eq!(before.person, person(1));
    // Once the register vouches for it, it is.
    recognize(&books.here, vouched(4), 4, at(4)).await?;
    recognize(&books.here, stated(5), 5, at(4)).await?;
    recognize(&books.here, vouched(5), 5, at(5)).await?;
    let corrected = recognize(&books.here, self::corrected(6, 5), 6, at(6)).await?;
    assert_eq!(corrected.person, person(5));
    Ok(())
}

/// Both were vouched for, so the register says that two persons are one; nothing is merged by itself.
pub async fn two_persons_whom_the_register_calls_one_are_told_and_left(
    books: Books,
) -> Result<(), Fault> {
    recognize(&books.here, vouched(1), 1, at(1)).await?;
    recognize(&books.here, vouched(2), 2, at(2)).await?;
    for node in [&books.here, &books.there] {
        let seen = recognize(node, corrected(2, 1), 3, at(3)).await?;
        assert_eq!(seen.person, person(2));
        assert_eq!(seen.other, Some(person(1)));
    }
    let before = recognize(&books.here, vouched(1), 3, at(4)).await?;
    assert_eq!(before.person, person(1));
    // What was stated for the first time leads to the same person from now on.
    let seen = recognize(&books.here, corrected(2, 7), 3, at(5)).await?;
    assert_eq!((seen.person, seen.other), (person(2), None));
    let stated = recognize(&books.there, stated(7), 3, at(6)).await?;
    assert_eq!(stated.person, person(2));
    Ok(())
}

/// Fifty sign-ins at once: some with the old papers, of which the register knows the new name by now, some
/// with the old that it answered for just before, some with the new. One person in the end, or two that
/// are known to be one; never an index of two.
pub async fn a_change_of_status_that_races_itself_leaves_one_owner(
    books: Books,
) -> Result<(), Fault> {
    let before = person(100);
    recognize(&books.here, vouched(1), 100, at(1)).await?;
    let seen = race(|turn| {
        let store = books.node(turn).clone();
        async move {
            let sighting = match turn % 3 {
                0 => vouched(2),
                1 => vouched(1),
                _ => corrected(2, 1),
            };
            let seen = recognize(&store, sighting, turn, at(2)).await?;
            Ok((sighting.index, seen))
        }
    })
    .await?;
    let owner = recognize(&books.there, vouched(2), 98, at(3)).await?.person;
    for (index, seen) in seen {
        assert_eq!(seen.person, if index == 1 { before } else { owner });
        assert!(seen.other.is_none_or(|other| other == before));
    }
    for node in [&books.here, &books.there] {
        let old = recognize(node, vouched(1), 99, at(3)).await?;
        assert_eq!((old.person, old.how), (before, Recognition::Known));
        let new = recognize(node, corrected(2, 1), 99, at(3)).await?;
        assert_eq!((new.person, new.how), (owner, Recognition::Known));
        assert_eq!(new.other, (owner != before).then_some(before));
    }
    Ok(())
}

pub(super) fn person(seed: u64) -> PersonId {
    PersonId::from_bytes(bytes16(seed))
}

/// What a rule's sign-in saw: the seeds of its indexes, and whether the register vouches.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    index: u64,
    stated: Option<u64>,
    vouched: bool,
}

pub(super) const fn stated(index: u64) -> Seen {
    Seen {
        index,
        stated: None,
        vouched: false,
    }
}

pub(super) const fn vouched(index: u64) -> Seen {
    Seen {
        index,
        stated: None,
        vouched: true,
    }
}

const fn corrected(index: u64, stated: u64) -> Seen {
    Seen {
        index,
        stated: Some(stated),
        vouched: true,
    }
}

/// Whom the register would give the identity `index` instead of `stated`.
async fn renames(store: &Durable, index: u64, stated: u64) -> Result<Option<PersonId>, Fault> {
    let (index, stated) = (bytes32(index), bytes32(stated));
    let sighting = Sighting {
        index: &index,
        stated: Some(&stated),
        vouched: true,
    };
    store.people.renamed(sighting).await
}

pub(super) async fn recognize(
    store: &Durable,
    seen: Seen,
    fresh: u64,
    now: Timestamp,
) -> Result<Recognized, Fault> {
    let (index, stated) = (bytes32(seen.index), seen.stated.map(bytes32));
    let sighting = Sighting {
        index: &index,
        stated: stated.as_ref(),
        vouched: seen.vouched,
    };
    store.people.recognize(sighting, person(fresh), now).await
}
