//! What citizens ask by right. An answer is one statement: what is settled is never answered again.

use async_trait::async_trait;
use guichet_domain::{PersonId, RightsRequestId, Sealed, Timestamp};

use super::{Sql, execute, fixed, read, time, with_kin};
use crate::Fault;
use crate::durable::rights_requests::{
    RightKind, RightsAnswer, RightsOutcome, RightsRequest, RightsRequests,
};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, person, kind, addressee, sealed, made_at, due_at, outcome, answer, \
             answered_by, answered_at FROM rights_request ",
            $rest
        )
    };
}

// Two that come at once may both find room for one: the bound is against a flood, not exact.
const ASK: &str = "INSERT INTO rights_request \
     (id, person, kind, addressee, sealed, made_at, due_at, settled) \
     SELECT $1, $2, $3, $4, $5, $6, $7, FALSE WHERE (SELECT COUNT(*) FROM rights_request \
     WHERE person = $2 AND NOT settled) < $8 ON CONFLICT (id) DO NOTHING";
const ANSWER: &str = "UPDATE rights_request \
     SET outcome = $2, answer = $3, answered_by = $4, answered_at = $5, settled = $6 \
     WHERE id = $1 AND NOT settled";
const ONE: &str = columns!("WHERE id = $1");
const OF_PERSON: &str = with_kin!(columns!(
    "WHERE person IN (SELECT person FROM kin) ORDER BY made_at DESC, id"
));
const UNSETTLED: &str = columns!("WHERE settled = FALSE ORDER BY due_at, id LIMIT $1");
const FORGET: &str = "DELETE FROM rights_request WHERE settled AND answered_at < $1";

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    Vec<u8>,
    i64,
    i64,
    Option<String>,
    Option<Vec<u8>>,
    Option<String>,
    Option<i64>,
);

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[OF_PERSON];

#[async_trait]
impl RightsRequests for Sql {
    async fn ask(&self, request: &RightsRequest, most: u32) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ASK)
                .bind(&request.id.as_bytes()[..])
                .bind(&request.person.as_bytes()[..])
                .bind(request.kind.as_str())
                .bind(request.addressee.as_str())
                .bind(request.sealed.as_bytes())
                .bind(request.made.millis())
                .bind(request.due.millis())
                .bind(i64::from(most))
        )
        .map(|kept| kept > 0)
        .map_err(|error| Fault::new("writing a citizen's request", error))
    }

    async fn answer(&self, id: RightsRequestId, answer: &RightsAnswer) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ANSWER)
                .bind(&id.as_bytes()[..])
                .bind(answer.outcome.as_str())
                .bind(answer.sealed.as_bytes())
                .bind(answer.by.as_str())
                .bind(answer.at.millis())
                .bind(answer.outcome.is_final())
        )
        .map(|answered| answered > 0)
        .map_err(|error| Fault::new("answering a citizen's request", error))
    }

    async fn request(&self, id: RightsRequestId) -> Result<Option<RightsRequest>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ONE)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        row.map(request).transpose()
    }

    async fn of_person(&self, person: PersonId) -> Result<Vec<RightsRequest>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF_PERSON)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(request).collect()
    }

    async fn unsettled(&self, limit: u32) -> Result<Vec<RightsRequest>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(UNSETTLED)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(request).collect()
    }

    async fn forget_settled(&self, time: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(time.millis()))
            .map_err(|error| Fault::new("forgetting citizens' requests", error))
    }
}

fn request(row: Row) -> Result<RightsRequest, Fault> {
    let (id, person, kind, addressee, sealed, made, due, outcome, answer, by, at) = row;
    let answer = match (outcome, answer, by, at) {
        (None, None, None, None) => None,
        (Some(outcome), Some(sealed), Some(by), Some(at)) => Some(RightsAnswer {
            outcome: RightsOutcome::of_word(&outcome).ok_or(MALFORMED)?,
            sealed: Sealed::from_bytes(sealed),
            by,
            at: time(at),
        }),
        _ => return Err(MALFORMED),
    };
    Ok(RightsRequest {
        id: RightsRequestId::from_bytes(fixed(id)?),
        person: PersonId::from_bytes(fixed(person)?),
        kind: RightKind::of_word(&kind).ok_or(MALFORMED)?,
        addressee,
        sealed: Sealed::from_bytes(sealed),
        made: time(made),
        due: time(due),
        answer,
    })
}

const MALFORMED: Fault = Fault::bare("a malformed request of a citizen in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading citizens' requests", error)
}
