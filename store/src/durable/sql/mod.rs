//! The queries, once for both databases.
//!
//! [`Db`] is the database; `read!`, `execute!`, `change!` and `transact!` run the same text on either. What both
//! understand: `$1` placeholders, `ON CONFLICT`, `RETURNING`; TEXT, BIGINT for every number and time
//! (a time in text sorts wrongly on SQLite), BOOLEAN, BYTEA.

use std::time::Duration;

use guichet_domain::{PersonId, Sector, SubjectIdentifier, Timestamp};
use moka::sync::Cache;
use sqlx::PgConnection;

use crate::Fault;

mod accounts;
mod audit_index;
mod authenticators;
mod cases;
mod client_tests;
mod collector;
mod consents;
mod corrections;
mod credential_uses;
mod erasures;
mod evidence_grants;
mod exchange_entries;
mod habilitations;
mod histories;
mod initial_access_tokens;
mod ledger;
mod lots;
mod mail_aliases;
mod messages;
mod migrations;
mod outbox;
mod people;
#[cfg(test)]
mod plans;
mod pool;
mod refresh_tokens;
mod registry;
mod rights_requests;
mod sqlite;
mod staff;
mod statistics;
mod subjects;
mod support_requests;
mod swap;
mod traces;
mod waiting_events;
mod ways;
mod webhooks;

pub(super) use migrations::{migrate, migration_status};
pub(super) use pool::Pool;
pub(super) use sqlite::Sqlite;

/// Which database.
pub(super) enum Db {
    Sqlite(Sqlite),
    Pg(Pool<PgConnection>),
}

/// Every durable trait over one database.
pub(super) struct Sql {
    pub(super) db: Db,
    /// The name that counts changes only when persons are merged or parted: this node then forgets all at
    /// once, but for what was being read at that moment. That, and the other nodes, may answer with the
    /// former name for [`SUBJECTS_FOR`].
    subjects: Cache<(Sector, PersonId), SubjectIdentifier>,
    /// A sealed sector key never changes once there, so what was read stays true.
    sector_keys: Cache<Sector, guichet_domain::Sealed>,
}

impl Sql {
    pub(super) fn new(db: Db, cached_subjects: u64) -> Self {
        Self {
            db,
            subjects: Cache::builder()
                .max_capacity(cached_subjects)
                .time_to_live(SUBJECTS_FOR)
                .build(),
            sector_keys: Cache::new(10_000),
        }
    }
}

/// How long a name is kept at hand: for the few look-ups of one sign-in.
const SUBJECTS_FOR: Duration = Duration::from_secs(10);

/// One query on one of the connections at hand.
macro_rules! leased {
    ($pool:expr, |$c:ident| $query:expr) => {
        match $pool.lease().await {
            Ok(mut lease) => {
                let result = match lease.connection() {
                    Ok($c) => $query,
                    Err(error) => Err(error),
                };
                lease.end(result)
            }
            Err(error) => Err(error),
        }
    };
}

/// Reads: `read!(db, |c| query.fetch_one(c).await)`. Sees every change that was answered.
macro_rules! read {
    ($db:expr, |$c:ident| $query:expr) => {
        match $db {
            $crate::durable::sql::Db::Sqlite(sqlite) => {
                $crate::durable::sql::leased!(sqlite.readers(), |$c| $query)
            }
            $crate::durable::sql::Db::Pg(pool) => {
                $crate::durable::sql::leased!(pool, |$c| $query)
            }
        }
    };
}

/// Changes by one statement: `execute!(db, query)`; how many rows it changed. Durable when it returns
/// `Ok`.
macro_rules! execute {
    ($db:expr, $query:expr) => {
        match $db {
            $crate::durable::sql::Db::Sqlite(sqlite) => {
                sqlite.write($query).await.map(|done| done.changed)
            }
            $crate::durable::sql::Db::Pg(pool) => {
                $crate::durable::sql::leased!(pool, |c| $query.execute(c).await)
                    .map(|done| done.rows_affected())
            }
        }
    };
}

