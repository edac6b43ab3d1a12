//! Letters on their way. Taking one moves the moment it is due, so that a node that dies gives it back.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};

use super::{Sql, change, execute, fixed, read, unsigned};
use crate::Fault;
use crate::durable::{Letter, Outbox};

pub(super) const ENQUEUE: &str = "INSERT INTO outbox (id, kind, payload, due, attempts) \
     VALUES ($1, $2, $3, $4, 0) ON CONFLICT (id) DO NOTHING";
// What was tried less often goes first: whoever does not answer keeps no one else waiting. `due <= $1`
// twice: on PostgreSQL a second claimer that waited for a row looks at the outer condition again, and then
// finds that the letter is not due any more.
const CLAIM: &str = "UPDATE outbox SET due = $2, attempts = attempts + 1 WHERE due <= $1 AND id IN \
     (SELECT id FROM outbox WHERE due <= $1 ORDER BY attempts, due, id LIMIT CAST($3 AS BIGINT)) \
     RETURNING id, kind, payload, attempts";
const DONE: &str = "DELETE FROM outbox WHERE id = $1";
const RETRY: &str = "UPDATE outbox SET due = $2 WHERE id = $1";
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
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault> {
        let rows: Vec<(Vec<u8>, String, Vec<u8>, i64)> = change!(
            &self.db,
            sqlx::query(CLAIM)
                .bind(now.millis())
                .bind(back.millis())
                .bind(i64::from(limit))
        )
        .map_err(|error| Fault::new("taking from the outbox", error))?;
        rows.into_iter()
            .map(|(id, kind, payload, attempts)| {
                Ok(Letter {
                    id: fixed(id)?,
                    kind,
                    payload: Sealed::from_bytes(payload),
                    attempts: unsigned(attempts)?,
                })
            })
            .collect()
    }

    async fn done(&self, id: [u8; 16]) -> Result<(), Fault> {
        execute!(&self.db, sqlx::query(DONE).bind(&id[..]))
            .map(drop)
            .map_err(|error| Fault::new("removing from the outbox", error))
    }

    async fn retry(&self, id: [u8; 16], due: Timestamp) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(RETRY).bind(&id[..]).bind(due.millis())
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
