//! Decisions about evidence: pulls that stay within what was granted, revocations that win.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{ExchangeId, GrantId, PersonId};

use super::corrections::{carried_out, merge, part};
use super::people::person;
use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, RACERS, bytes16, bytes32, race, sealed, times};
use crate::durable::{
    DeliveryHalf, DeliveryRecord, EvidenceEnd, EvidenceGrantRecord, EvidenceGrants,
    EvidenceOutcome, LastPull, Pull,
};

/// What is spent, where it does not matter which.
const VOUCHER: [u8; 32] = [1; 32];

/// By its own name, by that of the data provider, of its person and of its sign-in.
pub async fn a_decision_comes_back_as_it_was_recorded(books: Books) -> Result<(), Fault> {
    let (first, mut second) = (single(1), single(2));
    second.decided = at(5);
    second.grant = first.grant;
    let grants = &books.here.evidence_grants;
    grants.record(&first).await?;
    grants.record(&second).await?;
    let mut changed = first.clone();
    changed.max_pulls = 9;
    grants.record(&changed).await?;
    let there = &books.there.evidence_grants;
    assert_eq!(there.get(first.id).await?.as_ref(), Some(&first));
    assert_eq!(there.of_alias(first.alias).await?.as_ref(), Some(&first));
    assert_eq!(there.get(first.alias).await?, None);
    assert_eq!(there.of_alias(first.id).await?, None);
    let newest_first = there.of_person(first.person, 10).await?;
    assert_eq!(newest_first, [second.clone(), first.clone()]);
    assert_eq!(there.of_person(first.person, 1).await?, [second.clone()]);
    let nobody = PersonId::from_bytes(bytes16(99));
    assert!(there.of_person(nobody, 10).await?.is_empty());
    let together = there.of_grant(first.grant).await?;
    assert_eq!(together, [first.clone(), second.clone()]);
    let other = GrantId::from_bytes(bytes16(99));
    assert!(there.of_grant(other).await?.is_empty());
    Ok(())
}

/// Not when the citizen decides: when the service is answered. Once, whoever begins it; and what was taken
/// back before then never does.
pub async fn what_is_granted_begins_with_its_sign_in_and_not_before(
    books: Books,
) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let (single, recurring) = (single(1), recurring(2));
    let of = |record: EvidenceGrantRecord, seed| EvidenceGrantRecord {
        grant: GrantId::from_bytes(bytes16(seed)),
        ..record
    };
    let (single, recurring) = (of(single, 70), of(recurring, 70));
    let (elsewhere, left) = (of(self::single(3), 71), of(self::single(4), 70));
    let refused = EvidenceGrantRecord {
        max_pulls: 0,
        ..of(self::single(5), 70)
    };
    for grant in [&single, &recurring, &elsewhere, &left, &refused] {
        grants.record(grant).await?;
        assert_eq!(grants.pull(grant.id, &VOUCHER, at(2)).await?, Pull::Ended);
    }
    let standing = || {
        let there = &books.there.evidence_grants;
        let (client, evidence) = (&recurring.client, &recurring.evidence_type);
        there.recurring(recurring.person, client, evidence, at(3))
    };
    assert_eq!(standing().await?, None);
    assert!(grants.end(left.id, EvidenceEnd::Revoked, at(2)).await?);
    let begun = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.begin(GrantId::from_bytes(bytes16(70)), at(3)).await }
    })
    .await?;
    assert!(begun.iter().all(Vec::is_empty), "{begun:?}");
    let standing = standing().await?;
    assert_eq!(
        standing.map(|it| (it.id, it.begun)),
        Some((recurring.id, Some(at(3))))
    );
    grants.begin(recurring.grant, at(9)).await?;
    let once = Pull::Allowed { count: 1 };
    for (grant, begun, pull) in [
        (&single, Some(at(3)), once),
        (&recurring, Some(at(3)), once),
        (&elsewhere, None, Pull::Ended),
        (&left, None, Pull::Ended),
        (&refused, None, Pull::Ended),
    ] {
        let known = books.there.evidence_grants.get(grant.id).await?;
        assert_eq!(known.and_then(|known| known.begun), begun, "{grant:?}");
        let pulled = grants.pull(grant.id, &VOUCHER, at(10)).await?;
        assert_eq!(pulled, pull, "{grant:?}");
    }
    let late = of(
        EvidenceGrantRecord {
            expires: at(5),
            ..self::single(6)
        },
        72,
    );
    grants.record(&late).await?;
    grants.begin(late.grant, at(5)).await?;
    let known = books.there.evidence_grants.get(late.id).await?;
    assert_eq!(known.and_then(|known| known.begun), None);
    Ok(())
}

