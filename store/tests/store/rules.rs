//! Every rule of `guichet_store::conformance` as a test of its own for each backend.

use std::sync::Arc;

use guichet_store::conformance::{Books, House, TestClock};
use guichet_store::{Durable, DurableSettings, Limits, RedisSettings, ShortLived};

use crate::servers;

macro_rules! on_memory {
    ($($rule:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let house = super::memory();
            guichet_store::conformance::short_lived::$rule(house).await.unwrap();
        }
    )* };
}

macro_rules! on_redis {
    ($($rule:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let house = super::redis(stringify!($rule)).await;
            guichet_store::conformance::short_lived::$rule(house).await.unwrap();
        }
    )* };
}

macro_rules! on_sqlite {
    ($($rule:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let folder = tempfile::tempdir().unwrap();
            let books = super::sqlite(folder.path()).await;
            guichet_store::conformance::durable::$rule(books).await.unwrap();
        }
    )* };
}

macro_rules! on_postgres {
    ($($rule:ident)*) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $rule() {
            let books = super::postgres().await;
            guichet_store::conformance::durable::$rule(books).await.unwrap();
        }
    )* };
}

mod memory_keeps {
    guichet_store::short_lived_rules!(on_memory);
}

mod redis_keeps {
    guichet_store::short_lived_rules!(on_redis);
}

mod sqlite_keeps {
    guichet_store::durable_rules!(on_sqlite);
    guichet_store::refresh_token_rules!(on_sqlite);
}

mod postgres_keeps {
    guichet_store::durable_rules!(on_postgres);
    guichet_store::refresh_token_rules!(on_postgres);
}

fn memory() -> House {
    let clock = TestClock::new();
    let node = ShortLived::memory(Limits::default(), clock.clone(), "hub");
    House {
        there: node.clone(),
        here: node,
        elsewhere: ShortLived::memory(Limits::default(), clock.clone(), "idp"),
        clock,
    }
}

async fn redis(rule: &str) -> House {
    let clock = TestClock::new();
    let hub = rule.replace('_', "-");
    let idp = format!("{hub}-idp");
    House {
        here: redis_node(&hub, &clock).await,
        there: redis_node(&hub, &clock).await,
        elsewhere: redis_node(&idp, &clock).await,
        clock,
    }
}

async fn redis_node(namespace: &str, clock: &Arc<TestClock>) -> ShortLived {
    let url = servers::redis();
    ShortLived::redis(url, namespace, RedisSettings::default(), clock.clone())
        .await
        .unwrap()
}

async fn sqlite(folder: &std::path::Path) -> Books {
    let path = folder.join("guichet.db");
    let settings = DurableSettings::default();
    let here = Durable::sqlite(&path, settings).await.unwrap();
    here.migrate_up().await.unwrap();
    Books {
        here,
        there: Durable::sqlite(&path, settings).await.unwrap(),
    }
}

async fn postgres() -> Books {
    let url = servers::postgres_database().await;
    let settings = DurableSettings {
        // The two nodes of many tests share one server.
        connections: 4,
        patience: std::time::Duration::from_secs(20),
        ..DurableSettings::default()
    };
    let here = Durable::postgres(&url, settings).await.unwrap();
    here.migrate_up().await.unwrap();
    Books {
        here,
        there: Durable::postgres(&url, settings).await.unwrap(),
    }
}
