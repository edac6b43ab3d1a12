//! Corrections: four eyes, once, and back exactly.

use guichet_domain::{CorrectionId, Sector, SubjectIdentifier};

use super::people::{person, recognize, stated, vouched};
use super::{at, valid};
use crate::conformance::{Books, RACERS, bytes16, bytes32, race, times};
use crate::durable::corrections::{Act, Change, Correction, Settled};
use crate::{Durable, Fault};

/// Proposer and confirmer differ, and of fifty who confirm at once one does.
pub async fn a_correction_takes_two_operators_and_happens_once(books: Books) -> Result<(), Fault> {
    two_persons(&books.here).await?;
    let proposal = merge(1);
    assert!(books.here.corrections.propose(&proposal).await?);
    assert!(!books.there.corrections.propose(&proposal).await?);
    let alone = act("alice", 4);
    let alone = books.here.corrections.confirm(proposal.id, &alone).await?;
    assert_eq!(alone, Settled::Refused);
    assert_eq!(books.here.people.standing(person(2)).await?, person(2));
    let settled = race(|turn| {
        let corrections = books.node(turn).corrections.clone();
        async move { corrections.confirm(id(1), &act("bob", 5)).await }
    })
    .await?;
    assert_eq!(times(&settled, &Settled::Done), 1);
    assert_eq!(times(&settled, &Settled::Refused), settled.len() - 1);
    for node in [&books.here, &books.there] {
        assert_eq!(node.people.standing(person(2)).await?, person(1));
        let seen = recognize(node, stated(2), 9, at(6)).await?;
        assert_eq!(seen.person, person(1));
    }
    let kept = books.there.corrections.correction(id(1)).await?;
    let expected = Correction {
        confirmed: Some(act("bob", 5)),
        ..proposal
    };
    assert_eq!(kept, Some(expected));
    Ok(())
}

/// The older name counts, the other still leads to the person, and undoing leaves no trace.
pub async fn a_merge_keeps_the_older_name_and_is_undone_exactly(books: Books) -> Result<(), Fault> {
    two_persons(&books.here).await?;
    let store = &books.here;
    name(store, "a", 1, "old", 1).await?;
    name(store, "a", 2, "new", 2).await?;
    name(store, "b", 2, "only", 3).await?;
    let before = files(store).await?;
    carried_out(store, merge(1)).await?;
    for who in [1, 2] {
        assert_eq!(name_of(store, "a", who).await?.as_deref(), Some("old"));
        assert_eq!(name_of(store, "b", who).await?.as_deref(), Some("only"));
    }
    for subject in ["old", "new"] {
        let subject = valid(subject.parse());
        let led = store.subjects.person(&sector("a"), &subject).await?;
        assert_eq!(led, Some(person(1)));
    }
    let file = store.people.file(person(2)).await?;
    let names = file.as_ref().map(|file| file.names_that_count().count());
    assert_eq!(names, Some(2));
    assert_eq!(
        file.map(|file| (file.person, file.names.len())),
        Some((person(1), 3))
    );

    for who in [1, 2] {
        assert!(store.corrections.touched(person(who), at(5)).await?);
        assert!(!store.corrections.touched(person(who), at(6)).await?);
    }
    assert!(!store.corrections.touched(person(3), at(1)).await?);
    let undone = store
        .corrections
        .undo(id(1), &act("carol", 6), at(5))
        .await?;
    assert_eq!(undone, Settled::Done);
    assert!(store.corrections.touched(person(2), at(6)).await?);
    assert_eq!(files(store).await?, before);
    assert_eq!(name_of(store, "a", 2).await?.as_deref(), Some("new"));
    assert_eq!(name_of(store, "b", 1).await?, None);
    let again = store
        .corrections
        .undo(id(1), &act("carol", 7), at(5))
        .await?;
    assert_eq!(again, Settled::Refused);
    let again = store.corrections.confirm(id(1), &act("bob", 7)).await?;
    assert_eq!(again, Settled::Refused);
    Ok(())
}

