//! Access tokens and what revokes them.

use guichet_domain::{Clock as _, GrantId, SessionId};

use crate::Fault;
use crate::conformance::{House, RACERS, bytes16, bytes32, race, sealed, times};

/// Whole until then, gone from then on.
pub async fn a_token_lives_until_it_expires(house: House) -> Result<(), Fault> {
    let (token, grant) = (bytes32(1), GrantId::from_bytes(bytes16(2)));
    let tokens = &house.here.access_tokens;
    let expires = house.in_seconds(60);
    tokens
        .issue(token, grant, None, sealed("a"), expires)
        .await?;
    let live = house.there.access_tokens.live(token, house.clock.now());
    assert_eq!(live.await?, Some(sealed("a")));
    assert_eq!(tokens.live(token, expires).await?, None);
    house.pass(60);
    assert_eq!(tokens.live(token, house.clock.now()).await?, None);
    assert_eq!(tokens.live(bytes32(9), house.clock.now()).await?, None);
    Ok(())
}

/// At once, on every node; of fifty who revoke it, one did.
pub async fn a_revoked_token_is_dead_and_no_other(house: House) -> Result<(), Fault> {
    let grant = GrantId::from_bytes(bytes16(2));
    let tokens = &house.here.access_tokens;
    let (now, expires) = (house.clock.now(), house.in_seconds(60));
    for token in [1, 2] {
        tokens
            .issue(bytes32(token), grant, None, sealed("a"), expires)
            .await?;
    }
    let revoked = race(|turn| {
        let tokens = house.node(turn).access_tokens.clone();
        async move { tokens.revoke(bytes32(1)).await }
    })
    .await?;
    assert_eq!(times(&revoked, &true), 1);
    assert_eq!(tokens.live(bytes32(1), now).await?, None);
    assert_eq!(tokens.live(bytes32(2), now).await?, Some(sealed("a")));
    house.pass(60);
    assert!(!tokens.revoke(bytes32(2)).await?);
    Ok(())
}

/// On every node, at once.
pub async fn revoking_a_grant_kills_its_tokens_and_those_issued_later(
    house: House,
) -> Result<(), Fault> {
    let grant = GrantId::from_bytes(bytes16(2));
    let other = GrantId::from_bytes(bytes16(3));
    let session = Some(SessionId::from_bytes(bytes16(4)));
    let tokens = &house.here.access_tokens;
    let (now, expires) = (house.clock.now(), house.in_seconds(60));
    for (token, grant, session) in [(1, grant, None), (2, grant, session), (3, other, session)] {
        tokens
            .issue(bytes32(token), grant, session, sealed("a"), expires)
            .await?;
    }
    house
        .there
        .access_tokens
        .revoke_grant(grant, expires)
        .await?;
    tokens
        .issue(bytes32(4), grant, session, sealed("a"), expires)
        .await?;
    for dead in [1, 2, 4] {
        assert_eq!(tokens.live(bytes32(dead), now).await?, None, "{dead}");
    }
    assert_eq!(tokens.live(bytes32(3), now).await?, Some(sealed("a")));
    Ok(())
}

/// Tokens without a session live on.
pub async fn revoking_a_session_kills_its_tokens_and_no_others(house: House) -> Result<(), Fault> {
    let grant = GrantId::from_bytes(bytes16(2));
    let session = SessionId::from_bytes(bytes16(4));
    let other = SessionId::from_bytes(bytes16(5));
    let tokens = &house.here.access_tokens;
    let (now, expires) = (house.clock.now(), house.in_seconds(60));
    for (token, session) in [(1, Some(session)), (2, Some(other)), (3, None)] {
        tokens
            .issue(bytes32(token), grant, session, sealed("a"), expires)
            .await?;
    }
    tokens.revoke_session(session, expires).await?;
    assert_eq!(tokens.live(bytes32(1), now).await?, None);
    assert_eq!(tokens.live(bytes32(2), now).await?, Some(sealed("a")));
    assert_eq!(tokens.live(bytes32(3), now).await?, Some(sealed("a")));
    // A session's identifier revokes no grant.
    tokens
        .revoke_grant(GrantId::from_bytes(bytes16(5)), expires)
        .await?;
    assert_eq!(tokens.live(bytes32(2), now).await?, Some(sealed("a")));
    Ok(())
}

/// The later end counts, whichever came first.
pub async fn a_revocation_is_never_shortened(house: House) -> Result<(), Fault> {
    let grant = GrantId::from_bytes(bytes16(2));
    let tokens = &house.here.access_tokens;
    tokens
        .issue(bytes32(1), grant, None, sealed("a"), house.in_seconds(600))
        .await?;
    tokens.revoke_grant(grant, house.in_seconds(600)).await?;
    tokens.revoke_grant(grant, house.in_seconds(10)).await?;
    house.pass(20);
    assert_eq!(tokens.live(bytes32(1), house.clock.now()).await?, None);
    Ok(())
}

/// Whatever the order in which both happened.
pub async fn no_token_survives_a_revocation_that_races_its_issue(
    house: House,
) -> Result<(), Fault> {
    let grant = GrantId::from_bytes(bytes16(2));
    let expires = house.in_seconds(60);
    race(|turn| {
        let tokens = house.node(turn).access_tokens.clone();
        async move {
            if turn == RACERS / 2 {
                tokens.revoke_grant(grant, expires).await
            } else {
                tokens
                    .issue(bytes32(turn), grant, None, sealed("a"), expires)
                    .await
            }
        }
    })
    .await?;
    let now = house.clock.now();
    for turn in 0..RACERS {
        let live = house.here.access_tokens.live(bytes32(turn), now).await?;
        assert_eq!(live, None, "{turn}");
    }
    Ok(())
}
