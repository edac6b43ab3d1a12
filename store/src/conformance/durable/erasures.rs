//! Requests to erase: asked once, answered once for good.

use guichet_domain::{ExchangeId, PersonId};

use super::corrections::{carried_out, merge, part};
use super::people::person;
use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race};
use crate::durable::{Erasure, ErasureAnswer, ErasureStatement, Party};

/// Each party by itself; a refusal may become an erasure.
pub async fn a_party_is_asked_once_to_erase_and_answers(books: Books) -> Result<(), Fault> {
    let erasures = &books.here.erasures;
    let (service, holder) = (asked(1, Party::Service), asked(1, Party::DataProvider));
    let someone_else = Erasure {
        person: PersonId::from_bytes(bytes16(9)),
        ..asked(2, Party::Service)
    };
    assert!(erasures.ask(&service).await?);
    assert!(erasures.ask(&holder).await?);
    assert!(erasures.ask(&someone_else).await?);
    let mut later = service.clone();
    later.due = at(99_999);
    assert!(!erasures.ask(&later).await?);
    let id = service.exchange;
    let refused = statement(ErasureAnswer::Refused, 20);
    assert!(erasures.answer(id, Party::Service, &refused).await?);
    assert!(!erasures.answer(id, Party::Service, &refused).await?);
    let other_law = ErasureStatement {
        ground: "Code civil, art. 2224".to_owned(),
        ..refused.clone()
    };
    assert!(erasures.answer(id, Party::Service, &other_law).await?);
    assert!(erasures.answer(id, Party::Service, &refused).await?);
    let there = &books.there.erasures;
    let answered = Erasure {
        statement: Some(refused),
        ..service.clone()
    };
    let one = there.erasure(id, Party::Service).await?;
    assert_eq!(one.as_ref(), Some(&answered));
    let mut all = there.erasures_of(service.person).await?;
    all.sort_by_key(|one| one.party.as_str());
    assert_eq!(all, [holder, answered]);
    let done = statement(ErasureAnswer::Done, 30);
    assert!(there.answer(id, Party::Service, &done).await?);
    assert!(!there.answer(id, Party::Service, &other_law).await?);
    let nowhere = ExchangeId::from_bytes(bytes16(77));
    assert!(!there.answer(nowhere, Party::Service, &done).await?);
    assert_eq!(there.erasure(nowhere, Party::Service).await?, None);
    Ok(())
}

/// Of two who turn out to be one, either is told what both asked; until it turns out that they are not.
pub async fn requests_to_erase_follow_whoever_their_person_is(books: Books) -> Result<(), Fault> {
    let erasures = &books.here.erasures;
    let (kept, absorbed) = (person(1), person(2));
    let by = |person, seed| Erasure {
        person,
        ..asked(seed, Party::Service)
    };
    let (theirs, others) = (by(kept, 1), by(absorbed, 2));
    erasures.ask(&theirs).await?;
    erasures.ask(&others).await?;
    let of = |person| books.there.erasures.erasures_of(person);
    assert_eq!(of(kept).await?, std::slice::from_ref(&theirs));
    carried_out(&books.here, merge(1)).await?;
    for person in [kept, absorbed] {
        assert_eq!(of(person).await?, [theirs.clone(), others.clone()]);
    }
    carried_out(&books.here, part(2)).await?;
    assert_eq!(of(kept).await?, [theirs]);
    assert_eq!(of(absorbed).await?, [others]);
    Ok(())
}

/// Fifty answers, some this and some that.
pub async fn what_is_erased_is_never_refused_whoever_answers_first(
    books: Books,
) -> Result<(), Fault> {
    let erasure = asked(1, Party::Service);
    books.here.erasures.ask(&erasure).await?;
    let id = erasure.exchange;
    race(|turn| {
        let erasures = books.node(turn).erasures.clone();
        let answer = if turn.is_multiple_of(2) {
            ErasureAnswer::Done
        } else {
            ErasureAnswer::Refused
        };
        async move {
            let said = statement(answer, turn);
            erasures.answer(id, Party::Service, &said).await
        }
    })
    .await?;
    let after = books.there.erasures.erasure(id, erasure.party).await?;
    let answer = after.and_then(|after| Some(after.statement?.answer));
    assert_eq!(answer, Some(ErasureAnswer::Done));
    Ok(())
}

/// The longest first.
pub async fn a_request_to_erase_without_an_answer_is_found_when_it_is_due(
    books: Books,
) -> Result<(), Fault> {
    let erasures = &books.here.erasures;
    for (seed, due) in [(1, 50), (2, 40), (3, 30), (4, 500)] {
        let erasure = Erasure {
            due: at(due),
            ..asked(seed, Party::Service)
        };
        erasures.ask(&erasure).await?;
    }
    let answered = asked(3, Party::Service);
    let done = statement(ErasureAnswer::Done, 31);
    erasures
        .answer(answered.exchange, answered.party, &done)
        .await?;
    let due = |found: Vec<Erasure>| -> Vec<_> { found.iter().map(|one| one.due).collect() };
    let there = &books.there.erasures;
    assert_eq!(due(there.overdue(at(51), 10).await?), [at(40), at(50)]);
    assert_eq!(due(there.overdue(at(50), 10).await?), [at(40)]);
    assert_eq!(due(there.overdue(at(51), 1).await?), [at(40)]);
    Ok(())
}

fn asked(seed: u64, party: Party) -> Erasure {
    Erasure {
        exchange: ExchangeId::from_bytes(bytes16(seed)),
        party,
        person: PersonId::from_bytes(bytes16(8)),
        client: valid("cantine".parse()),
        asked: at(1),
        due: at(1000),
        statement: None,
    }
}

fn statement(answer: ErasureAnswer, seconds: u64) -> ErasureStatement {
    let ground = match answer {
        ErasureAnswer::Done => "",
        ErasureAnswer::Refused => "Code du patrimoine, art. L. 211-1",
    };
    ErasureStatement {
        answer,
        ground: ground.to_owned(),
        signed: "a.b.c".to_owned(),
        at: at(seconds),
    }
}
