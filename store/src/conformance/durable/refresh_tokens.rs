//! Refresh tokens: one successor for each, theft found out, and nothing alive after a revocation.

use std::time::Duration;

use guichet_domain::{ClientId, GrantId, PersonId, SessionId};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, RACERS, bytes16, race, sealed, times};
use crate::durable::{FamilyState, RefreshFamily, RefreshTokens, Rotation};

/// Every member, with a person and a session and without, on every node.
pub async fn a_family_comes_back_as_it_began(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    let apart = RefreshFamily {
        person: None,
        session: None,
        sealed: sealed("nobody's"),
        ..family(2)
    };
    assert!(tokens.family(grant(1), at(1)).await?.is_none());
    for family in [family(1), apart] {
        assert!(tokens.start(&family).await?);
        let state = books.there.refresh_tokens.family(family.grant, at(1));
        let expected = FamilyState {
            client: family.client,
            person: family.person,
            session: family.session,
            sealed: family.sealed,
            expires: family.expires,
            generation: RefreshFamily::FIRST,
        };
        assert_eq!(state.await?, Some(expected));
    }
    Ok(())
}

/// Fifty rotate one generation: one does, the others learn of the same successor.
pub async fn a_refresh_token_is_rotated_once_whoever_asks_first(books: Books) -> Result<(), Fault> {
    books.here.refresh_tokens.start(&family(1)).await?;
    for presented in [1, 2] {
        let rotations = race(|turn| {
            let tokens = books.node(turn).refresh_tokens.clone();
            async move { tokens.rotate(grant(1), presented, WINDOW, at(1)).await }
        })
        .await?;
        assert_eq!(times(&rotations, &rotated(presented + 1)), 1);
        let repeated = times(&rotations, &repeated(presented + 1));
        assert_eq!(repeated as u64, RACERS - 1);
    }
    let state = books.there.refresh_tokens.family(grant(1), at(1)).await?;
    assert!(state.is_some_and(|state| state.generation == 3));
    Ok(())
}

/// As often as they ask; the successor is then the good one.
pub async fn two_tabs_and_a_lost_answer_get_the_same_successor(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    assert_eq!(present(tokens, 1, 1).await?, rotated(2));
    for _ in 0..3 {
        assert_eq!(present(tokens, 1, 2).await?, repeated(2));
    }
    assert_eq!(present(tokens, 2, 3).await?, rotated(3));
    assert_eq!(present(tokens, 3, 4).await?, rotated(4));
    Ok(())
}

/// Of the window to the millisecond, which begins with the rotation and not with the last repetition.
pub async fn the_one_before_is_good_for_a_moment_only(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    assert_eq!(present(tokens, 1, 10).await?, rotated(2));
    let last = at(10).after(WINDOW).before(Duration::from_millis(1));
    let in_time = tokens.rotate(grant(1), 1, WINDOW, last).await?;
    assert_eq!(in_time, repeated(2));
    let over = at(10).after(WINDOW);
    let late = tokens.rotate(grant(1), 1, WINDOW, over).await?;
    assert_eq!(late, Rotation::Reused);
    // Without a window even the same instant is too late.
    tokens.start(&family(2)).await?;
    for expected in [rotated(2), Rotation::Reused] {
        let rotation = tokens.rotate(grant(2), 1, Duration::ZERO, at(10)).await?;
        assert_eq!(rotation, expected);
    }
    Ok(())
}

/// Also within the window, once its successor was used; the thief's and the owner's tokens are dead.
pub async fn a_used_refresh_token_takes_its_family_down(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    tokens.start(&family(2)).await?;
    assert_eq!(present(tokens, 1, 1).await?, rotated(2));
    assert_eq!(present(tokens, 2, 1).await?, rotated(3));
    assert_eq!(present(tokens, 1, 1).await?, Rotation::Reused);
    for dead in [1, 2, 3] {
        let rotation = present(&books.there.refresh_tokens, dead, 1).await?;
        assert_eq!(rotation, Rotation::Over, "{dead}");
    }
    assert_eq!(tokens.family(grant(1), at(1)).await?, None);
    assert!(!tokens.revoke(grant(1), at(1)).await?);
    let other = tokens.rotate(grant(2), 1, WINDOW, at(1)).await?;
    assert_eq!(other, rotated(2));
    Ok(())
}