/// In the same step, so that never both live; and nothing else ends by it.
pub async fn a_changed_decision_ends_the_one_before(books: Books) -> Result<(), Fault> {
    let first = recurring(1);
    let grants = &books.here.evidence_grants;
    assert!(begun(grants, &first).await?.is_empty());
    let others = [
        EvidenceGrantRecord {
            client: valid("carte-grise".parse()),
            ..recurring(11)
        },
        EvidenceGrantRecord {
            evidence_type: valid("revenu-fiscal".parse()),
            ..recurring(12)
        },
        EvidenceGrantRecord {
            person: PersonId::from_bytes(bytes16(9)),
            ..recurring(13)
        },
        single(14),
    ];
    let refused = EvidenceGrantRecord {
        max_pulls: 0,
        outcome: EvidenceOutcome::Refused,
        ..recurring(15)
    };
    for other in others.iter().chain([&refused]) {
        assert!(begun(grants, other).await?.is_empty(), "{other:?}");
    }
    let second = EvidenceGrantRecord {
        decided: at(9),
        predecessor: Some(first.id),
        // Once more, and yet again and again.
        max_pulls: 1,
        ..recurring(2)
    };
    let stands = || {
        let there = &books.there.evidence_grants;
        let stands = there.recurring(first.person, &first.client, &first.evidence_type, at(9));
        async move { stands.await.map(|stands| stands.map(|it| it.id)) }
    };
    assert_eq!(stands().await?, Some(first.id));
    grants.record(&second).await?;
    assert_eq!(stands().await?, Some(first.id), "decided, and no more");
    assert_eq!(begun(grants, &second).await?, [first.id]);
    assert!(begun(grants, &second).await?.is_empty(), "once");
    assert_eq!(stands().await?, Some(second.id));
    let before = books.there.evidence_grants.get(first.id).await?;
    let ended = before.and_then(|before| before.ended);
    assert_eq!(ended, Some((at(9), EvidenceEnd::Replaced)));
    assert_eq!(grants.pull(first.id, &VOUCHER, at(10)).await?, Pull::Ended);
    for live in others.iter().chain([&second]) {
        let allowed = grants.pull(live.id, &VOUCHER, at(10)).await?;
        assert_eq!(allowed, Pull::Allowed { count: 1 }, "{live:?}");
    }
    Ok(())
}

/// Fifty decide the same at once: one decision stands, and each other one was ended by exactly one.
pub async fn of_recurring_decisions_at_once_one_stands(books: Books) -> Result<(), Fault> {
    let ended = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { begun(&grants, &recurring(turn)).await }
    })
    .await?;
    let mut ended: Vec<ExchangeId> = ended.into_iter().flatten().collect();
    assert_eq!(ended.len() as u64, RACERS - 1);
    ended.sort();
    ended.dedup();
    assert_eq!(ended.len() as u64, RACERS - 1);
    let all = books.there.evidence_grants.of_person(single(1).person, 100);
    let all = all.await?;
    assert_eq!(all.iter().filter(|grant| grant.is_live(at(10))).count(), 1);
    Ok(())
}

