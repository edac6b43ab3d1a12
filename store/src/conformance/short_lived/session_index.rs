//! Sessions by what they are about.

use guichet_domain::SessionId;

use crate::Fault;
use crate::conformance::{House, RACERS, bytes16, race};
use crate::short_lived::SessionKey;

const MINE: SessionKey = SessionKey::from_bytes([1; 32]);
const YOURS: SessionKey = SessionKey::from_bytes([2; 32]);

fn session(seed: u64) -> SessionId {
    SessionId::from_bytes(bytes16(seed))
}

/// Of one key, and of no other; the latest first, each once.
pub async fn a_session_is_found_under_its_own_keys(house: House) -> Result<(), Fault> {
    let index = &house.here.session_index;
    let expires = house.in_seconds(60);
    for seed in [1, 2, 1] {
        assert_eq!(index.note(MINE, session(seed), expires).await?, None);
    }
    index.note(YOURS, session(3), expires).await?;
    let there = &house.there.session_index;
    assert_eq!(there.found(MINE).await?, [session(1), session(2)]);
    assert_eq!(there.found(YOURS).await?, [session(3)]);
    there.forget(MINE, session(1)).await?;
    there.forget(MINE, session(3)).await?;
    assert_eq!(index.found(MINE).await?, [session(2)]);
    index.forget(MINE, session(2)).await?;
    assert!(index.found(MINE).await?.is_empty());
    Ok(())
}

/// Fifty are noted at once: none is lost.
pub async fn no_session_is_lost_when_many_are_noted_at_once(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    race(|turn| {
        let index = house.node(turn).session_index.clone();
        async move { index.note(MINE, session(turn), expires).await }
    })
    .await?;
    assert_eq!(house.here.session_index.found(MINE).await?.len(), 50);
    Ok(())
}

/// While each takes its own off in between, so that the key leads nowhere at times.
pub async fn no_session_is_lost_when_others_are_forgotten_meanwhile(
    house: House,
) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    race(|turn| {
        let index = house.node(turn).session_index.clone();
        async move {
            index.note(MINE, session(turn), expires).await?;
            if !turn.is_multiple_of(8) {
                index.forget(MINE, session(turn)).await?;
            }
            Ok(())
        }
    })
    .await?;
    let mut stayed = house.here.session_index.found(MINE).await?;
    stayed.sort_unstable();
    let expected: Vec<SessionId> = (0..RACERS).step_by(8).map(session).collect();
    assert_eq!(stayed, expected);
    Ok(())
}

/// The earliest gives way, and whoever noted the latest is told which.
pub async fn a_key_leads_to_so_many_sessions_and_no_more(house: House) -> Result<(), Fault> {
    let index = &house.here.session_index;
    let expires = house.in_seconds(60);
    for seed in 0..64 {
        assert_eq!(index.note(MINE, session(seed), expires).await?, None);
    }
    let gives_way = index.note(MINE, session(64), expires).await?;
    assert_eq!(gives_way, Some(session(0)));
    assert_eq!(index.found(MINE).await?.len(), 64);
    Ok(())
}

/// With the one that lasts longest.
pub async fn an_index_lasts_as_long_as_its_sessions(house: House) -> Result<(), Fault> {
    let index = &house.here.session_index;
    index.note(MINE, session(1), house.in_seconds(60)).await?;
    index.note(MINE, session(2), house.in_seconds(30)).await?;
    house.pass(45);
    assert_eq!(index.found(MINE).await?.len(), 2);
    house.pass(15);
    assert!(index.found(MINE).await?.is_empty());
    assert_eq!(
        index.note(MINE, session(3), house.in_seconds(5)).await?,
        None
    );
    assert_eq!(index.found(MINE).await?, [session(3)]);
    Ok(())
}
