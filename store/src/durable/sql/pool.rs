//! Connections at hand: a bounded number, opened when one is needed, the last used first.
//!
//! One that did its work is trusted with the next; one whose caller failed or went away is asked first
//! whether it still works, while nobody waits for it. The pool of `sqlx` asks after every statement,
//! which doubles the words with SQLite's threads and the round trips to PostgreSQL.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections to one database.
pub(in crate::durable) struct Pool<C: Connection>(Arc<Shared<C>>);

struct Shared<C: Connection> {
    options: C::Options,
    most: u32,
    patience: Duration,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Idle<C>>>,
}

struct Idle<C> {
    connection: C,
    since: Instant,
}

impl<C: Connection + 'static> Pool<C> {
    /// Room for `most` connections; whoever waits for one does so for at most `patience`. Opens none.
    pub(in crate::durable) fn new(options: C::Options, most: u32, patience: Duration) -> Self {
        let most = most.max(1);
        Self(Arc::new(Shared {
            options,
            most,
            patience,
            // A u32 is a usize wherever this runs.
            places: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1))),
            idle: Mutex::default(),
        }))
    }

    /// A connection that works, for as long as the lease is held.
    pub(in crate::durable) async fn lease(&self) -> Result<Lease<C>, sqlx::Error> {
        timeout(self.0.patience, self.lease_in_time())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
    }

    async fn lease_in_time(&self) -> Result<Lease<C>, sqlx::Error> {
        let place = Arc::clone(&self.0.places).acquire_owned().await;
        let place = place.map_err(|_| sqlx::Error::PoolClosed)?;
        let connection = match self.0.at_hand().await {
            Some(connection) => connection,
            None => self.open().await?,
        };
        Ok(Lease {
            pool: Arc::clone(&self.0),
            held: Some((connection, place)),
        })
    }

    /// A connection beside those of the pool.
    pub(super) async fn open(&self) -> Result<C, sqlx::Error> {
        self.0.options.connect().await
    }

    /// Waits for what is under way, then closes every connection. Leases that come later fail.
    pub(in crate::durable) async fn close(&self) {
        let Shared {
            most,
            patience,
            places,
            ..
        } = &*self.0;
        // Who takes longer than that has its connection closed when it gives it back.
        let _ = timeout(*patience, places.acquire_many(*most)).await;
        places.close();
        let idle = std::mem::take(&mut *self.0.idle());
        for Idle { connection, .. } in idle {
            if let Err(error) = connection.close().await {
                tracing::debug!(%error, "a connection was closed already");
            }
        }
    }
}

impl<C: Connection> Shared<C> {
    /// The connection used last that still works.
    async fn at_hand(&self) -> Option<C> {
        loop {
            let Idle {
                mut connection,
                since,
            } = self.idle().pop()?;
            // A connection in use is known to work; asking costs a round trip per statement.
            if since.elapsed() < IDLE_UNTESTED || connection.ping().await.is_ok() {
                return Some(connection);
            }
        }
    }

    /// Keeps a connection that works, and lets go of one that nobody needed for long.
    #[expect(
        clippy::disallowed_methods,
        reason = "how long a connection was idle decides only whether it is asked first"
    )]
    fn keep(&self, connection: C) {
        if self.places.is_closed() {
            return;
        }
        let since = Instant::now();
        let mut idle = self.idle();
        idle.push(Idle { connection, since });
        let is_unneeded = |oldest: &Idle<C>| since.duration_since(oldest.since) > IDLE_AT_MOST;
        let unneeded = idle
            .first()
            .is_some_and(is_unneeded)
            .then(|| idle.remove(0));
        drop(idle);
        drop(unneeded);
    }

    /// No step under the lock leaves it half done, so a panic elsewhere does not spoil it.
    fn idle(&self) -> MutexGuard<'_, Vec<Idle<C>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in use, given back when this goes.
pub(in crate::durable) struct Lease<C: Connection + 'static> {
    pool: Arc<Shared<C>>,
    held: Option<(C, OwnedSemaphorePermit)>,
}

