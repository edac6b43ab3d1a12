//! Citizens: one for each index.

use guichet_domain::PersonId;

use super::at;
use crate::Fault;
use crate::conformance::{Books, bytes16, bytes32, race, times};

/// Fifty bring an identifier of their own: one counts.
pub async fn one_index_makes_one_person_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let people = race(|turn| {
        let people = books.node(turn).people.clone();
        let fresh = PersonId::from_bytes(bytes16(turn));
        async move { people.find_or_make(&bytes32(1), fresh, at(1)).await }
    })
    .await?;
    assert_eq!(times(&people, &people[0]), people.len());
    let fresh = PersonId::from_bytes(bytes16(99));
    let (known, unknown) = (bytes32(1), bytes32(2));
    let again = books.there.people.find_or_make(&known, fresh, at(2));
    assert_eq!(again.await?, people[0]);
    let another = books.here.people.find_or_make(&unknown, fresh, at(2));
    assert_eq!(another.await?, fresh);
    Ok(())
}

/// A change of civil status adds an index; somebody else's is not taken over.
pub async fn a_person_has_several_indexes_and_an_index_one_person(
    books: Books,
) -> Result<(), Fault> {
    let people = &books.here.people;
    let (one, other) = (
        PersonId::from_bytes(bytes16(1)),
        PersonId::from_bytes(bytes16(2)),
    );
    people.find_or_make(&bytes32(1), one, at(1)).await?;
    people.find_or_make(&bytes32(2), other, at(1)).await?;
    assert!(people.add_index(one, &bytes32(3), at(2)).await?);
    assert!(people.add_index(one, &bytes32(3), at(3)).await?);
    assert!(!people.add_index(one, &bytes32(2), at(2)).await?);
    let found = people.find_or_make(&bytes32(3), other, at(3)).await?;
    assert_eq!(found, one);
    let found = people.find_or_make(&bytes32(2), one, at(3)).await?;
    assert_eq!(found, other);
    // An index of nobody would make a person of whoever has it.
    let nobody = PersonId::from_bytes(bytes16(3));
    assert!(people.add_index(nobody, &bytes32(4), at(2)).await.is_err());
    Ok(())
}