/// Whatever the order: one is told of the theft, and then it is over for all.
pub async fn an_old_token_that_races_a_rotation_leaves_nothing_alive(
    books: Books,
) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    for generation in [1, 2] {
        present(tokens, generation, 1).await?;
    }
    let rotations = race(|turn| {
        let tokens = books.node(turn).refresh_tokens.clone();
        let presented = if turn < RACERS / 2 { 1 } else { 3 };
        async move { tokens.rotate(grant(1), presented, WINDOW, at(1)).await }
    })
    .await?;
    assert_eq!(times(&rotations, &Rotation::Reused), 1);
    assert!(times(&rotations, &rotated(4)) <= 1);
    assert_eq!(tokens.family(grant(1), at(1)).await?, None);
    assert_eq!(present(tokens, 4, 1).await?, Rotation::Over);
    Ok(())
}

/// Only who can make tokens could present one: nothing is revoked for it.
pub async fn a_generation_never_reached_changes_nothing(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    for never in [i64::MIN, -1, 0, 2, 3, i64::MAX] {
        assert_eq!(present(tokens, never, 1).await?, Rotation::Over, "{never}");
    }
    let unknown = tokens.rotate(grant(9), 1, WINDOW, at(1)).await?;
    assert_eq!(unknown, Rotation::Over);
    assert_eq!(present(tokens, 1, 1).await?, rotated(2));
    Ok(())
}

/// To the millisecond, however often it was used.
pub async fn a_family_ends_when_it_said(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    let family = family(1);
    tokens.start(&family).await?;
    let last = family.expires.before(Duration::from_millis(1));
    let rotation = tokens.rotate(grant(1), 1, WINDOW, last).await?;
    assert_eq!(rotation, rotated(2));
    for presented in [1, 2] {
        let rotation = tokens.rotate(grant(1), presented, WINDOW, family.expires);
        assert_eq!(rotation.await?, Rotation::Over);
    }
    assert_eq!(tokens.family(grant(1), family.expires).await?, None);
    Ok(())
}

/// On every node; of fifty who revoke it, one did.
pub async fn a_revoked_family_is_over(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    tokens.start(&family(1)).await?;
    let revoked = race(|turn| {
        let tokens = books.node(turn).refresh_tokens.clone();
        async move { tokens.revoke(grant(1), at(1)).await }
    })
    .await?;
    assert_eq!(times(&revoked, &true), 1);
    assert_eq!(present(tokens, 1, 1).await?, Rotation::Over);
    assert_eq!(tokens.family(grant(1), at(1)).await?, None);
    Ok(())
}

/// A code presented twice at once: the second may be first with its revocation.
pub async fn a_grant_revoked_before_its_family_began_has_none(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    assert!(!tokens.revoke(grant(1), at(1)).await?);
    assert!(!tokens.revoke(grant(1), at(1)).await?);
    assert!(!books.there.refresh_tokens.start(&family(1)).await?);
    for presented in [0, 1] {
        assert_eq!(present(tokens, presented, 1).await?, Rotation::Over);
    }
    assert_eq!(tokens.family(grant(1), at(1)).await?, None);
    Ok(())
}

/// Whatever the order in which both happened.
pub async fn of_a_family_that_begins_and_its_revocation_nothing_is_left_alive(
    books: Books,
) -> Result<(), Fault> {
    let outcomes = race(|turn| {
        let tokens = books.node(turn).refresh_tokens.clone();
        async move {
            if turn == RACERS / 2 {
                tokens.start(&family(1)).await
            } else {
                tokens.revoke(grant(1), at(1)).await
            }
        }
    })
    .await?;
    // Either it never began, or it began and one of them revoked it.
    assert!(matches!(times(&outcomes, &true), 0 | 2));
    let state = books.here.refresh_tokens.family(grant(1), at(1)).await?;
    assert_eq!(state, None);
    Ok(())
}

