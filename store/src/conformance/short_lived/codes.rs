//! Authorization codes.

use guichet_domain::{Clock as _, GrantId};

use crate::Fault;
use crate::conformance::{House, RACERS, bytes16, bytes32, race, sealed, times};
use crate::short_lived::Redemption;

/// Fifty redeem one code: one gets it, the others learn whose it was.
pub async fn a_code_is_redeemed_once_whoever_asks_first(house: House) -> Result<(), Fault> {
    let (code, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let (soon, later) = (house.in_seconds(30), house.in_seconds(600));
    house
        .here
        .codes
        .issue(code, grant, sealed("a"), soon, later)
        .await?;
    let now = house.clock.now();
    let outcomes = race(|turn| {
        let codes = house.node(turn).codes.clone();
        async move { codes.redeem(code, now).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Redemption::Fresh(sealed("a"))), 1);
    let spent = times(&outcomes, &Redemption::Spent(grant));
    assert_eq!(spent as u64, RACERS - 1);
    Ok(())
}

/// The trace outlives the code's own expiry, and ends.
pub async fn a_spent_code_names_its_grant_until_it_is_forgotten(house: House) -> Result<(), Fault> {
    let (code, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let codes = &house.here.codes;
    let (soon, later) = (house.in_seconds(30), house.in_seconds(600));
    codes.issue(code, grant, sealed("a"), soon, later).await?;
    let fresh = codes.redeem(code, house.clock.now()).await?;
    assert_eq!(fresh, Redemption::Fresh(sealed("a")));
    house.pass(599);
    let spent = codes.redeem(code, house.clock.now()).await?;
    assert_eq!(spent, Redemption::Spent(grant));
    house.pass(1);
    let unknown = codes.redeem(code, house.clock.now()).await?;
    assert_eq!(unknown, Redemption::Unknown);
    Ok(())
}

/// A `forget` before `expires` does not let a code be spent twice.
pub async fn a_trace_never_goes_before_its_code(house: House) -> Result<(), Fault> {
    let (code, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let codes = &house.here.codes;
    let (late, early) = (house.in_seconds(30), house.in_seconds(1));
    codes.issue(code, grant, sealed("a"), late, early).await?;
    codes.redeem(code, house.clock.now()).await?;
    house.pass(29);
    let spent = codes.redeem(code, house.clock.now()).await?;
    assert_eq!(spent, Redemption::Spent(grant));
    Ok(())
}

/// At its expiry to the millisecond.
pub async fn an_expired_code_is_unknown(house: House) -> Result<(), Fault> {
    let (code, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let codes = &house.here.codes;
    let (soon, later) = (house.in_seconds(30), house.in_seconds(600));
    codes.issue(code, grant, sealed("a"), soon, later).await?;
    let unknown = codes.redeem(code, soon).await?;
    assert_eq!(unknown, Redemption::Unknown);
    let unknown = codes.redeem(bytes32(9), house.clock.now()).await?;
    assert_eq!(unknown, Redemption::Unknown);
    Ok(())
}

/// Issuing twice is a fault, and the first stays.
pub async fn a_code_is_issued_once(house: House) -> Result<(), Fault> {
    let (code, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let codes = &house.here.codes;
    let (soon, later) = (house.in_seconds(30), house.in_seconds(600));
    codes.issue(code, grant, sealed("a"), soon, later).await?;
    let again = codes.issue(code, grant, sealed("b"), soon, later).await;
    assert!(again.is_err());
    let fresh = codes.redeem(code, house.clock.now()).await?;
    assert_eq!(fresh, Redemption::Fresh(sealed("a")));
    Ok(())
}
