//! For the support: what is read out leads to its entries, and a citizen's answer counts once.

use guichet_domain::{PersonId, Sealed, SupportRequestId};

use super::at;
use super::corrections::{carried_out, merge};
use super::people::person;
use crate::Fault;
use crate::conformance::{Books, bytes16, race, times};
use crate::durable::people::Sighting;
use crate::durable::support_requests::{SupportAnswer, SupportRequest, SupportWord};
use crate::durable::traces::{Known, TraceMark};

/// Whoever comes first reads a page; a login that goes on is one row, and others are left alone.
pub async fn a_trace_is_read_once_and_found_by_what_is_read_out(books: Books) -> Result<(), Fault> {
    assert_eq!(books.here.traces.read_to().await?, 0);
    let read = race(|turn| {
        let traces = books.node(turn).traces.clone();
        async move {
            let page = [
                mark("ABCD-EFGH", "one", (3, 5)),
                mark("ABCD-EFGH", "two", (6, 6)),
                mark("WXYZ-2345", "", (4, 4)),
            ];
            traces.read_on(0, 8, &page).await
        }
    });
    assert_eq!(times(&read.await?, &true), 1);
    let there = &books.there.traces;
    assert_eq!(there.read_to().await?, 8);
    let on = [mark("ABCD-EFGH", "one", (9, 12))];
    let read_again = there.read_on(0, 8, &on).await?;
    assert!(!read_again, "it was read already");
    assert!(there.read_on(8, 13, &on).await?);
    let here = &books.here.traces;
    let (one, two) = (
        mark("ABCD-EFGH", "one", (3, 12)),
        mark("ABCD-EFGH", "two", (6, 6)),
    );
    assert_eq!(here.found("ABCD-EFGH", 9).await?, [one.clone(), two]);
    assert_eq!(here.found("ABCD-EFGH", 1).await?, [one]);
    let other = mark("WXYZ-2345", "", (4, 4));
    assert_eq!(here.found("WXYZ-2345", 9).await?, [other]);
    assert!(here.found("ABCD-EFG", 9).await?.is_empty());
    // What began before a place is forgotten.
    assert_eq!(there.forget_traces(6).await?, 2);
    assert!(here.found("WXYZ-2345", 9).await?.is_empty());
    assert_eq!(here.found("ABCD-EFGH", 9).await?.len(), 1);
    assert_eq!(there.forget_traces(6).await?, 0);
    Ok(())
}

/// By when their first row was made.
pub async fn whoever_came_to_be_known_about_a_time_is_found(books: Books) -> Result<(), Fault> {
    for (seed, seconds) in [(1, 10), (2, 20), (3, 30), (4, 30), (5, 30)] {
        let sighting = Sighting {
            index: &[seed; 32],
            stated: None,
            vouched: true,
        };
        let people = &books.here.people;
        people
            .recognize(sighting, person(seed.into()), at(seconds))
            .await?;
    }
    let traces = &books.there.traces;
    let who = |all: &[Known]| all.iter().map(|it| it.person).collect::<Vec<_>>();
    let known = traces.known_between((at(20), at(30)), None, 9).await?;
    assert_eq!(who(&known), [person(2)]);
    let all = (at(10), at(31));
    let first = traces.known_between(all, None, 2).await?;
    assert_eq!(who(&first), [person(1), person(2)]);
    // In pages, those of one moment among them, and each once.
    let second = traces.known_between(all, first.last(), 2).await?;
    assert_eq!(who(&second), [person(3), person(4)]);
    let third = traces.known_between(all, second.last(), 2).await?;
    assert_eq!(who(&third), [person(5)]);
    let late = traces.known_between((at(31), at(90)), None, 9).await?;
    assert!(late.is_empty());
    Ok(())
}

