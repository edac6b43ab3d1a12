//! Live sessions.

use guichet_domain::SessionId;

use crate::Fault;
use crate::conformance::{House, bytes16, race, sealed};
use crate::short_lived::Advance;

/// Fifty replace version 1: one does, and the version is 2.
pub async fn a_session_is_replaced_once_per_version(house: House) -> Result<(), Fault> {
    let id = SessionId::from_bytes(bytes16(1));
    let expires = house.in_seconds(60);
    let sessions = &house.here.sessions;
    sessions.start(id, sealed("start"), expires).await?;
    assert!(sessions.start(id, sealed("again"), expires).await.is_err());
    let outcomes = race(|turn| {
        let sessions = house.node(turn).sessions.clone();
        async move {
            let body = sealed(&format!("racer {turn}"));
            let advance = sessions.replace(id, 1, body.clone(), expires).await?;
            Ok((advance, body))
        }
    })
    .await?;
    let winners: Vec<_> = outcomes
        .iter()
        .filter(|(advance, _)| *advance == Advance::Done)
        .collect();
    assert_eq!(winners.len(), 1);
    let session = sessions.load(id).await?;
    assert!(session.is_some_and(|session| session.version == 2 && session.sealed == winners[0].1));
    Ok(())
}

/// Longer or shorter.
pub async fn a_replaced_session_has_its_new_expiry(house: House) -> Result<(), Fault> {
    let id = SessionId::from_bytes(bytes16(1));
    let sessions = &house.here.sessions;
    sessions
        .start(id, sealed("a"), house.in_seconds(60))
        .await?;
    let longer = house.in_seconds(120);
    let replaced = sessions.replace(id, 1, sealed("b"), longer).await?;
    assert_eq!(replaced, Advance::Done);
    house.pass(100);
    let session = sessions.load(id).await?;
    assert!(session.is_some_and(|session| session.sealed == sealed("b")));
    let shorter = house.in_seconds(5);
    sessions.replace(id, 2, sealed("c"), shorter).await?;
    house.pass(5);
    assert_eq!(sessions.load(id).await?, None);
    Ok(())
}

/// Fifty end it: one gets the record.
pub async fn a_session_ends_once(house: House) -> Result<(), Fault> {
    let id = SessionId::from_bytes(bytes16(1));
    let expires = house.in_seconds(60);
    let sessions = &house.here.sessions;
    sessions.start(id, sealed("a"), expires).await?;
    let outcomes = race(|_| {
        let sessions = house.there.sessions.clone();
        async move { sessions.end(id).await }
    })
    .await?;
    let ended: Vec<_> = outcomes.into_iter().flatten().collect();
    assert!(matches!(ended.as_slice(), [one] if one.sealed == sealed("a") && one.version == 1));
    assert_eq!(sessions.load(id).await?, None);
    let replaced = sessions.replace(id, 1, sealed("b"), expires).await?;
    assert_eq!(replaced, Advance::Moved);
    Ok(())
}

/// It can be neither read nor replaced nor ended.
pub async fn a_session_past_its_expiry_is_gone(house: House) -> Result<(), Fault> {
    let id = SessionId::from_bytes(bytes16(1));
    let sessions = &house.here.sessions;
    sessions
        .start(id, sealed("a"), house.in_seconds(60))
        .await?;
    house.pass(60);
    assert_eq!(sessions.load(id).await?, None);
    let later = house.in_seconds(60);
    let replaced = sessions.replace(id, 1, sealed("b"), later).await?;
    assert_eq!(replaced, Advance::Moved);
    assert_eq!(sessions.end(id).await?, None);
    Ok(())
}
