//! Requests to erase. An answer is one statement: what is erased is never refused afterwards.

use async_trait::async_trait;
use guichet_domain::{ExchangeId, PersonId, Timestamp};

use super::{Sql, execute, fixed, parsed, read, time, with_kin};
use crate::Fault;
use crate::durable::{Erasure, ErasureAnswer, ErasureStatement, Erasures, Party};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT exchange, party, person, client, asked_at, due, answer, ground, statement, \
             answered_at FROM evidence_erasure ",
            $rest
        )
    };
}

const ASK: &str = "INSERT INTO evidence_erasure \
     (exchange, party, person, client, asked_at, due, answer, ground, statement, answered_at) \
     VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, NULL) \
     ON CONFLICT (exchange, party) DO NOTHING";
const ANSWER: &str = "UPDATE evidence_erasure \
     SET answer = $3, ground = $4, statement = $5, answered_at = $6 \
     WHERE exchange = $1 AND party = $2 \
     AND (answer IS NULL OR (answer = 'refused' AND (answer <> $3 OR ground <> $4)))";
const OF_PARTY: &str = columns!("WHERE exchange = $1 AND party = $2");
const OF_PERSON: &str = with_kin!(columns!(
    "WHERE person IN (SELECT person FROM kin) ORDER BY asked_at, exchange, party"
));
const OVERDUE: &str = columns!("WHERE answer IS NULL AND due < $1 ORDER BY due, exchange LIMIT $2");

type Row = (
    Vec<u8>,
    String,
    Vec<u8>,
    String,
    i64,
    i64,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[OF_PERSON];

#[async_trait]
impl Erasures for Sql {
    async fn ask(&self, erasure: &Erasure) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ASK)
                .bind(&erasure.exchange.as_bytes()[..])
                .bind(erasure.party.as_str())
                .bind(&erasure.person.as_bytes()[..])
                .bind(erasure.client.as_str())
                .bind(erasure.asked.millis())
                .bind(erasure.due.millis())
        )
        .map(|asked| asked > 0)
        .map_err(|error| Fault::new("writing a request to erase", error))
    }

    async fn answer(
        &self,
        exchange: ExchangeId,
        party: Party,
        statement: &ErasureStatement,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ANSWER)
                .bind(&exchange.as_bytes()[..])
                .bind(party.as_str())
                .bind(statement.answer.as_str())
                .bind(&statement.ground)
                .bind(&statement.signed)
                .bind(statement.at.millis())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("writing an answer to a request to erase", error))
    }

    async fn erasure(&self, exchange: ExchangeId, party: Party) -> Result<Option<Erasure>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(OF_PARTY)
            .bind(&exchange.as_bytes()[..])
            .bind(party.as_str())
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        row.map(erasure).transpose()
    }

    async fn erasures_of(&self, person: PersonId) -> Result<Vec<Erasure>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF_PERSON)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(erasure).collect()
    }

    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<Erasure>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OVERDUE)
            .bind(now.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(erasure).collect()
    }
}

fn erasure(row: Row) -> Result<Erasure, Fault> {
    let (exchange, party, person, client, asked, due, answer, ground, signed, at) = row;
    let statement = match (answer, at) {
        (None, None) => None,
        (Some(answer), Some(at)) => Some(ErasureStatement {
            answer: ErasureAnswer::of_word(&answer).ok_or(MALFORMED)?,
            ground: ground.unwrap_or_default(),
            signed: signed.unwrap_or_default(),
            at: time(at),
        }),
        (Some(_), None) | (None, Some(_)) => return Err(MALFORMED),
    };
    Ok(Erasure {
        exchange: ExchangeId::from_bytes(fixed(exchange)?),
        party: Party::of_word(&party).ok_or(MALFORMED)?,
        person: PersonId::from_bytes(fixed(person)?),
        client: parsed(&client)?,
        asked: time(asked),
        due: time(due),
        statement,
    })
}

const MALFORMED: Fault = Fault::bare("a malformed request to erase in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading requests to erase", error)
}