/// What two decided who turned out to be one is that one's; until it turns out that they are not.
pub async fn decisions_follow_whoever_their_person_is(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let (kept, absorbed) = (person(1), person(2));
    let decided_by = |person, seed| EvidenceGrantRecord {
        person,
        ..recurring(seed)
    };
    let (theirs, others) = (decided_by(kept, 1), decided_by(absorbed, 2));
    begun(grants, &theirs).await?;
    begun(grants, &others).await?;
    let ids = |found: Vec<EvidenceGrantRecord>| -> Vec<ExchangeId> {
        found.iter().map(|grant| grant.id).collect()
    };
    let of = |person| books.there.evidence_grants.of_person(person, 10);
    assert_eq!(ids(of(kept).await?), [theirs.id]);
    carried_out(&books.here, merge(1)).await?;
    for person in [kept, absorbed] {
        assert_eq!(ids(of(person).await?), [theirs.id, others.id]);
    }
    // What one of them decides anew takes the place of what both had.
    let anew = EvidenceGrantRecord {
        decided: at(9),
        ..decided_by(kept, 3)
    };
    let mut ended = begun(grants, &anew).await?;
    ended.sort();
    assert_eq!(ended, [theirs.id, others.id]);
    carried_out(&books.here, part(2)).await?;
    assert_eq!(ids(of(kept).await?), [anew.id, theirs.id]);
    assert_eq!(ids(of(absorbed).await?), [others.id]);
    Ok(())
}

/// Fifty pull what may be pulled once, and nobody confirms: one pull, tried as often as one may be.
pub async fn evidence_is_pulled_as_often_as_granted_whoever_asks_first(
    books: Books,
) -> Result<(), Fault> {
    let grant = single(1);
    begun(&books.here.evidence_grants, &grant).await?;
    let id = grant.id;
    let outcomes = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.pull(id, &VOUCHER, at(2)).await }
    })
    .await?;
    // One that nobody confirmed may be tried again, so often and no more.
    let allowed = Pull::Allowed { count: 1 };
    let times = outcomes.iter().filter(|one| **one == allowed).count();
    assert_eq!(times as u64, u64::from(EvidenceGrantRecord::MOST_TRIES));
    let exhausted = outcomes.iter().filter(|one| **one == Pull::Exhausted);
    assert_eq!(exhausted.count() as u64, RACERS - times as u64);
    let after = books.there.evidence_grants.get(id).await?;
    let last = LastPull {
        at: at(2),
        tries: EvidenceGrantRecord::MOST_TRIES,
        arrived: false,
        confirmed: None,
    };
    assert_eq!(
        after.map(|after| (after.pulls, after.last_pull)),
        Some((1, Some(last)))
    );
    Ok(())
}

/// Fifty pull what may be pulled once, and each confirms what it got: two evidences never leave by it.
pub async fn a_pull_that_was_confirmed_is_not_tried_again_whoever_races(
    books: Books,
) -> Result<(), Fault> {
    let grant = single(1);
    begun(&books.here.evidence_grants, &grant).await?;
    let id = grant.id;
    let first = books.here.evidence_grants.pull(id, &VOUCHER, at(2)).await?;
    assert_eq!(first, Pull::Allowed { count: 1 });
    let arrived = half(id, 1, DeliveryHalf::Received);
    books.there.evidence_grants.deliver(&arrived).await?;
    let outcomes = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.pull(id, &VOUCHER, at(2)).await }
    })
    .await?;
    assert!(
        outcomes.iter().all(|one| *one == Pull::Exhausted),
        "{outcomes:?}"
    );
    Ok(())
}

/// Ten minutes, or until the service confirmed.
pub async fn a_pull_that_nobody_confirmed_may_be_tried_again_for_a_moment(
    books: Books,
) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let (lost, arrived) = (single(1), single(2));
    let once = Pull::Allowed { count: 1 };
    for grant in [&lost, &arrived] {
        begun(grants, grant).await?;
        assert_eq!(grants.pull(grant.id, &VOUCHER, at(100)).await?, once);
    }
    grants
        .deliver(&half(arrived.id, 7, DeliveryHalf::Received))
        .await?;
    assert_eq!(grants.pull(lost.id, &VOUCHER, at(101)).await?, once);
    assert_eq!(
        grants.pull(arrived.id, &VOUCHER, at(101)).await?,
        Pull::Exhausted
    );
    assert_eq!(grants.pull(lost.id, &VOUCHER, at(699)).await?, once);
    assert_eq!(
        grants.pull(lost.id, &VOUCHER, at(700)).await?,
        Pull::Exhausted
    );
    let rested = single(3);
    begun(grants, &rested).await?;
    assert_eq!(grants.pull(rested.id, &VOUCHER, at(100)).await?, once);
    assert_eq!(
        grants.pull(rested.id, &VOUCHER, at(700)).await?,
        Pull::Exhausted
    );
    Ok(())
}

