//! Grants that are asked for on one device and approved on another.

use crate::Fault;
use crate::conformance::{House, RACERS, bytes32, race, sealed, times};
use crate::short_lived::{Advance, Deferred, DeferredRecord, DeferredState, Settlement};

/// On every node; one without a lookup is found by its handle alone.
pub async fn a_deferred_grant_is_found_by_its_lookup(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let grants = &house.here.deferred;
    let (handle, lookup, apart) = (bytes32(1), bytes32(2), bytes32(3));
    assert!(
        grants
            .open(handle, Some(lookup), sealed("a"), expires)
            .await?
    );
    assert!(grants.open(apart, None, sealed("b"), expires).await?);
    let there = &house.there.deferred;
    assert_eq!(there.find(lookup).await?, Some(handle));
    assert_eq!(there.find(handle).await?, None);
    for (handle, body) in [(handle, "a"), (apart, "b")] {
        let record = DeferredRecord {
            state: DeferredState::Pending,
            sealed: sealed(body),
        };
        assert_eq!(there.load(handle).await?, Some(record));
    }
    assert_eq!(there.load(lookup).await?, None);
    house.pass(60);
    assert_eq!(there.find(lookup).await?, None);
    Ok(())
}

/// Fifty draw the same short code: one keeps it, and nothing is left of the others.
pub async fn a_lookup_leads_to_one_grant(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let lookup = bytes32(999);
    let opened = race(|turn| {
        let grants = house.node(turn).deferred.clone();
        async move {
            let handle = bytes32(turn);
            let opened = grants.open(handle, Some(lookup), sealed("a"), expires);
            Ok((handle, opened.await?))
        }
    })
    .await?;
    let winners: Vec<_> = opened.iter().filter(|(_, opened)| *opened).collect();
    assert_eq!(winners.len(), 1);
    let found = house.here.deferred.find(lookup).await?;
    assert_eq!(found, Some(winners[0].0));
    for (handle, opened) in opened {
        let record = house.here.deferred.load(handle).await?;
        assert_eq!(record.is_some(), opened);
    }
    Ok(())
}

/// A place is free again once its grant is answered; of fifty that come for it one gets it.
pub async fn a_lookup_gives_way_once_its_grant_is_settled(house: House) -> Result<(), Fault> {
    let (expires, lookup) = (house.in_seconds(60), bytes32(999));
    let grants = &house.here.deferred;
    let first = bytes32(998);
    assert!(
        grants
            .open(first, Some(lookup), sealed("a"), expires)
            .await?
    );
    let taken = grants.open(bytes32(997), Some(lookup), sealed("b"), expires);
    assert!(!taken.await?);
    let no = grants.settle(first, Settlement::Denied, sealed("no"));
    assert_eq!(no.await?, Advance::Done);
    let opened = race(|turn| {
        let grants = house.node(turn).deferred.clone();
        async move {
            let handle = bytes32(turn);
            let opened = grants.open(handle, Some(lookup), sealed("c"), expires);
            Ok((handle, opened.await?))
        }
    })
    .await?;
    let winners: Vec<_> = opened.iter().filter(|(_, opened)| *opened).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(grants.find(lookup).await?, Some(winners[0].0));
    // The answered one is still there for its client.
    assert_eq!(grants.redeem(first).await?, Deferred::Denied(sealed("no")));
    Ok(())
}

/// Fifty answer, yes and no: one answer counts.
pub async fn a_deferred_grant_is_settled_once_whoever_answers_first(
    house: House,
) -> Result<(), Fault> {
    let handle = bytes32(1);
    let grants = &house.here.deferred;
    let expires = house.in_seconds(60);
    grants.open(handle, None, sealed("asked"), expires).await?;
    let outcomes = race(|turn| {
        let grants = house.node(turn).deferred.clone();
        async move {
            let to = answer(turn);
            let body = sealed(&format!("answer {turn}"));
            let advance = grants.settle(handle, to, body.clone()).await?;
            Ok((advance, to, body))
        }
    })
    .await?;
    let winners: Vec<_> = outcomes
        .into_iter()
        .filter(|(advance, ..)| *advance == Advance::Done)
        .collect();
    assert_eq!(winners.len(), 1);
    let record = DeferredRecord {
        state: winners[0].1.into(),
        sealed: winners[0].2.clone(),
    };
    assert_eq!(grants.load(handle).await?, Some(record));
    let unknown = grants.settle(bytes32(9), Settlement::Approved, sealed("x"));
    assert_eq!(unknown.await?, Advance::Moved);
    Ok(())
}

