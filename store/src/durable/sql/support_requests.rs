//! What the support asks citizens. An answer is one statement, which counts once.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, SupportRequestId, Timestamp};

use super::{Sql, execute, fixed, read, time, with_kin};
use crate::Fault;
use crate::durable::support_requests::{
    SupportAnswer, SupportRequest, SupportRequests, SupportWord,
};

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

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[OF_PERSON];

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

fn asked(error: sqlx::Error) -> Fault {
    Fault::new("reading what the support asks", error)
}
