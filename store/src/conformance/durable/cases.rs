//! Cases: whom they bar, where, and until when.

use guichet_domain::{CaseId, PersonId, Sealed, Timestamp};

use super::at;
use super::corrections::{act, carried_out, correction, id, merging};
use super::people::{person, recognize, stated, vouched};
use crate::Fault;
use crate::conformance::{Books, bytes16, bytes32, race, sealed, times};
use crate::durable::cases::{Case, CaseKind, Listed};
use crate::durable::corrections::{Change, Correction, Settled};
use crate::durable::{ActivePerson, Bar};

/// The other node sees it with its next question; before and after a merge, under either name.
pub async fn a_case_bars_its_person_on_every_node_at_once_and_whoever_they_were_merged_with(
    books: Books,
) -> Result<(), Fault> {
    let (here, there) = (&books.here, &books.there);
    recognize(here, stated(1), 1, at(1)).await?;
    recognize(here, stated(2), 2, at(1)).await?;
    let admitted = ActivePerson::admit(&*there.gate, person(1), at(1)).await?;
    assert_eq!(admitted.map(ActivePerson::id), Ok(person(1)));
    assert!(here.cases.open(&freeze(7, 1)).await?);
    assert!(!there.cases.open(&freeze(7, 1)).await?, "it is known");
    let bar = Bar {
        case: case_id(7),
        kind: CaseKind::Freeze,
        since: at(5),
        is_over: false,
    };
    for node in [here, there] {
        for since in [at(0), at(5), at(99)] {
            assert_eq!(node.gate.bar(person(1), since).await?, Some(bar));
        }
        assert_eq!(node.gate.bar(person(2), at(9)).await?, None);
        assert_eq!(node.gate.bar(person(9), at(9)).await?, None, "nobody");
    }
    // Who was kept is barred by the case of who was taken in, and the other way round.
    carried_out(here, merging(1, 2, 1)).await?;
    for who in [1, 2] {
        assert_eq!(there.gate.bar(person(who), at(9)).await?, Some(bar));
        let about = there.cases.open_about(person(who)).await?;
        assert_eq!(about, [freeze(7, 1)]);
    }
    Ok(())
}

/// Sessions and tokens from before stay dead; what begins afterwards lives.
pub async fn what_began_before_a_case_ended_does_not_come_back_with_its_end(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    store.cases.open(&freeze(7, 1)).await?;
    assert!(books.there.cases.end(case_id(7), &act("bob", 9)).await?);
    let over = |bar: Option<Bar>| bar.map(|bar| bar.is_over);
    for since in [at(1), at(5), at(8)] {
        assert_eq!(over(store.gate.bar(person(1), since).await?), Some(true));
    }
    assert_eq!(store.gate.bar(person(1), at(9)).await?, None);
    assert_eq!(store.cases.open_about(person(1)).await?, []);
    let mut over_by_then = freeze(7, 1);
    over_by_then.ended = Some(act("bob", 9));
    assert_eq!(store.cases.all_about(person(1), 9).await?, [over_by_then]);
    assert_eq!(store.cases.all_about(person(2), 9).await?, []);
    // A second one that is open counts before one that is over.
    store.cases.open(&closure(8, 1)).await?;
    let bar = store.gate.bar(person(1), at(1)).await?;
    assert_eq!(
        bar.map(|bar| (bar.kind, bar.is_over)),
        Some((CaseKind::Closure, false))
    );
    assert_eq!(store.cases.all_about(person(1), 9).await?.len(), 2);
    assert_eq!(store.cases.all_about(person(1), 1).await?.len(), 1);
    Ok(())
}

/// Frozen as one, they are frozen as two: those who were merged, and whoever a row goes to.
pub async fn of_persons_parted_while_a_case_is_open_each_stays_barred(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    recognize(store, vouched(1), 1, at(1)).await?;
    recognize(store, vouched(2), 2, at(1)).await?;
    carried_out(store, merging(1, 1, 2)).await?;
    store.cases.open(&freeze(7, 1)).await?;
    let part = Change::Part {
        kept: person(1),
        absorbed: person(2),
    };
    carried_out(store, correction(2, part)).await?;
    let split = Change::Split {
        from: person(1),
        to: person(3),
        index: bytes32(1),
    };
    carried_out(store, correction(3, split)).await?;
    for who in [1, 2, 3] {
        let bar = books.there.gate.bar(person(who), at(9)).await?;
        assert_eq!(bar.map(|bar| bar.case), Some(case_id(7)), "{who}");
    }
    // Nobody is frozen by the split of somebody who is not.
    recognize(store, vouched(4), 4, at(1)).await?;
    let split = Change::Split {
        from: person(4),
        to: person(5),
        index: bytes32(4),
    };
    carried_out(store, correction(4, split)).await?;
    assert_eq!(store.gate.bar(person(5), at(9)).await?, None);
    Ok(())
}

