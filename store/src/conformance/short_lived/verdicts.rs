//! What the civil register said.

use crate::Fault;
use crate::conformance::{House, bytes32, sealed};

/// A later answer takes the place of an earlier one, on every node; looking takes nothing.
pub async fn the_latest_verdict_counts_on_every_node(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    house
        .here
        .verdicts
        .remember(bytes32(1), sealed("alive"), expires)
        .await?;
    house
        .there
        .verdicts
        .remember(bytes32(1), sealed("deceased"), expires)
        .await?;
    for node in [&house.here, &house.there, &house.here] {
        assert_eq!(
            node.verdicts.recall(bytes32(1)).await?,
            Some(sealed("deceased"))
        );
        assert_eq!(node.verdicts.recall(bytes32(2)).await?, None);
    }
    assert_eq!(house.elsewhere.verdicts.recall(bytes32(1)).await?, None);
    Ok(())
}

/// And not a moment before.
pub async fn a_verdict_is_forgotten_when_it_said(house: House) -> Result<(), Fault> {
    let verdicts = &house.here.verdicts;
    verdicts
        .remember(bytes32(1), sealed("alive"), house.in_seconds(60))
        .await?;
    house.pass(59);
    assert!(verdicts.recall(bytes32(1)).await?.is_some());
    house.pass(1);
    assert!(verdicts.recall(bytes32(1)).await?.is_none());
    Ok(())
}