/// Fifty poll: one gets it, the others find nothing.
pub async fn an_approved_grant_is_redeemed_once_whoever_asks_first(
    house: House,
) -> Result<(), Fault> {
    let handle = bytes32(1);
    let grants = &house.here.deferred;
    let expires = house.in_seconds(60);
    grants.open(handle, None, sealed("asked"), expires).await?;
    let yes = grants.settle(handle, Settlement::Approved, sealed("granted"));
    assert_eq!(yes.await?, Advance::Done);
    let outcomes = race(|turn| {
        let grants = house.node(turn).deferred.clone();
        async move { grants.redeem(handle).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Deferred::Fresh(sealed("granted"))), 1);
    let unknown = times(&outcomes, &Deferred::Unknown);
    assert_eq!(unknown as u64, RACERS - 1);
    assert_eq!(grants.load(handle).await?, None);
    let late = grants.settle(handle, Settlement::Denied, sealed("no"));
    assert_eq!(late.await?, Advance::Moved);
    Ok(())
}

/// What is pending or denied stays so, and an approval that races a poll is redeemed once.
pub async fn polling_changes_nothing_and_loses_no_approval(house: House) -> Result<(), Fault> {
    let (handle, other) = (bytes32(1), bytes32(2));
    let grants = &house.here.deferred;
    let expires = house.in_seconds(60);
    for handle in [handle, other] {
        grants.open(handle, None, sealed("asked"), expires).await?;
    }
    let outcomes = race(|turn| {
        let grants = house.node(turn).deferred.clone();
        async move {
            if turn == RACERS / 2 {
                let yes = grants.settle(other, Settlement::Approved, sealed("granted"));
                assert_eq!(yes.await?, Advance::Done);
            }
            Ok((grants.redeem(handle).await?, grants.redeem(other).await?))
        }
    })
    .await?;
    let (asked, raced): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
    let pending = Deferred::Pending(sealed("asked"));
    assert_eq!(times(&asked, &pending), asked.len());
    assert_eq!(times(&raced, &Deferred::Fresh(sealed("granted"))), 1);
    let no = grants.settle(handle, Settlement::Denied, sealed("no"));
    assert_eq!(no.await?, Advance::Done);
    for _ in 0..3 {
        let denied = house.there.deferred.redeem(handle).await?;
        assert_eq!(denied, Deferred::Denied(sealed("no")));
    }
    Ok(())
}

/// An answer does not prolong, and comes too late at the expiry.
pub async fn a_settled_grant_keeps_its_expiry(house: House) -> Result<(), Fault> {
    let (handle, late) = (bytes32(1), bytes32(2));
    let grants = &house.here.deferred;
    let expires = house.in_seconds(60);
    for handle in [handle, late] {
        grants.open(handle, None, sealed("asked"), expires).await?;
    }
    house.pass(59);
    let yes = grants.settle(handle, Settlement::Approved, sealed("granted"));
    assert_eq!(yes.await?, Advance::Done);
    house.pass(1);
    assert_eq!(grants.redeem(handle).await?, Deferred::Unknown);
    let yes = grants.settle(late, Settlement::Approved, sealed("granted"));
    assert_eq!(yes.await?, Advance::Moved);
    Ok(())
}

/// Opening twice is a fault, and the first stays.
pub async fn a_handle_opens_one_grant(house: House) -> Result<(), Fault> {
    let handle = bytes32(1);
    let grants = &house.here.deferred;
    let expires = house.in_seconds(60);
    grants.open(handle, None, sealed("a"), expires).await?;
    let again = grants.open(handle, None, sealed("b"), expires).await;
    assert!(again.is_err());
    let pending = Deferred::Pending(sealed("a"));
    assert_eq!(grants.redeem(handle).await?, pending);
    Ok(())
}

fn answer(turn: u64) -> Settlement {
    if turn.is_multiple_of(3) {
        Settlement::Denied
    } else {
        Settlement::Approved
    }
}