/// Not twice within its time, not more often than granted, not after its end.
pub async fn a_recurring_grant_keeps_its_rhythm_and_its_end(books: Books) -> Result<(), Fault> {
    let grant = EvidenceGrantRecord {
        max_pulls: 3,
        every: Duration::from_secs(1000),
        expires: at(5000),
        ..single(1)
    };
    let grants = &books.here.evidence_grants;
    begun(grants, &grant).await?;
    for (count, seconds) in [(1, 10), (2, 1010), (3, 2500)] {
        let pulled = grants.pull(grant.id, &VOUCHER, at(seconds)).await?;
        assert_eq!(pulled, Pull::Allowed { count });
        let delivered = DeliveryRecord {
            pull: count,
            ..half(grant.id, u64::from(count), DeliveryHalf::Received)
        };
        grants.deliver(&delivered).await?;
        if count < 3 {
            let early = grants.pull(grant.id, &VOUCHER, at(seconds + 999)).await?;
            let at = at(seconds + 1000);
            assert_eq!(early, Pull::TooSoon { at });
        }
    }
    assert_eq!(
        grants.pull(grant.id, &VOUCHER, at(4999)).await?,
        Pull::Exhausted
    );
    assert_eq!(
        grants.pull(grant.id, &VOUCHER, at(5000)).await?,
        Pull::Ended
    );
    let nowhere = ExchangeId::from_bytes(bytes16(99));
    assert_eq!(grants.pull(nowhere, &VOUCHER, at(1)).await?, Pull::Unknown);
    Ok(())
}

/// Whoever revokes and is told so sees no pull after it.
pub async fn nothing_is_pulled_after_a_revocation_that_raced_it(books: Books) -> Result<(), Fault> {
    let outcomes = race(|turn| {
        let (here, there) = (
            books.node(turn).evidence_grants.clone(),
            books.node(turn + 1).evidence_grants.clone(),
        );
        async move {
            let grant = single(turn);
            begun(&here, &grant).await?;
            let id = grant.id;
            let early = tokio::spawn({
                let there = there.clone();
                async move { there.pull(id, &VOUCHER, at(2)).await }
            });
            assert!(here.end(id, EvidenceEnd::Revoked, at(2)).await?);
            let late = there.pull(id, &VOUCHER, at(2)).await?;
            let early = early.await.map_err(|error| Fault::new("a racer", error))?;
            let pulls = here.get(id).await?.map_or(0, |after| after.pulls);
            early.map(|early| (early, late, pulls))
        }
    })
    .await?;
    for (early, late, pulls) in outcomes {
        assert_eq!(late, Pull::Ended);
        let was_pulled = early == Pull::Allowed { count: 1 };
        assert!(was_pulled || early == Pull::Ended, "{early:?}");
        assert_eq!(pulls, u32::from(was_pulled));
    }
    Ok(())
}

/// Of fifty who end it, one did.
pub async fn a_grant_ends_once(books: Books) -> Result<(), Fault> {
    let grant = single(1);
    begun(&books.here.evidence_grants, &grant).await?;
    let id = grant.id;
    let ended = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        async move { grants.end(id, EvidenceEnd::GivenBack, at(turn)).await }
    })
    .await?;
    assert_eq!(ended.iter().filter(|one| **one).count(), 1);
    Ok(())
}

