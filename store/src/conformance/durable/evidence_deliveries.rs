//! Deliveries of evidence: each side confirms its half, by which the pull is found or missed.

use guichet_domain::ExchangeId;

use super::at;
use super::evidence_grants::{VOUCHER, begun, recurring, single};
use crate::Fault;
use crate::conformance::{Books, bytes32, race};
use crate::durable::{DeliveryHalf, DeliveryRecord, EvidenceGrantRecord, Pull};

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

pub(super) fn half(exchange: ExchangeId, digest: u64, half: DeliveryHalf) -> DeliveryRecord {
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