/// The first stays as it is.
pub async fn a_grant_has_one_family(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    assert!(tokens.start(&family(1)).await?);
    present(tokens, 1, 1).await?;
    let again = RefreshFamily {
        sealed: sealed("everything"),
        ..family(1)
    };
    assert!(!tokens.start(&again).await?);
    assert_eq!(present(tokens, 2, 1).await?, rotated(3));
    Ok(())
}

/// And no other client, and nobody else.
pub async fn a_person_takes_back_what_one_client_has(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    let other_client = RefreshFamily {
        client: client("other"),
        ..family(3)
    };
    let other_person = RefreshFamily {
        person: Some(PersonId::from_bytes(bytes16(8))),
        ..family(4)
    };
    for family in [family(1), family(2), other_client, other_person] {
        tokens.start(&family).await?;
    }
    let there = &books.there.refresh_tokens;
    let person = PersonId::from_bytes(bytes16(7));
    assert_eq!(there.revoke_of(person, &client("service")).await?, 2);
    assert_eq!(there.revoke_of(person, &client("service")).await?, 0);
    for (number, live) in [(1, false), (2, false), (3, true), (4, true)] {
        let state = tokens.family(grant(number), at(1)).await?;
        assert_eq!(state.is_some(), live, "{number}");
    }
    Ok(())
}

/// And none of another session, nor one that outlives sessions.
pub async fn a_session_takes_its_families_with_it(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    let session = SessionId::from_bytes(bytes16(5));
    for (number, session) in [
        (1, Some(session)),
        (2, Some(SessionId::from_bytes(bytes16(6)))),
        (3, None),
    ] {
        let family = RefreshFamily {
            session,
            ..family(number)
        };
        tokens.start(&family).await?;
    }
    let there = &books.there.refresh_tokens;
    assert_eq!(there.revoke_of_session(session).await?, 1);
    assert_eq!(there.revoke_of_session(session).await?, 0);
    for (number, live) in [(1, false), (2, true), (3, true)] {
        let state = tokens.family(grant(number), at(1)).await?;
        assert_eq!(state.is_some(), live, "{number}");
    }
    Ok(())
}

/// And no others, revoked or not: until then a reused token must find that it was.
pub async fn families_whose_time_is_over_are_forgotten(books: Books) -> Result<(), Fault> {
    let tokens = &books.here.refresh_tokens;
    for number in 1..=3 {
        let family = RefreshFamily {
            expires: at(10 * number),
            ..family(number)
        };
        tokens.start(&family).await?;
    }
    tokens.revoke(grant(3), at(1)).await?;
    assert_eq!(tokens.prune(at(9)).await?, 0);
    assert_eq!(books.there.refresh_tokens.prune(at(20)).await?, 2);
    assert_eq!(tokens.prune(at(20)).await?, 0);
    assert!(!tokens.start(&family(3)).await?);
    assert_eq!(tokens.prune(at(30)).await?, 1);
    // The mark of a grant that was revoked too early does not stay for ever.
    tokens.revoke(grant(9), at(1)).await?;
    assert_eq!(tokens.prune(at(60)).await?, 0);
    assert_eq!(tokens.prune(at(1).after(Duration::from_hours(1))).await?, 1);
    Ok(())
}

const WINDOW: Duration = Duration::from_secs(30);

async fn present(
    tokens: &impl AsRef<dyn RefreshTokens>,
    generation: i64,
    seconds: u64,
) -> Result<Rotation, Fault> {
    let tokens = tokens.as_ref();
    tokens
        .rotate(grant(1), generation, WINDOW, at(seconds))
        .await
}

fn grant(number: u64) -> GrantId {
    GrantId::from_bytes(bytes16(number))
}

fn client(id: &str) -> ClientId {
    valid(id.parse())
}

fn family(number: u64) -> RefreshFamily {
    RefreshFamily {
        grant: grant(number),
        client: client("service"),
        person: Some(PersonId::from_bytes(bytes16(7))),
        session: Some(SessionId::from_bytes(bytes16(5))),
        sealed: sealed("granted"),
        expires: at(86_400),
    }
}

fn rotated(generation: i64) -> Rotation {
    Rotation::Rotated { generation }
}

fn repeated(generation: i64) -> Rotation {
    Rotation::Repeated { generation }
}