/// Of two who take fields away at once one does, and nobody from a grant that ended.
pub async fn a_grant_is_narrowed_as_long_as_it_stands_and_by_one_at_a_time(
    books: Books,
) -> Result<(), Fault> {
    let grant = recurring(1);
    let grants = &books.here.evidence_grants;
    grants.record(&grant).await?;
    let narrowed = race(|turn| {
        let grants = books.node(turn).evidence_grants.clone();
        let (id, before) = (grant.id, grant.terms.clone());
        let after = sealed(&format!("less {turn}"));
        async move { grants.narrow(id, &before, &after, at(1)).await }
    });
    assert_eq!(times(&narrowed.await?, &true), 1);
    let there = &books.there.evidence_grants;
    let kept = there.get(grant.id).await?;
    let terms = kept.map_or_else(|| sealed(""), |kept| kept.terms);
    assert_ne!(terms, grant.terms);
    let nothing = sealed("nothing");
    assert!(
        !there
            .narrow(grant.id, &terms, &nothing, grant.expires)
            .await?
    );
    there.end(grant.id, EvidenceEnd::Revoked, at(2)).await?;
    assert!(!there.narrow(grant.id, &terms, &nothing, at(3)).await?);
    Ok(())
}

/// A refusal and a contested evidence are records, not grants.
pub async fn what_was_refused_cannot_be_pulled(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    for (seed, outcome) in [
        (1, EvidenceOutcome::Refused),
        (2, EvidenceOutcome::Contested),
    ] {
        let grant = EvidenceGrantRecord {
            outcome,
            max_pulls: 0,
            ..single(seed)
        };
        begun(grants, &grant).await?;
        assert_eq!(grants.get(grant.id).await?.as_ref(), Some(&grant));
        assert_eq!(grants.pull(grant.id, &VOUCHER, at(2)).await?, Pull::Ended);
    }
    Ok(())
}

/// By the digest of the envelope; each half counts once.
pub async fn the_halves_of_a_delivery_find_each_other(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let exchange = single(1).id;
    let whole = [
        half(exchange, 1, DeliveryHalf::Received),
        half(exchange, 1, DeliveryHalf::Released),
    ];
    for one in &whole {
        assert!(grants.deliver(one).await?);
        assert!(!books.there.evidence_grants.deliver(one).await?);
    }
    assert_eq!(grants.deliveries(exchange).await?, whole);
    let alone = half(exchange, 2, DeliveryHalf::Released);
    grants.deliver(&alone).await?;
    // The same envelope of another exchange is another envelope.
    let elsewhere = half(single(2).id, 2, DeliveryHalf::Received);
    grants.deliver(&elsewhere).await?;
    let mut one_sided = grants.one_sided(at(0), at(100), 10).await?;
    one_sided.sort_by_key(|one| one.half.as_str());
    assert_eq!(one_sided, [elsewhere, alone]);
    assert!(grants.one_sided(at(3), at(100), 10).await?.is_empty());
    Ok(())
}

/// A pull that one side alone confirmed, or neither, is found until somebody noted it; what comes in later
/// mends it, and another pull is looked at anew.
pub async fn a_pull_that_one_side_did_not_confirm_is_found_once(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let again = EvidenceGrantRecord {
        max_pulls: 3,
        ..single(3)
    };
    for grant in [&single(1), &single(2), &again, &single(4)] {
        begun(grants, grant).await?;
    }
    for seed in [1, 2, 3] {
        grants
            .pull(single(seed).id, &VOUCHER, at(10 + seed))
            .await?;
    }
    grants
        .deliver(&half(single(1).id, 1, DeliveryHalf::Released))
        .await?;
    grants
        .deliver(&half(single(1).id, 1, DeliveryHalf::Received))
        .await?;
    grants
        .deliver(&half(single(2).id, 2, DeliveryHalf::Released))
        .await?;
    // The other half of another envelope confirms nothing.
    grants
        .deliver(&half(single(2).id, 9, DeliveryHalf::Received))
        .await?;
    let ids = |found: Vec<EvidenceGrantRecord>| -> Vec<ExchangeId> {
        found.iter().map(|grant| grant.id).collect()
    };
    assert!(grants.unconfirmed(at(11), 10).await?.is_empty());
    let found = ids(grants.unconfirmed(at(100), 10).await?);
    assert_eq!(found, [single(2).id, again.id]);
    assert_eq!(ids(grants.unconfirmed(at(100), 1).await?), [single(2).id]);
    for (seed, began) in [(2, 12), (3, 13)] {
        let id = single(seed).id;
        assert!(!grants.note_unconfirmed(id, at(began + 1)).await?);
        assert!(grants.note_unconfirmed(id, at(began)).await?);
        assert!(
            !books
                .there
                .evidence_grants
                .note_unconfirmed(id, at(began))
                .await?
        );
    }
    assert!(!grants.note_unconfirmed(single(1).id, at(11)).await?);
    assert!(grants.unconfirmed(at(100), 10).await?.is_empty());
    assert_eq!(grants.count_unconfirmed(at(0)).await?, 2);
    assert_eq!(grants.count_unconfirmed(at(13)).await?, 1);
    grants
        .deliver(&half(single(2).id, 2, DeliveryHalf::Received))
        .await?;
    assert_eq!(grants.count_unconfirmed(at(0)).await?, 1);
    grants.pull(again.id, &VOUCHER, at(2000)).await?;
    assert_eq!(ids(grants.unconfirmed(at(3000), 10).await?), [again.id]);
    Ok(())
}