impl<C: Connection + 'static> Lease<C> {
    /// The connection.
    pub(in crate::durable) fn connection(&mut self) -> Result<&mut C, sqlx::Error> {
        let held = self.held.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        Ok(&mut held.0)
    }

    /// Gives the connection back at once, unless what happened leaves doubts about it.
    pub(in crate::durable) fn end<T>(
        mut self,
        result: Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        if matches!(result, Ok(_) | Err(sqlx::Error::RowNotFound))
            && let Some((connection, _place)) = self.held.take()
        {
            self.pool.keep(connection);
        }
        result
    }
}

impl<C: Connection + 'static> Drop for Lease<C> {
    fn drop(&mut self) {
        // Outside a runtime there is nobody left to give it to.
        if let Some((mut connection, place)) = self.held.take()
            && let Ok(runtime) = Handle::try_current()
        {
            let pool = Arc::clone(&self.pool);
            runtime.spawn(async move {
                // Also waits for the answers that nobody waits for any more.
                if let Ok(Ok(())) = timeout(pool.patience, connection.ping()).await {
                    pool.keep(connection);
                }
                drop(place);
            });
        }
    }
}

/// A connection that was idle for longer is asked whether it still works before it is used.
const IDLE_UNTESTED: Duration = Duration::from_secs(2);
/// A connection that was idle for longer is closed.
const IDLE_AT_MOST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use sqlx::SqliteConnection;
    use sqlx::sqlite::SqliteConnectOptions;

    use super::*;

    #[tokio::test]
    async fn a_connection_that_did_its_work_is_used_again() {
        let pool = pool(2);
        let mut lease = pool.lease().await.unwrap();
        mark(&mut lease, 7).await;
        lease.end(Ok(())).unwrap();
        let mut lease = pool.lease().await.unwrap();
        assert_eq!(marked(&mut lease).await, 7);
    }

    #[tokio::test]
    async fn a_connection_whose_caller_failed_or_went_away_is_asked_first() {
        let pool = pool(1);
        for is_dropped in [true, false] {
            let mut lease = pool.lease().await.unwrap();
            mark(&mut lease, 7).await;
            if is_dropped {
                drop(lease);
            } else {
                let failed = lease.end::<()>(Err(sqlx::Error::WorkerCrashed));
                assert!(failed.is_err());
            }
            assert!(pool.0.idle().is_empty());
            let mut lease = pool.lease().await.unwrap();
            assert_eq!(marked(&mut lease).await, 7);
            lease.end(Ok(())).unwrap();
        }
    }

    #[tokio::test]
    async fn who_finds_no_row_leaves_a_connection_that_works() {
        let pool = pool(1);
        let mut lease = pool.lease().await.unwrap();
        mark(&mut lease, 7).await;
        let none = lease.end::<()>(Err(sqlx::Error::RowNotFound));
        assert!(none.is_err());
        let mut lease = pool.lease().await.unwrap();
        assert_eq!(marked(&mut lease).await, 7);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_connection_for_ever() {
        let pool = pool_of_patience(1, Duration::from_millis(10));
        let busy = pool.lease().await.unwrap();
        let refused = pool.lease().await;
        assert!(matches!(refused, Err(sqlx::Error::PoolTimedOut)));
        busy.end(Ok(())).unwrap();
        assert_eq!(pool.0.places.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_closed_pool_leases_nothing() {
        let pool = pool(2);
        pool.lease().await.unwrap().end(Ok(())).unwrap();
        pool.close().await;
        assert!(pool.0.idle().is_empty());
        let refused = pool.lease().await;
        assert!(matches!(refused, Err(sqlx::Error::PoolClosed)));
    }

    fn pool(most: u32) -> Pool<SqliteConnection> {
        pool_of_patience(most, Duration::from_secs(5))
    }

    /// Each connection has a database of its own, in memory, so that it can be told from others.
    fn pool_of_patience(most: u32, patience: Duration) -> Pool<SqliteConnection> {
        let options = SqliteConnectOptions::new().in_memory(true);
        Pool::new(options, most, patience)
    }

    async fn mark(lease: &mut Lease<SqliteConnection>, mark: i64) {
        sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {mark}")))
            .execute(lease.connection().unwrap())
            .await
            .unwrap();
    }

    async fn marked(lease: &mut Lease<SqliteConnection>) -> i64 {
        sqlx::query_scalar("PRAGMA user_version")
            .fetch_one(lease.connection().unwrap())
            .await
            .unwrap()
    }
}
