//! What citizens ask by right: answered until it is settled, found by whoever they turn out to be.

use guichet_domain::{PersonId, RightsRequestId, Sealed};

use super::at;
use super::corrections::{carried_out, merge};
use super::people::person;
use crate::Fault;
use crate::conformance::{Books, bytes16};
use crate::durable::rights_requests::{RightKind, RightsAnswer, RightsOutcome, RightsRequest};

/// Passed on, then done; afterwards nothing changes it, and in the end it is forgotten.
pub async fn a_citizens_request_is_answered_until_it_is_settled(books: Books) -> Result<(), Fault> {
    let requests = &books.here.rights_requests;
    let asked = asked(person(1), 1, RightKind::Rectification);
    assert!(requests.ask(&asked, 5).await?);
    assert!(!requests.ask(&asked, 5).await?, "a known one stays");
    let there = &books.there.rights_requests;
    assert_eq!(there.request(asked.id).await?, Some(asked.clone()));
    assert_eq!(there.unsettled(10).await?, std::slice::from_ref(&asked));
    assert!(
        there
            .answer(asked.id, &answer(RightsOutcome::PassedOn, 20))
            .await?
    );
    assert_eq!(requests.unsettled(10).await?.len(), 1);
    let done = answer(RightsOutcome::Done, 30);
    assert!(requests.answer(asked.id, &done).await?);
    assert!(
        !requests
            .answer(asked.id, &answer(RightsOutcome::Refused, 40))
            .await?
    );
    assert!(requests.unsettled(10).await?.is_empty());
    let answered = RightsRequest {
        answer: Some(done),
        ..asked.clone()
    };
    assert_eq!(there.request(asked.id).await?, Some(answered));
    assert_eq!(there.forget_settled(at(30)).await?, 0);
    assert_eq!(there.forget_settled(at(31)).await?, 1);
    assert_eq!(requests.request(asked.id).await?, None);
    Ok(())
}

/// Whoever has too many that are not settled waits; nobody else does.
pub async fn a_citizen_has_only_so_many_requests_that_wait(books: Books) -> Result<(), Fault> {
    let requests = &books.here.rights_requests;
    let by = |who, seed| asked(who, seed, RightKind::Objection);
    assert!(requests.ask(&by(person(1), 1), 2).await?);
    assert!(requests.ask(&by(person(1), 2), 2).await?);
    assert!(!requests.ask(&by(person(1), 3), 2).await?);
    assert!(requests.ask(&by(person(2), 4), 2).await?);
    let first = by(person(1), 1).id;
    let withdrawn = answer(RightsOutcome::Withdrawn, 20);
    assert!(requests.answer(first, &withdrawn).await?);
    assert!(requests.ask(&by(person(1), 3), 2).await?);
    Ok(())
}

/// Of two who turn out to be one, either reads what both asked.
pub async fn requests_follow_whoever_their_person_is(books: Books) -> Result<(), Fault> {
    let requests = &books.here.rights_requests;
    let (kept, absorbed) = (person(1), person(2));
    let (theirs, others) = (
        asked(kept, 1, RightKind::Erasure),
        asked(absorbed, 2, RightKind::Complaint),
    );
    requests.ask(&theirs, 5).await?;
    requests.ask(&others, 5).await?;
    let of = |who| books.there.rights_requests.of_person(who);
    assert_eq!(of(kept).await?, std::slice::from_ref(&theirs));
    carried_out(&books.here, merge(1)).await?;
    for who in [kept, absorbed] {
        assert_eq!(of(who).await?, [others.clone(), theirs.clone()]);
    }
    Ok(())
}

fn asked(person: PersonId, seed: u64, kind: RightKind) -> RightsRequest {
    RightsRequest {
        id: RightsRequestId::from_bytes(bytes16(seed)),
        person,
        kind,
        addressee: "hub".to_owned(),
        sealed: Sealed::from_bytes(seed.to_be_bytes().to_vec()),
        made: at(seed),
        due: at(seed + 100),
        answer: None,
    }
}

fn answer(outcome: RightsOutcome, seconds: u64) -> RightsAnswer {
    RightsAnswer {
        outcome,
        sealed: Sealed::from_bytes(vec![9]),
        by: "alix".to_owned(),
        at: at(seconds),
    }
}
