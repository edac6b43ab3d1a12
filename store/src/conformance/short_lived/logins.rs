//! Logins in flight.

use guichet_domain::LoginId;

use crate::Fault;
use crate::conformance::{House, bytes16, race, sealed, times};
use crate::short_lived::Advance;

const CHOOSING: &str = "AwaitingProvider";
const AWAY: &str = "AwaitingUpstream";

/// Step and bytes survive.
pub async fn a_login_comes_back_as_it_was_left(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    assert_eq!(logins.load(id).await?, None);
    logins
        .open(id, CHOOSING, sealed("a"), house.in_seconds(60))
        .await?;
    let login = house.there.logins.load(id).await?;
    assert!(login.is_some_and(|login| login.step == CHOOSING && login.sealed == sealed("a")));
    Ok(())
}

/// Fifty advance one login: one does.
pub async fn a_login_is_advanced_once_whoever_asks_first(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    house
        .here
        .logins
        .open(id, CHOOSING, sealed("start"), house.in_seconds(60))
        .await?;
    let outcomes = race(|turn| {
        let logins = house.node(turn).logins.clone();
        async move {
            let body = sealed(&format!("racer {turn}"));
            let advance = logins.advance(id, CHOOSING, AWAY, body.clone()).await?;
            Ok((advance, body))
        }
    })
    .await?;
    let winners: Vec<_> = outcomes
        .iter()
        .filter(|(advance, _)| *advance == Advance::Done)
        .collect();
    assert_eq!(winners.len(), 1);
    let login = house.here.logins.load(id).await?;
    assert!(login.is_some_and(|login| login.step == AWAY && login.sealed == winners[0].1));
    Ok(())
}

/// A wrong step moves nothing.
pub async fn a_login_out_of_step_stays_as_it_is(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    logins
        .open(id, CHOOSING, sealed("a"), house.in_seconds(60))
        .await?;
    let moved = logins.advance(id, AWAY, CHOOSING, sealed("b")).await?;
    assert_eq!(moved, Advance::Moved);
    // The beginning of a step is not the step.
    let moved = logins.advance(id, "Awaiting", AWAY, sealed("b")).await?;
    assert_eq!(moved, Advance::Moved);
    let login = logins.load(id).await?;
    assert!(login.is_some_and(|login| login.step == CHOOSING && login.sealed == sealed("a")));
    Ok(())
}

/// Advancing does not prolong.
pub async fn a_login_keeps_its_expiry_when_it_advances(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    logins
        .open(id, CHOOSING, sealed("a"), house.in_seconds(60))
        .await?;
    house.pass(59);
    let advance = logins.advance(id, CHOOSING, AWAY, sealed("b")).await?;
    assert_eq!(advance, Advance::Done);
    house.pass(1);
    assert_eq!(logins.load(id).await?, None);
    Ok(())
}

/// Closing is a step like any other.
pub async fn a_login_is_closed_once_and_in_its_step_only(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    logins
        .open(id, CHOOSING, sealed("a"), house.in_seconds(60))
        .await?;
    assert_eq!(logins.close(id, AWAY).await?, Advance::Moved);
    let outcomes = race(|_| {
        let logins = house.here.logins.clone();
        async move { logins.close(id, CHOOSING).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Advance::Done), 1);
    assert_eq!(logins.load(id).await?, None);
    Ok(())
}

/// An expired login can be neither read nor moved nor closed.
pub async fn a_login_past_its_expiry_is_gone(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    logins
        .open(id, CHOOSING, sealed("a"), house.in_seconds(60))
        .await?;
    house.pass(60);
    assert_eq!(logins.load(id).await?, None);
    let advance = logins.advance(id, CHOOSING, AWAY, sealed("b")).await?;
    assert_eq!(advance, Advance::Moved);
    assert_eq!(logins.close(id, CHOOSING).await?, Advance::Moved);
    Ok(())
}

/// Opening twice is a fault, and the first stays.
pub async fn an_identifier_opens_one_login(house: House) -> Result<(), Fault> {
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    let expires = house.in_seconds(60);
    logins.open(id, CHOOSING, sealed("a"), expires).await?;
    let again = logins.open(id, CHOOSING, sealed("b"), expires).await;
    assert!(again.is_err());
    let login = logins.load(id).await?;
    assert!(login.is_some_and(|login| login.sealed == sealed("a")));
    Ok(())
}

/// A step is at most 32 characters, and exactly 32 are fine.
pub async fn a_step_of_more_than_32_characters_is_a_fault(house: House) -> Result<(), Fault> {
    const LONGEST: &str = "AwaitingSomethingOfThirtyTwoChar";
    const TOO_LONG: &str = "AwaitingSomethingOfThirtyThreeChr";
    let id = LoginId::from_bytes(bytes16(1));
    let logins = &house.here.logins;
    let expires = house.in_seconds(60);
    assert!(
        logins
            .open(id, TOO_LONG, sealed("a"), expires)
            .await
            .is_err()
    );
    logins.open(id, LONGEST, sealed("a"), expires).await?;
    let advance = logins.advance(id, LONGEST, TOO_LONG, sealed("b")).await;
    assert!(advance.is_err());
    let advance = logins.advance(id, LONGEST, CHOOSING, sealed("b")).await?;
    assert_eq!(advance, Advance::Done);
    Ok(())
}
