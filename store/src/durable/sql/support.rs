//! For the support: logins by what is read out, and what citizens are asked. An answer is one statement, which
//! counts once.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, SupportRequestId, Timestamp};

use super::lots::{lots, of_rows};
use super::{Sql, execute, fixed, read, signed, time, transact, unsigned, with_kin};
use crate::Fault;
use crate::durable::support::{
    Known, SupportAnswer, SupportRequest, SupportRequests, SupportWord, TraceMark, Traces,
};

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

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, person, handle, asked_by, sealed, asked_at, expires_at, answer, \
             answered_at, until FROM support_request ",
            $rest
        )
    };
}
// Two that come at once may both find room for one: the bound is against a flood, not exact.
const ASK: &str = "INSERT INTO support_request \
     (id, person, handle, asked_by, sealed, asked_at, expires_at) \
     SELECT $1, $2, $3, $4, $5, $6, $7 WHERE (SELECT COUNT(*) FROM support_request \
     WHERE person = $2 AND answer IS NULL AND expires_at > $6) < $8 ON CONFLICT (id) DO NOTHING";
const SETTLE: &str = "UPDATE support_request SET answer = $2, answered_at = $3, until = $4 \
     WHERE id = $1 AND answer IS NULL AND expires_at > $3";
const TAKE_BACK: &str = "UPDATE support_request SET answer = $2, answered_at = $3, until = $4 \
     WHERE id = $1 AND answer = 'agreed'";
const ONE: &str = columns!("WHERE id = $1");
const OF_PERSON: &str = with_kin!(columns!(
    "WHERE person IN (SELECT person FROM kin) ORDER BY asked_at DESC, id LIMIT CAST($2 AS BIGINT)"
));
// One that was agreed to just before it ran out is open for a while.
const FORGET: &str =
    "DELETE FROM support_request WHERE expires_at < $1 AND (until IS NULL OR until < $1)";
const OF_CASE: &str = columns!(
    "WHERE handle = $1 AND asked_by = $2 ORDER BY asked_at DESC, id LIMIT CAST($3 AS BIGINT)"
);

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    Vec<u8>,
    i64,
    i64,
    Option<String>,
    Option<i64>,
    Option<i64>,
);

/// What is asked of one person or one visit: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[OF_PERSON, FOUND];

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

#[async_trait]
impl SupportRequests for Sql {
    async fn ask(&self, request: &SupportRequest, most: u32) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ASK)
                .bind(&request.id.as_bytes()[..])
                .bind(&request.person.as_bytes()[..])
                .bind(request.handle.as_str())
                .bind(request.by.as_str())
                .bind(request.sealed.as_bytes())
                .bind(request.asked.millis())
                .bind(request.expires.millis())
                .bind(i64::from(most))
        )
        .map(|kept| kept > 0)
        .map_err(|error| Fault::new("writing what the support asks", error))
    }

    async fn answer(&self, id: SupportRequestId, answer: &SupportAnswer) -> Result<bool, Fault> {
        let statement = match answer.word {
            SupportWord::Agreed | SupportWord::Refused => SETTLE,
            SupportWord::Withdrawn => TAKE_BACK,
        };
        execute!(
            &self.db,
            sqlx::query(statement)
                .bind(&id.as_bytes()[..])
                .bind(answer.word.as_str())
                .bind(answer.at.millis())
                .bind(answer.until.millis())
        )
        .map(|answered| answered > 0)
        .map_err(|error| Fault::new("writing a citizen's answer", error))
    }

    async fn support_request(&self, id: SupportRequestId) -> Result<Option<SupportRequest>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ONE)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(asked)?;
        row.map(request).transpose()
    }

    async fn asked_of(&self, person: PersonId, limit: u32) -> Result<Vec<SupportRequest>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF_PERSON)
            .bind(&person.as_bytes()[..])
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(asked)?;
        rows.into_iter().map(request).collect()
    }

    async fn asked_about(
        &self,
        handle: &str,
        by: &str,
        limit: u32,
    ) -> Result<Vec<SupportRequest>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF_CASE)
            .bind(handle)
            .bind(by)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(asked)?;
        rows.into_iter().map(request).collect()
    }

    async fn forget_requests(&self, before: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(before.millis()))
            .map_err(|error| Fault::new("forgetting what the support asked", error))
    }
}

fn request(row: Row) -> Result<SupportRequest, Fault> {
    let (id, person, handle, by, sealed, asked, expires, word, at, until) = row;
    let answer = match (word, at, until) {
        (None, None, None) => None,
        (Some(word), Some(at), Some(until)) => Some(SupportAnswer {
            word: SupportWord::of_word(&word).ok_or(MALFORMED)?,
            at: time(at),
            until: time(until),
        }),
        _ => return Err(MALFORMED),
    };
    Ok(SupportRequest {
        id: SupportRequestId::from_bytes(fixed(id)?),
        person: PersonId::from_bytes(fixed(person)?),
        handle,
        by,
        sealed: Sealed::from_bytes(sealed),
        asked: time(asked),
        expires: time(expires),
        answer,
    })
}

const MALFORMED: Fault = Fault::bare("a malformed request of the support in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading what leads to a login", error)
}

fn asked(error: sqlx::Error) -> Fault {
    Fault::new("reading what the support asks", error)
}
