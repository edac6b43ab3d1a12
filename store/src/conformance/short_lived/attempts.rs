//! Counters for throttling.

use crate::Fault;
use crate::conformance::{House, RACERS, race};

/// Fifty count: each sees another number.
pub async fn every_attempt_is_counted(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let mut counts = race(|turn| {
        let attempts = house.node(turn).attempts.clone();
        async move { attempts.count("account", b"camille", expires).await }
    })
    .await?;
    counts.sort_unstable();
    assert_eq!(counts, (1..=RACERS).collect::<Vec<_>>());
    let attempts = &house.here.attempts;
    assert_eq!(attempts.seen("account", b"camille").await?, RACERS);
    assert_eq!(attempts.seen("account", b"linh").await?, 0);
    assert_eq!(attempts.seen("address", b"camille").await?, 0);
    Ok(())
}

/// Later attempts do not move it.
pub async fn a_window_ends_when_its_first_attempt_said(house: House) -> Result<(), Fault> {
    let attempts = &house.here.attempts;
    let first = house.in_seconds(60);
    assert_eq!(attempts.count("account", b"camille", first).await?, 1);
    house.pass(30);
    let second = house.in_seconds(60);
    assert_eq!(attempts.count("account", b"camille", second).await?, 2);
    house.pass(30);
    assert_eq!(attempts.seen("account", b"camille").await?, 0);
    let third = house.in_seconds(60);
    assert_eq!(attempts.count("account", b"camille", third).await?, 1);
    Ok(())
}

/// Of that key only.
pub async fn forgotten_attempts_start_again(house: House) -> Result<(), Fault> {
    let attempts = &house.here.attempts;
    let expires = house.in_seconds(60);
    for key in [b"camille".as_slice(), b"linh", b"camille"] {
        attempts.count("account", key, expires).await?;
    }
    attempts.forget("account", b"camille").await?;
    assert_eq!(attempts.seen("account", b"camille").await?, 0);
    assert_eq!(attempts.count("account", b"camille", expires).await?, 1);
    assert_eq!(attempts.count("account", b"linh", expires).await?, 2);
    Ok(())
}