/// What was confirmed before the window stays; what was never confirmed can always be withdrawn.
pub async fn a_correction_is_undone_within_its_window_only(books: Books) -> Result<(), Fault> {
    two_persons(&books.here).await?;
    let corrections = &books.here.corrections;
    corrections.propose(&merge(1)).await?;
    corrections.confirm(id(1), &act("bob", 5)).await?;
    let late = corrections.undo(id(1), &act("carol", 9), at(6)).await?;
    assert_eq!(late, Settled::Refused);
    assert_eq!(books.here.people.standing(person(2)).await?, person(1));
    corrections.propose(&part(2)).await?;
    let withdrawn = corrections.undo(id(2), &act("alice", 9), at(9)).await?;
    assert_eq!(withdrawn, Settled::Done);
    let confirmed = corrections.confirm(id(2), &act("bob", 9)).await?;
    assert_eq!(confirmed, Settled::Refused);
    let latest = corrections.latest(10).await?;
    assert_eq!(latest.len(), 2);
    Ok(())
}

/// The row goes to somebody new, and comes back.
pub async fn a_split_moves_one_row_and_is_undone(books: Books) -> Result<(), Fault> {
    let store = &books.here;
    recognize(store, vouched(1), 1, at(1)).await?;
    name(store, "a", 1, "old", 1).await?;
    let split = split(3);
    carried_out(store, split.clone()).await?;
    let seen = recognize(&books.there, vouched(1), 9, at(6)).await?;
    assert_eq!(seen.person, person(3));
    assert_eq!(name_of(store, "a", 3).await?, None);
    name(store, "b", 3, "meanwhile", 6).await?;
    let undone = store
        .corrections
        .undo(split.id, &act("bob", 7), at(5))
        .await?;
    assert_eq!(undone, Settled::Done);
    let seen = recognize(&books.there, vouched(1), 9, at(8)).await?;
    assert_eq!(seen.person, person(1));
    assert_eq!(name_of(store, "a", 1).await?.as_deref(), Some("old"));
    assert_eq!(name_of(store, "b", 1).await?.as_deref(), Some("meanwhile"));
    Ok(())
}

/// Two proposals about one person: the second finds things changed, and changes nothing.
pub async fn a_correction_overtaken_by_another_changes_nothing(books: Books) -> Result<(), Fault> {
    let store = &books.here;
    two_persons(store).await?;
    recognize(store, stated(3), 3, at(1)).await?;
    for proposal in [merge(1), merging(2, 3, 2)] {
        store.corrections.propose(&proposal).await?;
    }
    let settled = race(|turn| {
        let corrections = books.node(turn).corrections.clone();
        let which = id(1 + turn % 2);
        async move { corrections.confirm(which, &act("bob", 5)).await }
    })
    .await?;
    assert_eq!(times(&settled, &Settled::Done), 1);
    assert!(times(&settled, &Settled::Overtaken) > 0);
    let open = store.corrections.latest(10).await?;
    let confirmed = open.iter().filter(|one| one.confirmed.is_some()).count();
    assert_eq!(confirmed, 1);
    Ok(())
}

/// The row's former owner was merged into the new one: undone, each would lead to the other, and nobody
/// would be found. Once the merge is undone, the split can be.
pub async fn a_split_is_not_undone_where_that_would_close_a_circle(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    two_persons(store).await?;
    carried_out(store, split(1)).await?;
    carried_out(store, merging(2, 3, 1)).await?;
    let overtaken = store.corrections.undo(id(1), &act("bob", 7), at(5)).await?;
    assert_eq!(overtaken, Settled::Overtaken);
    for node in [&books.here, &books.there] {
        for who in [1, 3] {
            assert_eq!(node.people.standing(person(who)).await?, person(3));
        }
        let seen = recognize(node, stated(1), 9, at(8)).await?;
        assert_eq!(seen.person, person(3));
    }
    let known = store.corrections.correction(id(1)).await?;
    assert!(known.is_some_and(|known| known.undone.is_none()));
    for correction in [2, 1] {
        let undone = store
            .corrections
            .undo(id(correction), &act("bob", 9), at(5))
            .await?;
        assert_eq!(undone, Settled::Done);
    }
    assert_eq!(store.people.standing(person(3)).await?, person(1));
    let seen = recognize(store, stated(1), 9, at(10)).await?;
    assert_eq!(seen.person, person(1));
    Ok(())
}

/// Where they lead is another correction's to say.
pub async fn a_split_is_undone_though_its_person_was_merged_into_another(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    two_persons(store).await?;
    carried_out(store, split(1)).await?;
    carried_out(store, merging(2, 2, 3)).await?;
    let undone = store.corrections.undo(id(1), &act("bob", 7), at(5)).await?;
    assert_eq!(undone, Settled::Done);
    let seen = recognize(&books.there, stated(1), 9, at(8)).await?;
    assert_eq!(seen.person, person(1));
    assert_eq!(store.people.standing(person(3)).await?, person(2));
    Ok(())
}