/// Once, whoever asks; not past its time; and what was agreed to is taken back once.
pub async fn a_citizen_agrees_once_in_time_and_takes_it_back_once(
    books: Books,
) -> Result<(), Fault> {
    let requests = &books.here.support_requests;
    assert!(requests.ask(&asked(person(1), 1), 1).await?);
    assert!(!requests.ask(&asked(person(1), 2), 1).await?, "one waits");
    let id = asked(person(1), 1).id;
    assert!(
        !requests
            .answer(id, &answer(SupportWord::Withdrawn, 20))
            .await?
    );
    let agreed = race(|turn| {
        let requests = books.node(turn).support_requests.clone();
        async move { requests.answer(id, &answer(SupportWord::Agreed, 20)).await }
    });
    assert_eq!(times(&agreed.await?, &true), 1);
    assert!(
        !requests
            .answer(id, &answer(SupportWord::Refused, 21))
            .await?
    );
    let there = &books.there.support_requests;
    let known = there.asked_about("ABCD-EFGH", "staff:1", 5).await?;
    assert_eq!(known[0].answer, Some(answer(SupportWord::Agreed, 20)));
    assert!(
        there
            .asked_about("ABCD-EFGH", "staff:2", 5)
            .await?
            .is_empty()
    );
    assert!(
        there
            .answer(id, &answer(SupportWord::Withdrawn, 30))
            .await?
    );
    assert!(
        !there
            .answer(id, &answer(SupportWord::Withdrawn, 31))
            .await?
    );
    assert!(!there.answer(id, &answer(SupportWord::Agreed, 31)).await?);
    let late = asked(person(2), 3);
    assert!(requests.ask(&late, 1).await?);
    assert!(
        !requests
            .answer(late.id, &answer(SupportWord::Agreed, 100))
            .await?
    );
    assert_eq!(there.support_request(late.id).await?, Some(late));
    Ok(())
}

/// Once nobody can answer any more, nor sees what they agreed to.
pub async fn what_the_support_asked_long_ago_is_forgotten(books: Books) -> Result<(), Fault> {
    let requests = &books.here.support_requests;
    for seed in 1..=3 {
        requests.ask(&asked(person(seed), seed), 1).await?;
    }
    let (agreed, refused) = (asked(person(1), 1).id, asked(person(2), 2).id);
    let late = answer(SupportWord::Agreed, 99);
    assert!(requests.answer(agreed, &late).await?);
    let no = answer(SupportWord::Refused, 20);
    assert!(requests.answer(refused, &no).await?);
    let there = &books.there.support_requests;
    assert_eq!(there.forget_requests(at(100)).await?, 0);
    assert_eq!(there.forget_requests(at(101)).await?, 2);
    assert!(there.support_request(refused).await?.is_none());
    assert!(there.support_request(agreed).await?.is_some());
    assert_eq!(there.forget_requests(at(160)).await?, 1);
    Ok(())
}

/// Of two who turn out to be one, either reads what was asked of both.
pub async fn what_the_support_asks_follows_whoever_the_person_is(
    books: Books,
) -> Result<(), Fault> {
    let requests = &books.here.support_requests;
    requests.ask(&asked(person(1), 1), 5).await?;
    requests.ask(&asked(person(2), 2), 5).await?;
    let of = |who| books.there.support_requests.asked_of(who, 9);
    assert_eq!(of(person(2)).await?, [asked(person(2), 2)]);
    carried_out(&books.here, merge(1)).await?;
    assert_eq!(of(person(1)).await?.len(), 2);
    assert_eq!(of(person(2)).await?.len(), 2);
    assert!(of(person(3)).await?.is_empty());
    Ok(())
}

fn mark(handle: &str, login: &str, (first, last): (u64, u64)) -> TraceMark {
    TraceMark {
        handle: handle.to_owned(),
        login: login.to_owned(),
        first,
        last,
    }
}

fn asked(person: PersonId, seed: u64) -> SupportRequest {
    SupportRequest {
        id: SupportRequestId::from_bytes(bytes16(seed)),
        person,
        handle: "ABCD-EFGH".to_owned(),
        by: "staff:1".to_owned(),
        sealed: Sealed::from_bytes(b"why".to_vec()),
        asked: at(10),
        expires: at(100),
        answer: None,
    }
}

fn answer(word: SupportWord, seconds: u64) -> SupportAnswer {
    SupportAnswer {
        word,
        at: at(seconds),
        until: at(seconds + 60),
    }
}
