//! Logins by what is read out. A page of the ledger is read once, whoever comes first.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use super::lots::{lots, of_rows};
use super::{Sql, execute, fixed, read, signed, time, transact, unsigned};
use crate::Fault;
use crate::durable::traces::{Known, TraceMark, Traces};

// The reading of programs that kept no places is another: what they read on is read on here as well.
const READ_TO: &str = "SELECT next FROM trace_reading WHERE id = 1";
// Not `=`: what is too old to be kept is not read.
const READ_ON: &str = "UPDATE trace_reading SET next = $2 WHERE id = 1 AND next <= $1";
const MARK: &str = "INSERT INTO trace (handle, login, first, last)";
const GOES_ON: &str = "ON CONFLICT (handle, login) DO UPDATE SET last = \
     CASE WHEN excluded.last > trace.last THEN excluded.last ELSE trace.last END";
const FOUND: &str = "SELECT handle, login, first, last FROM trace WHERE handle = $1 \
     ORDER BY last DESC LIMIT CAST($2 AS BIGINT)";
const KNOWN: &str = "SELECT person, added_at, matching_index FROM person_index \
     WHERE added_at >= $1 AND added_at < $2 AND (added_at > $1 OR matching_index > $3) \
     ORDER BY added_at, matching_index LIMIT CAST($4 AS BIGINT)";
// So many at once: nobody waits for the rest.
const FORGET_MARKS: &str = "DELETE FROM trace WHERE (handle, login) IN \
     (SELECT handle, login FROM trace WHERE first < $1 ORDER BY first LIMIT 10000)";

/// What is asked of one visit: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_VISIT: &[&str] = &[FOUND];

#[async_trait]
impl Traces for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn read_on(&self, from: u64, to: u64, marks: &[TraceMark]) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let mut rows = Vec::with_capacity(marks.len());
        for mark in marks {
            let span = (signed(mark.first)?, signed(mark.last)?);
            rows.push((mark.handle.as_str(), mark.login.as_str(), span));
        }
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for lot in lots(&rows) {
                let mut query = sqlx::query(of_rows(MARK, lot.len(), 4, GOES_ON));
                for (handle, login, (first, last)) in lot {
                    query = query.bind(*handle).bind(*login).bind(*first).bind(*last);
                }
                query.execute(&mut *c).await?;
            }
            Ok(true)
        })
        .map_err(|error| Fault::new("writing what leads to a login", error))
    }

    async fn found(&self, handle: &str, limit: u32) -> Result<Vec<TraceMark>, Fault> {
        let rows: Vec<(String, String, i64, i64)> = read!(&self.db, |c| sqlx::query_as(FOUND)
            .bind(handle)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let mark = |(handle, login, first, last)| {
            Ok(TraceMark {
                handle,
                login,
                first: unsigned(first)?,
                last: unsigned(last)?,
            })
        };
        rows.into_iter().map(mark).collect()
    }

    async fn known_between(
        &self,
        (since, until): (Timestamp, Timestamp),
        after: Option<&Known>,
        limit: u32,
    ) -> Result<Vec<Known>, Fault> {
        let since = after.map_or(since, |after| after.at);
        // Before every row where there is none to go on after.
        let row: &[u8] = after.map_or(&[], |after| &after.row);
        let rows: Vec<(Vec<u8>, i64, Vec<u8>)> = read!(&self.db, |c| sqlx::query_as(KNOWN)
            .bind(since.millis())
            .bind(until.millis())
            .bind(row)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading who came to be known", error))?;
        let known = |(person, at, row): (Vec<u8>, i64, Vec<u8>)| {
            Ok(Known {
                person: PersonId::from_bytes(fixed(person)?),
                at: time(at),
                row: fixed(row)?,
            })
        };
        rows.into_iter().map(known).collect()
    }

    async fn forget_traces(&self, before: u64) -> Result<u64, Fault> {
        let before = signed(before)?;
        execute!(&self.db, sqlx::query(FORGET_MARKS).bind(before))
            .map_err(|error| Fault::new("forgetting what leads to a login", error))
    }
}

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading what leads to a login", error)
}