/// One operator alone ends nothing; of fifty who end it at once one does.
pub async fn a_case_is_ended_by_two_operators_or_once_by_its_person(
    books: Books,
) -> Result<(), Fault> {
    let store = &books.here;
    store.cases.open(&freeze(7, 1)).await?;
    store.corrections.propose(&thaw(1, 7)).await?;
    let alone = store.corrections.confirm(id(1), &act("alice", 9)).await?;
    assert_eq!(alone, Settled::Refused);
    assert!(store.gate.bar(person(1), at(99)).await?.is_some());
    let confirmed = books
        .there
        .corrections
        .confirm(id(1), &act("bob", 9))
        .await?;
    assert_eq!(confirmed, Settled::Done);
    assert_eq!(store.gate.bar(person(1), at(10)).await?, None);
    let case = store.cases.case(case_id(7)).await?;
    assert_eq!(case.and_then(|case| case.ended), Some(act("bob", 9)));
    let kept = store.corrections.correction(id(1)).await?;
    assert_eq!(kept.map(|kept| kept.change), Some(thaw(1, 7).change));

    store.cases.open(&freeze(8, 1)).await?;
    let ended = race(|turn| {
        let cases = books.node(turn).cases.clone();
        async move { cases.end(case_id(8), &act("the person", 9)).await }
    })
    .await?;
    assert_eq!(times(&ended, &true), 1);
    // What is over already is not thawed.
    store.corrections.propose(&thaw(2, 8)).await?;
    let late = store.corrections.confirm(id(2), &act("bob", 11)).await?;
    assert_eq!(late, Settled::Overtaken);
    Ok(())
}

/// Undone, the case is open as it was.
pub async fn a_thaw_is_undone_within_its_window(books: Books) -> Result<(), Fault> {
    let store = &books.here;
    store.cases.open(&freeze(7, 1)).await?;
    carried_out(store, thaw(1, 7)).await?;
    assert_eq!(store.gate.bar(person(1), at(10)).await?, None);
    let undo = |not_before: Timestamp| {
        let corrections = &store.corrections;
        async move {
            let carol = act("carol", 12);
            corrections.undo(id(1), &carol, not_before).await
        }
    };
    assert_eq!(undo(at(6)).await?, Settled::Refused, "too late");
    assert_eq!(undo(at(5)).await?, Settled::Done);
    assert!(books.there.gate.bar(person(1), at(99)).await?.is_some());
    let case = store.cases.case(case_id(7)).await?;
    assert_eq!(case, Some(freeze(7, 1)));
    Ok(())
}

/// It comes back as it was left.
pub async fn a_report_is_kept_and_bars_nobody(books: Books) -> Result<(), Fault> {
    let report = Case {
        kind: CaseKind::Report,
        person: None,
        evidence: sealed("what they said"),
        ..freeze(7, 1)
    };
    assert!(books.here.cases.open(&report).await?);
    let kept = books.there.cases.case(case_id(7)).await?;
    assert_eq!(kept, Some(report));
    assert_eq!(books.here.gate.bar(person(1), at(9)).await?, None);
    Ok(())
}

/// Whoever died before telling the services leaves it for another; the newest are read first.
pub async fn a_case_is_listed_until_it_was_followed(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here, &books.there);
    here.cases.open(&freeze(7, 1)).await?;
    let later = Case {
        opened: act("alice", 6),
        ..closure(8, 2)
    };
    here.cases.open(&later).await?;
    let ids = |cases: Vec<Case>| cases.iter().map(|case| case.id).collect::<Vec<_>>();
    let left = there.cases.list(Listed::Unfollowed, 9).await?;
    assert_eq!(ids(left), [case_id(7), case_id(8)]);
    here.cases.followed(case_id(7)).await?;
    let left = there.cases.list(Listed::Unfollowed, 9).await?;
    assert_eq!(ids(left), [case_id(8)]);
    let latest = there.cases.list(Listed::Latest, 9).await?;
    assert_eq!(ids(latest), [case_id(8), case_id(7)]);
    assert_eq!(there.cases.list(Listed::Latest, 1).await?.len(), 1);
    Ok(())
}

fn freeze(seed: u64, who: u64) -> Case {
    case(seed, CaseKind::Freeze, person(who))
}

fn closure(seed: u64, who: u64) -> Case {
    case(seed, CaseKind::Closure, person(who))
}

fn case(seed: u64, kind: CaseKind, about: PersonId) -> Case {
    Case {
        id: case_id(seed),
        kind,
        person: Some(about),
        opened: act("alice", 5),
        reason: "a ticket".to_owned(),
        evidence: Sealed::from_bytes(Vec::new()),
        ended: None,
    }
}

fn thaw(seed: u64, case: u64) -> Correction {
    let (person, case) = (person(1), case_id(case));
    correction(seed, Change::Thaw { person, case })
}

fn case_id(seed: u64) -> CaseId {
    CaseId::from_bytes(bytes16(seed))
}
