//! Letters on their way. Taking one moves the moment it is due, so that a node that dies gives it back.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::{Sql, change, execute, fixed, read, signed, unsigned};
use crate::Fault;
use crate::durable::{Letter, Outbox};

pub(super) const ENQUEUE: &str = "INSERT INTO outbox (id, kind, payload, due, attempts) \
     VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING";
// What was tried less often goes first: whoever does not answer keeps no one else waiting. `due <= $1`
// twice: on PostgreSQL a second claimer that waited for a row looks at the outer condition again, and then
// finds that the letter is not due any more.
const CLAIM: (&str, &str) = (
    "UPDATE outbox SET due = $2, attempts = attempts + 1 WHERE due <= $1 AND id IN \
     (SELECT id FROM outbox WHERE due <= $1 AND kind IN (",
    ") ORDER BY attempts, due, id LIMIT CAST($3 AS BIGINT)) RETURNING id, kind, payload, attempts",
);
// Whoever put it back meanwhile, to be sent again, means what comes after this time.
const DONE: &str = "DELETE FROM outbox WHERE id = $1 AND attempts = $2 AND due = $3";
const RETRY: &str = "UPDATE outbox SET due = $4 WHERE id = $1 AND attempts = $2 AND due = $3";
const WAITING: &str = "SELECT COUNT(*) FROM outbox";

#[async_trait]
impl Outbox for Sql {
    async fn enqueue(
        &self,
        id: [u8; 16],
        kind: &'static str,
        payload: Sealed,
        due: Timestamp,
    ) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(ENQUEUE)
                .bind(&id[..])
                .bind(kind)
                .bind(payload.as_bytes())
                .bind(due.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("writing to the outbox", error))
    }

    async fn claim(
        &self,
        kinds: &[&'static str],
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault> {
        let rows: Vec<(Vec<u8>, String, Vec<u8>, i64)> = change!(&self.db, {
            let query = sqlx::query(claim_of(kinds.len()))
                .bind(now.millis())
                .bind(back.millis())
                .bind(i64::from(limit));
            kinds.iter().fold(query, |query, kind| query.bind(*kind))
        })
        .map_err(|error| Fault::new("taking from the outbox", error))?;
        rows.into_iter()
            .map(|(id, kind, payload, attempts)| {
                Ok(Letter {
                    id: fixed(id)?,
                    kind,
                    payload: Sealed::from_bytes(payload),
                    attempts: unsigned(attempts)?,
                    back,
                })
            })
            .collect()
    }

    async fn done(&self, letter: &Letter) -> Result<(), Fault> {
        let attempts = signed(letter.attempts)?;
        execute!(
            &self.db,
            sqlx::query(DONE)
                .bind(&letter.id[..])
                .bind(attempts)
                .bind(letter.back.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("removing from the outbox", error))
    }

    async fn retry(&self, letter: &Letter, due: Timestamp) -> Result<(), Fault> {
        let attempts = signed(letter.attempts)?;
        execute!(
            &self.db,
            sqlx::query(RETRY)
                .bind(&letter.id[..])
                .bind(attempts)
                .bind(letter.back.millis())
                .bind(due.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("returning to the outbox", error))
    }

    async fn waiting(&self) -> Result<u64, Fault> {
        let waiting: i64 = read!(&self.db, |c| sqlx::query_scalar(WAITING).fetch_one(c).await)
            .map_err(|error| Fault::new("counting the outbox", error))?;
        unsigned(waiting)
    }
}

/// Takes letters of so many kinds; of none where there are none.
fn claim_of(kinds: usize) -> SqlStr {
    let places = (0..kinds).map(|kind| format!("${}", kind + 4));
    let places = places.collect::<Vec<_>>().join(", ");
    let places = if places.is_empty() { "NULL" } else { &places };
    // Safe: placeholders, and words of ours.
    AssertSqlSafe(format!("{}{places}{}", CLAIM.0, CLAIM.1)).into_sql_str()
}
