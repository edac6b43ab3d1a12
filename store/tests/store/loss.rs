//! Servers that go away: a fault within a bounded time, and back to work when they are back.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use guichet_domain::Clock as _;
use guichet_store::conformance::TestClock;
use guichet_store::{Durable, DurableSettings, Fault, RedisSettings, ShortLived};

use crate::servers::{Server, postgres_database, start_postgres_in, start_redis_in};

/// Generous beside the settings, which add up to a second and a half.
const BOUNDED: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_redis_refuses_in_bounded_time_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_redis_in(folder.path(), "");
    let clock = TestClock::new();
    let expires = clock.now().after(Duration::from_mins(1));
    let address = server.address.clone();
    let store = ShortLived::redis(&address, "hub", RedisSettings::default(), clock.clone())
        .await
        .unwrap();
    assert!(store.replay.first_use("jti", b"1", expires).await.unwrap());
    let remembered = store.started_at();
    server.stop();
    for _ in 0..3 {
        let refused = bounded(store.replay.first_use("jti", b"1", expires)).await;
        assert!(refused.is_err());
        assert!(bounded(store.check()).await.is_err());
    }
    // Back without its memory: the guard notices, so that its asker can refuse what is older.
    clock.advance(Duration::from_secs(5));
    let _server: Server = start_redis_in(folder.path(), "");
    until_back(|| store.check()).await;
    assert!(store.replay.first_use("jti", b"1", expires).await.unwrap());
    assert!(store.started_at() > remembered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_restored_from_a_snapshot_admits_that_it_forgot() {
    let folder = tempfile::tempdir().unwrap();
    let server = start_redis_in(folder.path(), "");
    let clock = TestClock::new();
    let expires = clock.now().after(Duration::from_mins(1));
    let address = server.address.clone();
    let store = ShortLived::redis(&address, "hub", RedisSettings::default(), clock.clone())
        .await
        .unwrap();
    assert!(store.replay.first_use("jti", b"1", expires).await.unwrap());
    let remembered = store.started_at();
    save(folder.path());
    clock.advance(Duration::from_secs(1));
    let lost = clock.now();
    assert!(store.replay.first_use("jti", b"2", expires).await.unwrap());
    assert_eq!(store.started_at(), remembered);
    server.stop();
    clock.advance(Duration::from_secs(1));
    let _server: Server = start_redis_in(folder.path(), "");
    until_back(|| store.check()).await;
    // The snapshot is there, the marker with it; what came after it is gone and must be refused.
    assert!(!store.replay.first_use("jti", b"1", expires).await.unwrap());
    assert!(store.replay.first_use("jti", b"2", expires).await.unwrap());
    let admitted = store.started_at();
    assert!(admitted > lost);
    // Another node of the house learns the same, and it stays so.
    clock.advance(Duration::from_secs(1));
    let other = ShortLived::redis(&address, "hub", RedisSettings::default(), clock.clone())
        .await
        .unwrap();
    assert_eq!(other.started_at(), admitted);
    assert!(!other.replay.first_use("jti", b"2", expires).await.unwrap());
    assert_eq!(other.started_at(), admitted);
}

/// Has the Redis in this folder write its snapshot, which it loads when it starts again.
fn save(folder: &Path) {
    let socket = folder.join("socket");
    let saved = std::process::Command::new("redis-cli")
        .arg("-s")
        .arg(socket)
        .arg("save")
        .output()
        .unwrap();
    assert!(saved.stdout.starts_with(b"OK"), "{saved:?}");
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_a_fault_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("redis+unix://{}/none", folder.path().display());
    let settings = RedisSettings::default();
    let refused = bounded(ShortLived::redis(
        &address,
        "hub",
        settings,
        TestClock::new(),
    ))
    .await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn a_redis_that_may_evict_guards_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let more = "--maxmemory 100mb --maxmemory-policy allkeys-lru";
    let server = start_redis_in(folder.path(), more);
    let settings = RedisSettings::default();
    let refused = ShortLived::redis(&server.address, "hub", settings, TestClock::new()).await;
    assert!(refused.is_err_and(|fault| fault.to_string().contains("noeviction")));
    server.stop();
}

#[tokio::test]
async fn a_namespace_that_could_reach_into_another_is_refused() {
    for namespace in ["", "hub:login", "Hub", "hub idp"] {
        let url = crate::servers::redis();
        let settings = RedisSettings::default();
        let refused = ShortLived::redis(url, namespace, settings, TestClock::new()).await;
        assert!(refused.is_err(), "{namespace}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_postgres_refuses_in_bounded_time_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    // Its own user must be able to reach it.
    open_to_all(folder.path());
    let folder_name = folder.path().to_str().unwrap().to_owned();
    let server = start_postgres_in(&folder_name);
    let url = format!("{}/postgres", server.address);
    let settings = DurableSettings {
        patience: Duration::from_secs(1),
        ..DurableSettings::default()
    };
    let store = Durable::postgres(&url, settings).await.unwrap();
    store.migrate_up().await.unwrap();
    store.ledger.append(0, &[b"kept".to_vec()]).await.unwrap();
    server.stop();
    for _ in 0..3 {
        let refused = bounded(store.ledger.append(1, &[b"lost".to_vec()])).await;
        assert!(refused.is_err());
    }
    let server = start_postgres_in(&folder_name);
    until_back(|| store.check()).await;
    assert_eq!(store.ledger.size().await.unwrap(), 1);
    store.ledger.append(1, &[b"next".to_vec()]).await.unwrap();
    store.close().await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writer_that_gives_up_midway_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guichet.db");
    let store = Durable::sqlite(&path, DurableSettings::default())
        .await
        .unwrap();
    store.migrate_up().await.unwrap();
    let mut size = 0;
    // One statement that commits by itself, and several in a transaction.
    for rows in [5_u8, 85] {
        let batch: Vec<Vec<u8>> = (0..rows).map(|number| vec![number]).collect();
        // Dropped after ever more polls: somewhere in each of its statements.
        for polls in 0..40 {
            let mut append = store.ledger.append(size, &batch);
            for _ in 0..polls {
                let waited = tokio::time::timeout(Duration::from_micros(200), &mut append).await;
                if waited.is_ok() {
                    break;
                }
            }
            drop(append);
            let found = store.ledger.size().await.unwrap();
            let others = store.registry.revision().await;
            assert!(others.is_ok());
            // Whole or not at all, even when its caller did not wait for the answer.
            let written = found - size;
            assert!(written == 0 || written == u64::from(rows), "{written}");
            let settled = settled_size(&store).await - size;
            assert!(settled == 0 || settled == u64::from(rows), "{settled}");
            size += settled;
        }
    }
    let all = store.ledger.read(0, 100_000).await.unwrap();
    assert_eq!(all.len() as u64, size);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_midway_leaves_a_connection_that_works() {
    let url = postgres_database().await;
    let settings = DurableSettings {
        connections: 2,
        patience: BOUNDED,
        ..DurableSettings::default()
    };
    let store = Durable::postgres(&url, settings).await.unwrap();
    store.migrate_up().await.unwrap();
    let batch: Vec<Vec<u8>> = (0..85_u8).map(|number| vec![number]).collect();
    for polls in 0..40 {
        let size = store.ledger.size().await.unwrap();
        // Whole or not at all, even when nobody waited for the answer.
        assert!(size.is_multiple_of(85), "{size}");
        let mut append = store.ledger.append(size, &batch);
        for _ in 0..polls {
            let waited = tokio::time::timeout(Duration::from_micros(200), &mut append).await;
            if waited.is_ok() {
                break;
            }
        }
    }
    // Twice as many as there are connections: none was lost, and none is out of step.
    let ledger = &store.ledger;
    let sizes = tokio::join!(ledger.size(), ledger.size(), ledger.size(), ledger.size());
    let sizes = [sizes.0, sizes.1, sizes.2, sizes.3];
    let all = ledger.read(0, 100_000).await.unwrap().len() as u64;
    assert!(
        sizes
            .iter()
            .all(|size| matches!(size, Ok(size) if *size <= all))
    );
    store.close().await;
}

/// The size once whatever was in flight is committed: a write of one's own comes after it.
async fn settled_size(store: &Durable) -> u64 {
    let nobody = "nobody".parse().unwrap();
    store.registry.remove_client(&nobody).await.unwrap();
    store.ledger.size().await.unwrap()
}

async fn bounded<T>(answer: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    tokio::time::timeout(BOUNDED, answer)
        .await
        .expect("an answer within the bounds of the settings")
}

async fn until_back<F>(check: impl Fn() -> F)
where
    F: Future<Output = Result<(), Fault>>,
{
    let back = async {
        while check().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUNDED, back)
        .await
        .expect("back to work soon after the server is");
}

fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
