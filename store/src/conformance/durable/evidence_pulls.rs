//! Pulls of evidence: they stay within what was granted, and a revocation wins.

use std::time::Duration;

use guichet_domain::ExchangeId;

use super::at;
use super::evidence_deliveries::half;
use super::evidence_grants::{VOUCHER, begun, single};
use crate::Fault;
use crate::conformance::{Books, RACERS, bytes16, race};
use crate::durable::{
    DeliveryHalf, DeliveryRecord, EvidenceEnd, EvidenceGrantRecord, EvidenceOutcome, LastPull, Pull,
};

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
