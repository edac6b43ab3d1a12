//! Stored bytes that nobody of us wrote: a fault, never a panic, never an answer.

use guichet_domain::{
    AccountId, BrowserId, Clock as _, CorrectionId, ExchangeId, GrantId, LoginId, PersonId,
    SessionId, Timestamp,
};
use guichet_store::conformance::TestClock;
use guichet_store::durable::people::Sighting;
use guichet_store::short_lived::SessionKey;
use guichet_store::{RedisSettings, ShortLived};
use sqlx::AssertSqlSafe;

use crate::servers;

#[tokio::test]
async fn damaged_values_in_redis_are_faults() {
    let url = servers::redis();
    let clock = TestClock::new();
    let settings = RedisSettings::default();
    let store = ShortLived::redis(url, "damaged", settings, clock.clone())
        .await
        .unwrap();
    let mut connection = redis::Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let damages: [&[u8]; 6] = [
        b"",
        b"x",
        b"9999999999999999",
        b"9999999999999999\xff",
        b"99999999999999x9\x00body",
        b"9999999999999999\x05step\xff",
    ];
    for damage in damages {
        for (space, name) in SPACES {
            let key = [format!("guichet:1:damaged:{space}:").as_bytes(), name].concat();
            let () = redis::cmd("SET")
                .arg(key)
                .arg(damage)
                .query_async(&mut connection)
                .await
                .unwrap();
        }
        let now = clock.now();
        assert!(
            store
                .logins
                .load(LoginId::from_bytes([1; 16]))
                .await
                .is_err()
        );
        assert!(store.codes.redeem([1; 32], now).await.is_err());
        assert!(store.access_tokens.live([1; 32], now).await.is_err());
        let session = SessionId::from_bytes([1; 16]);
        assert!(store.sessions.end(session).await.is_err());
        assert!(store.attempts.seen("a", &[1]).await.is_err());
        let browser = BrowserId::from_bytes([1; 16]);
        assert!(store.pending.take(browser, "a").await.is_err());
        assert!(store.pushed.take([1; 32]).await.is_err());
        assert!(store.deferred.find([1; 32]).await.is_err());
        assert!(store.deferred.redeem([1; 32]).await.is_err());
        assert!(store.verdicts.recall([1; 32]).await.is_err());
        assert!(store.vouchers.spend([1; 32], now).await.is_err());
        let key = SessionKey::from_bytes([1; 32]);
        assert!(store.session_index.found(key).await.is_err());
        let noted = store.session_index.note(key, session, now).await;
        assert!(noted.is_err());
        assert!(store.session_index.forget(key, session).await.is_err());
    }
}

/// Where each kind of record lies, and the name of one there.
const SPACES: [(&str, &[u8]); 12] = [
    ("login", &[1; 16]),
    ("code", &[1; 32]),
    ("token", &[1; 32]),
    ("session", &[1; 16]),
    ("tries", &[1, b'a', 1]),
    (
        "pending",
        &[1, b'a', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    ),
    ("pushed", &[1; 32]),
    ("deferred", &[1; 32]),
    ("find", &[1; 32]),
    ("verdict", &[1; 32]),
    ("voucher", &[1; 32]),
    ("sessions", &[1; 32]),
];

#[tokio::test]
async fn damaged_rows_are_faults() {
    let (_folder, store, mut raw) = servers::sqlite().await;
    store.migrate_up().await.unwrap();
    let damages = [
        "INSERT INTO client VALUES ('a', '{\"id\":', 1)",
        "INSERT INTO provider VALUES ('a', '{}', 1)",
        "INSERT INTO person_index VALUES (zeroblob(32), x'00', 1, 0)",
        "INSERT INTO person_link VALUES (x'02020202020202020202020202020202', x'00')",
        "INSERT INTO person_link VALUES (x'03030303030303030303030303030303', x'04040404040404040404040404040404')",
        "INSERT INTO person_link VALUES (x'04040404040404040404040404040404', x'03030303030303030303030303030303')",
        "INSERT INTO subject VALUES ('a', zeroblob(16), '', 1)",
        "INSERT INTO correction VALUES (zeroblob(16), 'swap', zeroblob(16), zeroblob(16), NULL, '', '', 1, NULL, NULL, NULL, NULL)",
        "INSERT INTO consent VALUES (x'00', zeroblob(16), 'a', '', '', 1, 1, NULL)",
        "INSERT INTO refresh_family VALUES (zeroblob(16), '', NULL, NULL, x'00', 9000, 1, 0, 0, FALSE)",
        "INSERT INTO account VALUES (x'00', 'h', 'camille', 'p', x'00', 1, 1)",
        "INSERT INTO account VALUES (zeroblob(16), 'h', 'linh', 'p', x'00', 1, 1)",
        "INSERT INTO authenticator VALUES (x'01', zeroblob(16), 'horn', '', x'00', 1, NULL)",
        "INSERT INTO ledger_checkpoint VALUES (-1, '', x'00')",
        "INSERT INTO data_provider VALUES ('a', '{}', 1)",
        "INSERT INTO evidence_grant VALUES (zeroblob(16), x'00', zeroblob(16), zeroblob(16), 'a', 'b', 'c', x'00', 'sent', 1, 9, 1, 0, 0, NULL, 0, FALSE, NULL, NULL, NULL, NULL, NULL)",
        "INSERT INTO evidence_half VALUES (zeroblob(16), x'00', 'released', 1, x'00', '', 1)",
        "INSERT INTO outbox VALUES (x'00', 'mail', x'00', 1, 1)",
    ];
    for damage in damages {
        sqlx::query(AssertSqlSafe(damage.to_owned()))
            .execute(&mut raw)
            .await
            .unwrap();
    }
    let nobody = PersonId::from_bytes([0; 16]);
    let time = Timestamp::from_seconds(1);
    assert!(store.registry.clients().await.is_err());
    assert!(store.registry.providers().await.is_err());
    let sighting = Sighting {
        index: &[0; 32],
        stated: None,
        vouched: false,
    };
    let person = store.people.recognize(sighting, nobody, time).await;
    assert!(person.is_err());
    // Kept by what is no identifier; links in a circle, which is nobody.
    for led in [2, 3, 4] {
        let led = PersonId::from_bytes([led; 16]);
        assert!(store.people.standing(led).await.is_err());
        assert!(store.people.file(led).await.is_err());
    }
    let correction = CorrectionId::from_bytes([0; 16]);
    assert!(store.corrections.correction(correction).await.is_err());
    assert!(store.registry.data_providers().await.is_err());
    let exchange = ExchangeId::from_bytes([0; 16]);
    assert!(store.evidence_grants.get(exchange).await.is_err());
    assert!(store.evidence_grants.deliveries(exchange).await.is_err());
    let sector = "a".parse().unwrap();
    assert!(store.subjects.subject(&sector, nobody).await.is_err());
    assert!(store.consents.of(nobody, 1).await.is_err());
    let grant = GrantId::from_bytes([0; 16]);
    assert!(store.refresh_tokens.family(grant, time).await.is_err());
    let account = store.accounts.by_login_name("h", "camille").await;
    assert!(account.is_err());
    let account = AccountId::from_bytes([0; 16]);
    assert!(store.authenticators.of(account).await.is_err());
    assert!(store.ledger.last_checkpoint().await.is_err());
    assert!(store.outbox.claim(&["mail"], time, time, 1).await.is_err());
}
