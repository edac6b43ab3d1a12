//! What the memory backend does when it is full.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{Clock as _, GrantId, LoginId, Sealed, SessionId, Timestamp};
use guichet_store::conformance::TestClock;
use guichet_store::short_lived::Redemption;
use guichet_store::{Limits, ShortLived};

#[tokio::test]
async fn a_flood_of_logins_does_not_grow_without_limit() {
    let (store, clock) = small();
    for number in 0..10_000_u32 {
        // Time passes, as it does in a flood.
        clock.advance(Duration::from_millis(1));
        store
            .logins
            .open(id(number), "AwaitingProvider", sealed(), soon(&clock))
            .await
            .unwrap();
    }
    let held = store.len_in_memory().unwrap();
    assert!(held <= 128, "{held}");
    // The latest are the ones that are there.
    assert!(store.logins.load(id(9_999)).await.unwrap().is_some());
    assert!(store.logins.load(id(0)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_full_guard_refuses_rather_than_forgets() {
    let (store, clock) = small();
    let expires = soon(&clock);
    let mut guarded = Vec::new();
    let mut refused = 0;
    for number in 0..1_000_u32 {
        let what = number.to_be_bytes();
        match store.replay.first_use("jti", &what, expires).await {
            Ok(first) => {
                assert!(first);
                guarded.push(what);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0 && guarded.len() <= 128);
    for what in guarded {
        let again = store.replay.first_use("jti", &what, expires).await.unwrap();
        assert!(!again);
    }
}

#[tokio::test]
async fn a_code_whose_trace_has_no_room_stays_unspent() {
    let (store, clock) = small();
    let now = clock.now();
    let later = soon(&clock);
    let mut fresh = Vec::new();
    let mut refused = Vec::new();
    for number in 0..1_000_u32 {
        let code = code(number);
        let issued = store
            .codes
            .issue(code, grant(), sealed(), later, later)
            .await;
        issued.unwrap();
        match store.codes.redeem(code, now).await {
            Ok(Redemption::Fresh(_)) => fresh.push(code),
            Ok(other) => panic!("{other:?}"),
            Err(_) => {
                refused.push(code);
                break;
            }
        }
    }
    assert!(!refused.is_empty());
    for code in fresh {
        let spent = store.codes.redeem(code, now).await.unwrap();
        assert_eq!(spent, Redemption::Spent(grant()));
    }
    assert!(store.codes.redeem(refused[0], now).await.is_err());
}

#[tokio::test]
async fn a_full_revocation_list_says_so() {
    let (store, clock) = small();
    let expires = soon(&clock);
    let tokens = &store.access_tokens;
    let mut dead = Vec::new();
    let mut refused = 0;
    for number in 0..1_000_u32 {
        let session = SessionId::from_bytes(*id(number).as_bytes());
        match tokens.revoke_session(session, expires).await {
            Ok(()) => dead.push(session),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0);
    for (number, session) in (0_u32..).zip(dead) {
        let token = code(number);
        tokens
            .issue(token, grant(), Some(session), sealed(), expires)
            .await
            .unwrap();
        assert_eq!(tokens.live(token, clock.now()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_expired_makes_room_and_is_swept() {
    let (store, clock) = small();
    for round in 0..10_u32 {
        // As many as one part of the space takes.
        for number in 0..4_u32 {
            let what = [round.to_be_bytes(), number.to_be_bytes()].concat();
            let expires = soon(&clock);
            let first = store.replay.first_use("jti", &what, expires).await;
            assert!(first.unwrap());
        }
        clock.advance(Duration::from_secs(61));
    }
    store.sweep();
    assert_eq!(store.len_in_memory(), Some(0));
}

#[tokio::test]
async fn a_guard_in_memory_says_since_when_it_remembers() {
    let clock = TestClock::new();
    let start = clock.now();
    let store = ShortLived::memory(Limits::default(), clock.clone(), "hub");
    clock.advance(Duration::from_mins(1));
    assert_eq!(store.started_at(), start);
    assert_eq!(store.replay.remembers_since(), start);
}

/// Room for 64 of each; up to twice that, because parts of a space fill unevenly.
fn small() -> (ShortLived, Arc<TestClock>) {
    let clock = TestClock::new();
    let limits = Limits {
        logins: 64,
        codes: 64,
        spent_codes: 64,
        access_tokens: 64,
        revocations: 64,
        sessions: 64,
        replay: 64,
        attempts: 64,
        pending: 64,
        verdicts: 64,
        pushed: 64,
        deferred: 64,
        vouchers: 64,
    };
    (ShortLived::memory(limits, clock.clone(), "hub"), clock)
}

fn soon(clock: &TestClock) -> Timestamp {
    clock.now().after(Duration::from_mins(1))
}

fn id(number: u32) -> LoginId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    LoginId::from_bytes(bytes)
}

fn code(number: u32) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    bytes
}

fn grant() -> GrantId {
    GrantId::from_bytes([9; 16])
}

fn sealed() -> Sealed {
    Sealed::from_bytes(vec![1, 2, 3])
}
