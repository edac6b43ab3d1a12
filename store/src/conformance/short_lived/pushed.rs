//! Pushed authorization requests.

use crate::Fault;
use crate::conformance::{House, RACERS, bytes32, race, sealed, times};

/// Fifty take one: one gets it.
pub async fn a_pushed_request_is_taken_once(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let pushed = &house.here.pushed;
    pushed.push(bytes32(1), sealed("a"), expires).await?;
    pushed.push(bytes32(2), sealed("b"), expires).await?;
    let outcomes = race(|turn| {
        let pushed = house.node(turn).pushed.clone();
        async move { pushed.take(bytes32(1)).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Some(sealed("a"))), 1);
    assert_eq!(times(&outcomes, &None) as u64, RACERS - 1);
    // Looking takes nothing, and finds nothing that was taken.
    for node in [&house.here, &house.there] {
        assert_eq!(node.pushed.find(bytes32(1)).await?, None);
        assert_eq!(node.pushed.find(bytes32(2)).await?, Some(sealed("b")));
    }
    assert_eq!(pushed.take(bytes32(2)).await?, Some(sealed("b")));
    Ok(())
}

/// And not a moment before.
pub async fn a_pushed_request_expires(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let pushed = &house.here.pushed;
    pushed.push(bytes32(1), sealed("a"), expires).await?;
    pushed.push(bytes32(2), sealed("b"), expires).await?;
    house.pass(59);
    assert_eq!(pushed.take(bytes32(1)).await?, Some(sealed("a")));
    house.pass(1);
    assert_eq!(pushed.find(bytes32(2)).await?, None);
    assert_eq!(pushed.take(bytes32(2)).await?, None);
    Ok(())
}

/// Pushing twice is a fault, and the first stays.
pub async fn a_reference_is_pushed_once(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let pushed = &house.here.pushed;
    pushed.push(bytes32(1), sealed("a"), expires).await?;
    let again = house.there.pushed.push(bytes32(1), sealed("b"), expires);
    assert!(again.await.is_err());
    assert_eq!(pushed.take(bytes32(1)).await?, Some(sealed("a")));
    Ok(())
}
