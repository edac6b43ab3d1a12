//! Vouchers: spent once, and not after what they hang off was revoked.

use guichet_domain::{Clock as _, ExchangeId};

use crate::Fault;
use crate::conformance::{House, RACERS, bytes16, bytes32, race, sealed, times};
use crate::short_lived::Spent;

/// Fifty spend one voucher: one gets it, the others learn that it is gone.
pub async fn a_voucher_is_spent_once_whoever_asks_first(house: House) -> Result<(), Fault> {
    let exchange = ExchangeId::from_bytes(bytes16(2));
    let soon = house.in_seconds(60);
    let vouchers = &house.here.vouchers;
    vouchers
        .keep(bytes32(1), exchange, sealed("a"), soon)
        .await?;
    let again = vouchers.keep(bytes32(1), exchange, sealed("b"), soon).await;
    assert!(again.is_err());
    let now = house.clock.now();
    let outcomes = race(|turn| {
        let vouchers = house.node(turn).vouchers.clone();
        async move { vouchers.spend(bytes32(1), now).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Spent::Fresh(sealed("a"))), 1);
    assert_eq!(times(&outcomes, &Spent::Again) as u64, RACERS - 1);
    Ok(())
}

/// To the millisecond; one that was not spent is unknown from then on, too.
pub async fn a_spent_voucher_is_known_until_it_would_have_expired(
    house: House,
) -> Result<(), Fault> {
    let exchange = ExchangeId::from_bytes(bytes16(2));
    let soon = house.in_seconds(60);
    let vouchers = &house.here.vouchers;
    for voucher in [1, 2] {
        vouchers
            .keep(bytes32(voucher), exchange, sealed("a"), soon)
            .await?;
    }
    vouchers.spend(bytes32(1), house.clock.now()).await?;
    house.pass(59);
    let spent = vouchers.spend(bytes32(1), house.clock.now()).await?;
    assert_eq!(spent, Spent::Again);
    house.pass(1);
    for voucher in [1, 2, 9] {
        let spent = vouchers.spend(bytes32(voucher), house.clock.now()).await?;
        assert_eq!(spent, Spent::Unknown, "{voucher}");
    }
    Ok(())
}

/// On every node, at once, and no other exchange's.
pub async fn revoking_an_exchange_kills_its_vouchers_and_those_kept_later(
    house: House,
) -> Result<(), Fault> {
    let (one, other) = (bytes16(2), bytes16(3));
    let (one, other) = (ExchangeId::from_bytes(one), ExchangeId::from_bytes(other));
    let (now, soon) = (house.clock.now(), house.in_seconds(60));
    let vouchers = &house.here.vouchers;
    vouchers.keep(bytes32(1), one, sealed("a"), soon).await?;
    vouchers.keep(bytes32(2), other, sealed("b"), soon).await?;
    house.there.vouchers.revoke_of(one, soon).await?;
    vouchers.keep(bytes32(3), one, sealed("c"), soon).await?;
    assert_eq!(vouchers.spend(bytes32(1), now).await?, Spent::Unknown);
    assert_eq!(vouchers.spend(bytes32(3), now).await?, Spent::Unknown);
    let live = vouchers.spend(bytes32(2), now).await?;
    assert_eq!(live, Spent::Fresh(sealed("b")));
    Ok(())
}

/// Whoever revokes, then sees the voucher still good, was lied to.
pub async fn no_voucher_survives_an_earlier_revocation(house: House) -> Result<(), Fault> {
    let (now, soon) = (house.clock.now(), house.in_seconds(60));
    let outcomes = race(|turn| {
        let (vouchers, there) = (
            house.node(turn).vouchers.clone(),
            house.node(turn + 1).vouchers.clone(),
        );
        let exchange = ExchangeId::from_bytes(bytes16(turn));
        async move {
            vouchers
                .keep(bytes32(turn), exchange, sealed("a"), soon)
                .await?;
            let early = tokio::spawn({
                let there = there.clone();
                async move { there.spend(bytes32(turn), now).await }
            });
            vouchers.revoke_of(exchange, soon).await?;
            let late = there.spend(bytes32(turn), now).await?;
            let early = early.await.map_err(|error| Fault::new("a racer", error))?;
            early.map(|_| late)
        }
    })
    .await?;
    for late in outcomes {
        assert!(
            !matches!(late, Spent::Fresh(_)),
            "spent after it was revoked"
        );
    }
    Ok(())
}