/// A half names its voucher, and by it its pull: one that comes when another pull began neither ends the tries
/// of that one nor confirms it.
pub async fn a_half_that_comes_late_says_nothing_of_the_next_pull(
    books: Books,
) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let grant = recurring(1);
    begun(grants, &grant).await?;
    let (first, second, third) = (bytes32(1), bytes32(2), bytes32(3));
    let count = |count| Pull::Allowed { count };
    assert_eq!(grants.pull(grant.id, &first, at(10)).await?, count(1));
    // The same pull, tried again.
    assert_eq!(grants.pull(grant.id, &second, at(20)).await?, count(1));
    assert_eq!(grants.pull(grant.id, &third, at(1000)).await?, count(2));
    for (voucher, pull) in [(first, Some(1)), (second, Some(1)), (third, Some(2))] {
        let there = &books.there.evidence_grants;
        assert_eq!(there.released(grant.id, &voucher).await?, pull);
    }
    assert_eq!(grants.released(grant.id, &bytes32(4)).await?, None);
    assert_eq!(grants.released(single(2).id, &first).await?, None);
    let of = |seed, pull, half| DeliveryRecord {
        pull,
        ..self::half(grant.id, seed, half)
    };
    for half in [DeliveryHalf::Released, DeliveryHalf::Received] {
        assert!(grants.deliver(&of(1, 1, half)).await?);
    }
    let last = async || -> Result<_, Fault> {
        let known = books.there.evidence_grants.get(grant.id).await?;
        let last = known.and_then(|known| known.last_pull);
        Ok(last.map(|last| (last.arrived, last.confirmed)))
    };
    assert_eq!(last().await?, Some((false, None)));
    assert_eq!(
        grants.pull(grant.id, &bytes32(5), at(1001)).await?,
        count(2)
    );
    // One word of each side on each voucher.
    let mut other = of(1, 1, DeliveryHalf::Received);
    other.digest = bytes32(99);
    assert!(!grants.deliver(&other).await?);
    grants.deliver(&of(3, 2, DeliveryHalf::Received)).await?;
    assert_eq!(last().await?, Some((true, None)));
    // Two halves of two tries are no whole.
    grants.deliver(&of(5, 2, DeliveryHalf::Released)).await?;
    assert_eq!(last().await?, Some((true, None)));
    grants.deliver(&of(3, 2, DeliveryHalf::Released)).await?;
    assert_eq!(last().await?, Some((true, Some(true))));
    Ok(())
}

