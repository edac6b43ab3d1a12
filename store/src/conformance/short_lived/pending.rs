//! What a browser comes back for once.

use guichet_domain::BrowserId;

use crate::Fault;
use crate::conformance::{House, RACERS, bytes16, race, sealed, times};

/// Fifty take: one gets it.
pub async fn what_is_pending_is_taken_once(house: House) -> Result<(), Fault> {
    let browser = BrowserId::from_bytes(bytes16(1));
    let expires = house.in_seconds(60);
    house
        .here
        .pending
        .put(browser, "passkey", sealed("a"), expires)
        .await?;
    let outcomes = race(|turn| {
        let pending = house.node(turn).pending.clone();
        async move { pending.take(browser, "passkey").await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Some(sealed("a"))), 1);
    assert_eq!(times(&outcomes, &None) as u64, RACERS - 1);
    Ok(())
}

/// The last one put counts; other names and browsers are apart.
pub async fn what_is_pending_gives_way_and_expires(house: House) -> Result<(), Fault> {
    let (mine, other) = (
        BrowserId::from_bytes(bytes16(1)),
        BrowserId::from_bytes(bytes16(2)),
    );
    let pending = &house.here.pending;
    let expires = house.in_seconds(60);
    pending.put(mine, "passkey", sealed("a"), expires).await?;
    pending.put(mine, "passkey", sealed("b"), expires).await?;
    pending.put(mine, "sign-out", sealed("c"), expires).await?;
    assert_eq!(pending.take(other, "passkey").await?, None);
    assert_eq!(pending.take(mine, "passkey").await?, Some(sealed("b")));
    house.pass(60);
    assert_eq!(pending.take(mine, "sign-out").await?, None);
    Ok(())
}