/// Changes by one statement that returns rows: `change!(db, query)`, a tuple for each row. Durable when
/// it returns `Ok`.
macro_rules! change {
    ($db:expr, $query:expr) => {
        match $db {
            $crate::durable::sql::Db::Sqlite(sqlite) => sqlite
                .write($query)
                .await
                .and_then(|done| $crate::durable::sql::typed(&done.rows)),
            $crate::durable::sql::Db::Pg(pool) => {
                $crate::durable::sql::leased!(pool, |c| $query.fetch_all(c).await)
                    .and_then(|rows| $crate::durable::sql::typed(&rows))
            }
        }
    };
}

/// Changes by several statements, all or none: `transact!(db, |c| { query.execute(&mut *c).await?; …
/// Ok(value) })`. Durable when it returns `Ok`; undone when it returns `Err`.
macro_rules! transact {
    ($db:expr, |$c:ident| $body:block) => {
        match $db {
            $crate::durable::sql::Db::Sqlite(sqlite) => match sqlite.turn().await {
                Ok(mut turn) => {
                    let result = $crate::durable::sql::attempt({
                        let $c = turn.connection();
                        async move { $body }
                    })
                    .await;
                    turn.end(result).await
                }
                Err(error) => Err(error),
            },
            $crate::durable::sql::Db::Pg(pool) => {
                $crate::durable::sql::leased!(pool, |connection| {
                    match sqlx::Connection::begin(connection).await {
                        Ok(mut transaction) => {
                            let result = $crate::durable::sql::attempt({
                                let $c = &mut *transaction;
                                async move { $body }
                            })
                            .await;
                            $crate::durable::sql::end(transaction, result).await
                        }
                        Err(error) => Err(error),
                    }
                })
            }
        }
    };
}

/// A query that knows, as `kin`, the person `$1` and everybody who is the same one. Up the links first: who
/// asks may be one who was taken in. Used as `person IN (SELECT person FROM kin)`: in a join SQLite takes
/// the many rows that a recursion might have for what it has, and reads the other table from end to end.
macro_rules! with_kin {
    ($($query:expr),+ $(,)?) => {
        concat!(
            "WITH RECURSIVE up(person) AS (SELECT $1 \
             UNION SELECT l.kept FROM person_link l JOIN up ON l.absorbed = up.person), \
             kin(person) AS (SELECT person FROM up \
             UNION SELECT l.absorbed FROM person_link l JOIN kin ON l.kept = kin.person) ",
            $($query),+
        )
    };
}

pub(in crate::durable::sql) use {change, execute, leased, read, transact, with_kin};

/// Rows as tuples.
pub(in crate::durable::sql) fn typed<R: sqlx::Row, T>(rows: &[R]) -> Result<Vec<T>, sqlx::Error>
where
    T: for<'r> sqlx::FromRow<'r, R>,
{
    rows.iter().map(T::from_row).collect()
}

/// Gives the block of a transaction its error type.
pub(in crate::durable::sql) async fn attempt<T>(
    body: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    body.await
}

/// Commits what succeeded and undoes the rest, before the connection is anybody else's: what a dropped
/// transaction holds stays locked until its connection is used again.
pub(in crate::durable::sql) async fn end<T>(
    transaction: sqlx::Transaction<'_, sqlx::Postgres>,
    result: Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    match result {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            transaction.rollback().await?;
            Err(error)
        }
    }
}

/// Whether a statement failed because what it would write is there already.
fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// A column of sixteen or thirty-two bytes.
fn fixed<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Fault> {
    bytes
        .try_into()
        .map_err(|_| Fault::bare("an identifier in the database has the wrong size"))
}

/// A column that never is negative.
fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|error| Fault::new("a negative number in the database", error))
}

fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|error| Fault::new("a number no database holds", error))
}

/// A column that parses as `T`.
fn parsed<T>(text: &str) -> Result<T, Fault>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse()
        .map_err(|error: T::Err| Fault::new("a malformed text in the database", error))
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}
