//! What every kind of record keeps: its distance from the others, and its bytes.

use guichet_domain::{BrowserId, Clock as _, ExchangeId, GrantId, LoginId, Sealed, SessionId};

use crate::Fault;
use crate::conformance::{House, bytes16, bytes32, sealed};
use crate::short_lived::{Deferred, Redemption, SessionKey, Spent};

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
        .open(
            LoginId::from_bytes(short),
            "AwaitingProvider",
            sealed("login"),
            soon,
        )
        .await?;
    assert_eq!(it.sessions.load(SessionId::from_bytes(short)).await?, None);
    it.sessions
        .start(SessionId::from_bytes(short), sealed("session"), soon)
        .await?;
    it.replay.first_use("", &short, soon).await?;
    it.attempts.count("", &short, soon).await?;
    let browser = BrowserId::from_bytes(short);
    assert_eq!(it.pending.take(browser, "").await?, None);
    assert_eq!(it.pushed.take(long).await?, None);
    it.pushed.push(long, sealed("pushed"), soon).await?;
    assert_eq!(it.deferred.redeem(long).await?, Deferred::Unknown);
    assert_eq!(it.deferred.find(long).await?, None);
    it.deferred.open(long, None, sealed("asked"), soon).await?;
    assert_eq!(it.verdicts.recall(long).await?, None);
    assert_eq!(it.vouchers.spend(long, now).await?, Spent::Unknown);
    it.vouchers
        .keep(long, ExchangeId::from_bytes(short), sealed("voucher"), soon)
        .await?;
    it.verdicts.remember(long, sealed("verdict"), soon).await?;
    let key = SessionKey::from_bytes(long);
    assert!(it.session_index.found(key).await?.is_empty());
    let found = SessionId::from_bytes(bytes16(2));
    it.session_index.note(key, found, soon).await?;
    let code = it.codes.redeem(long, now).await?;
    assert_eq!(code, Redemption::Fresh(sealed("code")));
    assert_eq!(
        it.access_tokens.live(long, now).await?,
        Some(sealed("token"))
    );
    assert_eq!(it.pushed.take(long).await?, Some(sealed("pushed")));
    let voucher = it.vouchers.spend(long, now).await?;
    assert_eq!(voucher, Spent::Fresh(sealed("voucher")));
    let asked = it.deferred.redeem(long).await?;
    assert_eq!(asked, Deferred::Pending(sealed("asked")));
    let login = it.logins.load(LoginId::from_bytes(short)).await?;
    assert!(login.is_some_and(|login| login.sealed == sealed("login")));
    let session = it.sessions.end(SessionId::from_bytes(short)).await?;
    assert!(session.is_some_and(|session| session.sealed == sealed("session")));
    let verdict = it.verdicts.recall(long).await?;
    assert_eq!(verdict, Some(sealed("verdict")));
    assert_eq!(it.session_index.found(key).await?, [found]);
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
    let key = SessionKey::from_bytes(bytes32(1));
    house.here.session_index.note(key, session, soon).await?;
    let other = &house.elsewhere;
    assert_eq!(
        other.codes.redeem(bytes32(1), now).await?,
        Redemption::Unknown
    );
    assert_eq!(other.sessions.end(session).await?, None);
    assert!(other.replay.first_use("jti", b"1", soon).await?);
    assert!(other.session_index.found(key).await?.is_empty());
    Ok(())
}

/// No bytes are bytes.
pub async fn an_empty_record_is_a_record(house: House) -> Result<(), Fault> {
    let nothing = Sealed::from_bytes(Vec::new());
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