/// Fifty deliveries whose two halves come in at once: each is confirmed.
pub async fn two_halves_that_come_in_at_once_confirm_each_other(books: Books) -> Result<(), Fault> {
    let confirmed = race(|turn| {
        let (here, there) = (
            books.node(turn).evidence_grants.clone(),
            books.node(turn + 1).evidence_grants.clone(),
        );
        async move {
            let grant = single(turn);
            begun(&here, &grant).await?;
            here.pull(grant.id, &VOUCHER, at(1)).await?;
            let (released, received) = (
                half(grant.id, turn, DeliveryHalf::Released),
                half(grant.id, turn, DeliveryHalf::Received),
            );
            let (one, other) = tokio::join!(here.deliver(&released), there.deliver(&received));
            assert!(one? && other?);
            let after = there.get(grant.id).await?;
            Ok(after.and_then(|after| after.last_pull?.confirmed))
        }
    })
    .await?;
    assert!(
        confirmed.iter().all(|one| *one == Some(true)),
        "{confirmed:?}"
    );
    Ok(())
}

/// Those granted more than once; the longest unused first.
pub async fn a_grant_nobody_uses_is_found(books: Books) -> Result<(), Fault> {
    let grants = &books.here.evidence_grants;
    let recurring = |seed| EvidenceGrantRecord {
        client: valid(format!("service-{seed}").parse()),
        ..recurring(seed)
    };
    for seed in 1..=4 {
        begun(grants, &recurring(seed)).await?;
    }
    begun(grants, &single(5)).await?;
    grants.pull(recurring(1).id, &VOUCHER, at(50)).await?;
    grants.pull(recurring(2).id, &VOUCHER, at(100)).await?;
    grants
        .end(recurring(3).id, EvidenceEnd::Unused, at(60))
        .await?;
    let found = grants.unused(at(100), at(100), 10).await?;
    let ids: Vec<ExchangeId> = found.iter().map(|grant| grant.id).collect();
    assert_eq!(ids, [recurring(4).id, recurring(1).id]);
    let none = grants.unused(at(100), recurring(1).expires, 10).await?;
    assert!(none.is_empty());
    // Fetched at its own pace, it is not unused.
    let slow = EvidenceGrantRecord {
        every: Duration::from_secs(500),
        ..recurring(6)
    };
    begun(grants, &slow).await?;
    for (now, is_unused) in [(1001, false), (1002, true)] {
        let found = grants.unused(at(1000), at(now), 10).await?;
        assert_eq!(found.iter().any(|it| it.id == slow.id), is_unused, "{now}");
    }
    Ok(())
}

/// Records a grant whose sign-in is over. Which it ended.
async fn begun(
    grants: &Arc<dyn EvidenceGrants>,
    grant: &EvidenceGrantRecord,
) -> Result<Vec<ExchangeId>, Fault> {
    grants.record(grant).await?;
    grants.begin(grant.grant, grant.decided).await
}

/// A grant of one pull, decided at 1, live for long.
pub(super) fn single(seed: u64) -> EvidenceGrantRecord {
    EvidenceGrantRecord {
        id: ExchangeId::from_bytes(bytes16(seed)),
        alias: ExchangeId::from_bytes(bytes16(1_000_000 + seed)),
        grant: GrantId::from_bytes(bytes16(700 + seed)),
        person: PersonId::from_bytes(bytes16(8)),
        client: valid("cantine".parse()),
        data_provider: valid("famille".parse()),
        evidence_type: valid("quotient-familial".parse()),
        terms: sealed("terms"),
        outcome: EvidenceOutcome::Sent,
        decided: at(1),
        begun: None,
        expires: at(100_000),
        max_pulls: 1,
        every: Duration::ZERO,
        pulls: 0,
        last_pull: None,
        ended: None,
        predecessor: None,
    }
}

/// The same of twelve pulls, at any time one after the other.
fn recurring(seed: u64) -> EvidenceGrantRecord {
    EvidenceGrantRecord {
        max_pulls: 12,
        every: Duration::from_millis(1),
        ..single(seed)
    }
}

fn half(exchange: ExchangeId, digest: u64, half: DeliveryHalf) -> DeliveryRecord {
    DeliveryRecord {
        exchange,
        voucher: bytes32(digest),
        pull: 1,
        half,
        digest: bytes32(digest),
        receipt: "a.b.c".to_owned(),
        at: at(2),
    }
}
