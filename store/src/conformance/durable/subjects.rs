//! Pairwise subjects: one for each person and sector, for good.

use guichet_domain::{PersonId, Sector, SubjectIdentifier};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race, sealed, times};

/// Fifty bring a key of their own: one counts, for all nodes.
pub async fn a_sector_has_one_key_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let keys = race(|turn| {
        let subjects = books.node(turn).subjects.clone();
        let fresh = sealed(&format!("key {turn}"));
        async move {
            subjects
                .sector_key(&sector("a.example"), fresh, at(1))
                .await
        }
    })
    .await?;
    assert_eq!(times(&keys, &keys[0]), keys.len());
    let subjects = &books.here.subjects;
    let other = subjects
        .sector_key(&sector("b.example"), sealed("other"), at(1))
        .await?;
    assert_eq!(other, sealed("other"));
    Ok(())
}

/// Fifty bring a subject of their own: one counts, for all nodes.
pub async fn a_subject_stays_what_it_was_first(books: Books) -> Result<(), Fault> {
    let person = PersonId::from_bytes(bytes16(1));
    let none = books.here.subjects.subject(&sector("a"), person).await?;
    assert!(none.is_none());
    let assigned = race(|turn| {
        let subjects = books.node(turn).subjects.clone();
        async move {
            let fresh = subject(&format!("subject-{turn}"));
            subjects.assign(&sector("a"), person, fresh, at(1)).await
        }
    })
    .await?;
    assert!(assigned.iter().all(|one| *one == assigned[0]));
    for node in [&books.here, &books.there] {
        let found = node.subjects.subject(&sector("a"), person).await?;
        assert!(found.is_some_and(|found| found == assigned[0]));
        let elsewhere = node.subjects.subject(&sector("b"), person).await?;
        assert!(elsewhere.is_none());
        let back = node.subjects.person(&sector("a"), &assigned[0]).await?;
        assert_eq!(back, Some(person));
        let elsewhere = node.subjects.person(&sector("b"), &assigned[0]).await?;
        assert!(elsewhere.is_none());
    }
    Ok(())
}

/// That would hand one citizen's account to another.
pub async fn two_people_never_share_a_subject_in_one_sector(books: Books) -> Result<(), Fault> {
    let subjects = &books.here.subjects;
    let (one, other) = (
        PersonId::from_bytes(bytes16(1)),
        PersonId::from_bytes(bytes16(2)),
    );
    let (a, b) = (sector("a"), sector("b"));
    subjects.assign(&a, one, subject("s"), at(1)).await?;
    let again = subjects.assign(&a, other, subject("s"), at(1));
    assert!(again.await.is_err());
    assert!(subjects.subject(&a, other).await?.is_none());
    let elsewhere = subjects.assign(&b, other, subject("s"), at(1));
    assert!(elsewhere.await.is_ok());
    Ok(())
}

fn sector(text: &str) -> Sector {
    valid(text.parse())
}

fn subject(text: &str) -> SubjectIdentifier {
    valid(text.parse())
}