/// Each of two, or of three, was sound when it was proposed. Many circles at once, each of whose merges are
/// confirmed at the same moment.
pub async fn of_merges_that_close_a_circle_one_is_refused_whoever_confirms_first(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    for (first, size) in [(1_000, 2), (2_000, 3)] {
        let circles = RACERS / size;
        let whole = circles * size;
        for turn in 0..whole {
            let (begin, who) = (first + turn / size * size, first + turn);
            let kept = begin + (turn + 1) % size;
            recognize(store, stated(who), who, at(1)).await?;
            store.corrections.propose(&merging(who, kept, who)).await?;
        }
        let settled = race(|turn| {
            let corrections = books.node(turn).corrections.clone();
            let which = id(first + turn % whole);
            async move { corrections.confirm(which, &act("bob", 5)).await }
        })
        .await?;
        let done = times(&settled, &Settled::Done);
        assert_eq!(done as u64, circles * (size - 1));
        assert!(times(&settled, &Settled::Overtaken) as u64 >= circles);
        for turn in 0..whole {
            let begin = first + turn / size * size;
            let owner = store.people.standing(person(begin)).await?;
            let seen = recognize(&books.there, stated(first + turn), 99, at(6)).await?;
            assert_eq!(seen.person, owner);
        }
    }
    Ok(())
}

async fn two_persons(store: &Durable) -> Result<(), Fault> {
    recognize(store, stated(1), 1, at(1)).await?;
    recognize(store, stated(2), 2, at(2)).await?;
    Ok(())
}

async fn files(store: &Durable) -> Result<Vec<Option<crate::durable::people::PersonFile>>, Fault> {
    Ok(vec![
        store.people.file(person(1)).await?,
        store.people.file(person(2)).await?,
    ])
}

async fn name(
    store: &Durable,
    at_sector: &str,
    who: u64,
    subject: &str,
    since: u64,
) -> Result<(), Fault> {
    let subject: SubjectIdentifier = valid(subject.parse());
    let sector = sector(at_sector);
    let assigned = store
        .subjects
        .assign(&sector, person(who), subject, at(since));
    assigned.await.map(drop)
}

async fn name_of(store: &Durable, at_sector: &str, who: u64) -> Result<Option<String>, Fault> {
    let name = store
        .subjects
        .subject(&sector(at_sector), person(who))
        .await?;
    Ok(name.map(|name| name.to_string()))
}

/// Alice proposes it, and Bob confirms it.
pub(super) async fn carried_out(store: &Durable, correction: Correction) -> Result<(), Fault> {
    store.corrections.propose(&correction).await?;
    let done = store
        .corrections
        .confirm(correction.id, &act("bob", 5))
        .await?;
    assert_eq!(done, Settled::Done);
    Ok(())
}

pub(super) fn merge(seed: u64) -> Correction {
    merging(seed, 1, 2)
}

/// Of which `kept` stays.
pub(super) fn merging(seed: u64, kept: u64, absorbed: u64) -> Correction {
    let (kept, absorbed) = (person(kept), person(absorbed));
    correction(seed, Change::Merge { kept, absorbed })
}

/// The first person's row goes to the third.
fn split(seed: u64) -> Correction {
    correction(
        seed,
        Change::Split {
            from: person(1),
            to: person(3),
            index: bytes32(1),
        },
    )
}

pub(super) fn part(seed: u64) -> Correction {
    correction(
        seed,
        Change::Part {
            kept: person(1),
            absorbed: person(2),
        },
    )
}

/// Proposed by Alice.
pub(super) fn correction(seed: u64, change: Change) -> Correction {
    Correction {
        id: id(seed),
        change,
        reason: "a ticket".to_owned(),
        proposed: act("alice", 3),
        confirmed: None,
        undone: None,
    }
}

pub(super) fn act(by: &str, seconds: u64) -> Act {
    Act {
        by: by.to_owned(),
        at: at(seconds),
    }
}

pub(super) fn id(seed: u64) -> CorrectionId {
    CorrectionId::from_bytes(bytes16(seed))
}

fn sector(text: &str) -> Sector {
    valid(text.parse())
}
