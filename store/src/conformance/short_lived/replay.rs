//! Guards against replay.

use guichet_domain::Clock as _;

use crate::Fault;
use crate::conformance::{House, race, times};

/// Fifty use one thing: one is first.
pub async fn what_may_be_used_once_is_used_once(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let outcomes = race(|turn| {
        let replay = house.node(turn).replay.clone();
        async move { replay.first_use("assertion", &[7; 64], expires).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &true), 1);
    assert!(house.here.started_at() <= house.clock.now());
    Ok(())
}

/// Neither another space nor a longer name meets it.
pub async fn a_guard_holds_in_its_own_space(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let replay = &house.here.replay;
    assert!(replay.first_use("ab", b"c", expires).await?);
    assert!(replay.first_use("a", b"bc", expires).await?);
    assert!(replay.first_use("ab", b"", expires).await?);
    assert!(!replay.first_use("ab", b"c", expires).await?);
    assert!(replay.first_use("ab", &[7; 65], expires).await.is_err());
    Ok(())
}

/// And not a moment before.
pub async fn a_guard_is_free_again_after_its_expiry(house: House) -> Result<(), Fault> {
    let replay = &house.here.replay;
    let first = house.in_seconds(60);
    assert!(!replay.was_used("otp", b"1").await?);
    assert!(replay.first_use("otp", b"1", first).await?);
    house.pass(59);
    assert!(replay.was_used("otp", b"1").await? && !replay.was_used("otp", b"2").await?);
    assert!(!replay.first_use("otp", b"1", house.in_seconds(60)).await?);
    house.pass(1);
    assert!(!replay.was_used("otp", b"1").await?);
    assert!(replay.first_use("otp", b"1", house.in_seconds(60)).await?);
    Ok(())
}

/// An expiry that is past guards nothing, so nobody is first.
pub async fn what_cannot_be_remembered_is_no_first_use(house: House) -> Result<(), Fault> {
    let replay = &house.here.replay;
    let now = house.clock.now();
    assert!(!replay.first_use("otp", b"1", now).await?);
    assert!(!replay.first_use("otp", b"1", now).await?);
    Ok(())
}
