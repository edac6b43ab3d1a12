//! The rules for short-lived records.

use guichet_domain::{BrowserId, Clock as _, GrantId, LoginId, SessionId};

use super::{House, RACERS, bytes16, bytes32, race, sealed, times};
use crate::Fault;
use crate::short_lived::{Advance, Redemption};

/// Hands every rule to the macro `$run`.
#[macro_export]
macro_rules! short_lived_rules {
    ($run:ident) => {
        $run! {
            a_login_comes_back_as_it_was_left
            a_login_is_advanced_once_whoever_asks_first
            a_login_out_of_step_stays_as_it_is
            a_login_keeps_its_expiry_when_it_advances
            a_login_is_closed_once_and_in_its_step_only
            a_login_past_its_expiry_is_gone
            an_identifier_opens_one_login
            a_step_of_more_than_32_characters_is_a_fault
            a_code_is_redeemed_once_whoever_asks_first
            a_spent_code_names_its_grant_until_it_is_forgotten
            a_trace_never_goes_before_its_code
            an_expired_code_is_unknown
            a_code_is_issued_once
            a_token_lives_until_it_expires
            revoking_a_grant_kills_its_tokens_and_those_issued_later
            revoking_a_session_kills_its_tokens_and_no_others
            a_revocation_is_never_shortened
            no_token_survives_a_revocation_that_races_its_issue
            a_session_is_replaced_once_per_version
            a_replaced_session_has_its_new_expiry
            a_session_ends_once
            a_session_past_its_expiry_is_gone
            what_may_be_used_once_is_used_once
            a_guard_holds_in_its_own_space
            a_guard_is_free_again_after_its_expiry
            what_cannot_be_remembered_is_no_first_use
            every_attempt_is_counted
            a_window_ends_when_its_first_attempt_said
            forgotten_attempts_start_again
            what_is_pending_is_taken_once
            what_is_pending_gives_way_and_expires
            objects_of_one_kind_are_no_objects_of_another
            houses_do_not_see_each_other
            an_empty_record_is_a_record
        }
    };
}

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
        let logins = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .logins
            .clone();
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
        let codes = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .codes
            .clone();
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
        let tokens = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .access_tokens
            .clone();
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

/// Fifty replace version 1: one does, and the version is 2.
pub async fn a_session_is_replaced_once_per_version(house: House) -> Result<(), Fault> {
    let id = SessionId::from_bytes(bytes16(1));
    let expires = house.in_seconds(60);
    let sessions = &house.here.sessions;
    sessions.start(id, sealed("start"), expires).await?;
    assert!(sessions.start(id, sealed("again"), expires).await.is_err());
    let outcomes = race(|turn| {
        let sessions = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .sessions
            .clone();
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

/// Fifty use one thing: one is first.
pub async fn what_may_be_used_once_is_used_once(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let outcomes = race(|turn| {
        let replay = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .replay
            .clone();
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
    assert!(replay.first_use("otp", b"1", first).await?);
    house.pass(59);
    assert!(!replay.first_use("otp", b"1", house.in_seconds(60)).await?);
    house.pass(1);
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

/// Fifty count: each sees another number.
pub async fn every_attempt_is_counted(house: House) -> Result<(), Fault> {
    let expires = house.in_seconds(60);
    let mut counts = race(|turn| {
        let attempts = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .attempts
            .clone();
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
        let pending = [&house.here, &house.there][usize::from(turn % 2 == 1)]
            .pending
            .clone();
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

/// The same identifier in every role: none opens another's door.
pub async fn objects_of_one_kind_are_no_objects_of_another(house: House) -> Result<(), Fault> {
    let (short, long) = (bytes16(1), bytes32(1));
    let grant = GrantId::from_bytes(short);
    let (now, soon) = (house.clock.now(), house.in_seconds(60));
    let it = &house.here;
    it.codes
        .issue(long, grant, sealed("code"), soon, soon)
        .await?;
    assert_eq!(it.access_tokens.live(long, now).await?, None);
    it.access_tokens
        .issue(long, grant, None, sealed("token"), soon)
        .await?;
    it.logins
        .open(LoginId::from_bytes(short), CHOOSING, sealed("login"), soon)
        .await?;
    assert_eq!(it.sessions.load(SessionId::from_bytes(short)).await?, None);
    it.sessions
        .start(SessionId::from_bytes(short), sealed("session"), soon)
        .await?;
    it.replay.first_use("", &short, soon).await?;
    it.attempts.count("", &short, soon).await?;
    let browser = BrowserId::from_bytes(short);
    assert_eq!(it.pending.take(browser, "").await?, None);
    let code = it.codes.redeem(long, now).await?;
    assert_eq!(code, Redemption::Fresh(sealed("code")));
    assert_eq!(
        it.access_tokens.live(long, now).await?,
        Some(sealed("token"))
    );
    let login = it.logins.load(LoginId::from_bytes(short)).await?;
    assert!(login.is_some_and(|login| login.sealed == sealed("login")));
    let session = it.sessions.end(SessionId::from_bytes(short)).await?;
    assert!(session.is_some_and(|session| session.sealed == sealed("session")));
    Ok(())
}

/// The hub and its embedded providers may share a Redis.
pub async fn houses_do_not_see_each_other(house: House) -> Result<(), Fault> {
    let (now, soon) = (house.clock.now(), house.in_seconds(60));
    let grant = GrantId::from_bytes(bytes16(2));
    let session = SessionId::from_bytes(bytes16(3));
    house
        .here
        .codes
        .issue(bytes32(1), grant, sealed("a"), soon, soon)
        .await?;
    house
        .here
        .sessions
        .start(session, sealed("a"), soon)
        .await?;
    house.here.replay.first_use("jti", b"1", soon).await?;
    let other = &house.elsewhere;
    assert_eq!(
        other.codes.redeem(bytes32(1), now).await?,
        Redemption::Unknown
    );
    assert_eq!(other.sessions.end(session).await?, None);
    assert!(other.replay.first_use("jti", b"1", soon).await?);
    Ok(())
}

/// No bytes are bytes.
pub async fn an_empty_record_is_a_record(house: House) -> Result<(), Fault> {
    let nothing = guichet_domain::Sealed::from_bytes(Vec::new());
    let expires = house.in_seconds(60);
    let id = SessionId::from_bytes(bytes16(1));
    house
        .here
        .sessions
        .start(id, nothing.clone(), expires)
        .await?;
    let session = house.here.sessions.load(id).await?;
    assert!(session.is_some_and(|session| session.sealed == nothing));
    let browser = BrowserId::from_bytes(bytes16(1));
    let pending = &house.here.pending;
    pending.put(browser, "x", nothing.clone(), expires).await?;
    assert_eq!(pending.take(browser, "x").await?, Some(nothing));
    Ok(())
}
