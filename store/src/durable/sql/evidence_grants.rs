//! Decisions about evidence. A pull is one statement, so that neither two callers nor a revocation ever
//! see a grant between two states.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{ClientId, EvidenceTypeId, ExchangeId, GrantId, PersonId, Sealed, Timestamp};
use sqlx::{ColumnIndex, Database, Decode, FromRow, Type};

use super::{Db, Sql, execute, fixed, parsed, read, time, transact, unsigned, with_kin};
use crate::Fault;
use crate::durable::evidence_grants::{
    DeliveryHalf, DeliveryRecord, EvidenceEnd, EvidenceGrantRecord, EvidenceGrants,
    EvidenceOutcome, LastPull, Pull,
};

macro_rules! columns {
    ($($rest:expr),*) => {
        concat!(
            "SELECT id, alias, grant_id, person, client, data_provider, evidence_type, terms, outcome, \
             decided_at, begun_at, expires, max_pulls, every, pulls, pulled_at, tries, arrived, confirmed, \
             ended_at, ended_how, predecessor FROM evidence_grant ",
            $($rest),*
        )
    };
}
// What lives at $4 and may be fetched again and again, of one evidence by one person to one client.
macro_rules! recurring {
    () => {
        "WHERE person IN (SELECT person FROM kin) AND client = $2 AND evidence_type = $3 \
         AND every > 0 AND max_pulls > 0 AND begun_at IS NOT NULL AND ended_at IS NULL AND expires > $4"
    };
}

const RECORD: &str = "INSERT INTO evidence_grant \
     (id, alias, grant_id, person, client, data_provider, evidence_type, terms, outcome, decided_at, \
      expires, max_pulls, every, pulls, pulled_at, tries, arrived, ended_at, ended_how, predecessor) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, NULL, 0, FALSE, NULL, NULL, $14) \
     ON CONFLICT (id) DO NOTHING";
const BEGIN: &str = "UPDATE evidence_grant SET begun_at = $2 \
     WHERE grant_id = $1 AND begun_at IS NULL AND ended_at IS NULL AND max_pulls > 0 AND expires > $2 \
     RETURNING id, person, client, evidence_type, every";
const WHO_DECIDED: &str = "SELECT person FROM evidence_grant WHERE grant_id = $1 LIMIT 1";
const REPLACE: &str = with_kin!(
    "UPDATE evidence_grant SET ended_at = $4, ended_how = $5 ",
    recurring!(),
    " AND id <> $6 RETURNING id"
);
const RECURRING: &str = with_kin!(columns!(
    recurring!(),
    " ORDER BY decided_at DESC, id LIMIT 1"
));
const GET: &str = columns!("WHERE id = $1");
const OF_ALIAS: &str = columns!("WHERE alias = $1");
const OF_PERSON: &str = with_kin!(columns!(
    "WHERE person IN (SELECT person FROM kin) ORDER BY decided_at DESC, id LIMIT $2"
));
const OF_GRANT: &str = columns!("WHERE grant_id = $1 ORDER BY decided_at, id");
const UNUSED: &str = columns!(
    "WHERE begun_at IS NOT NULL AND ended_at IS NULL AND every > 0 AND max_pulls > 0 AND expires > $2 \
     AND COALESCE(pulled_at, decided_at) < $1 AND COALESCE(pulled_at, decided_at) + 2 * every < $2 \
     ORDER BY COALESCE(pulled_at, decided_at), id LIMIT $3"
);
// The latest pull is tried again, or another one begins. On PostgreSQL a caller that waited for the row
// evaluates all of this again on what the one before it left.
macro_rules! again {
    () => {
        "(pulls > 0 AND NOT arrived AND tries < $4 AND pulled_at > $3)"
    };
}
const PULL: &str = concat!(
    "UPDATE evidence_grant SET \
     pulls = CASE WHEN ",
    again!(),
    " THEN pulls ELSE pulls + 1 END, \
     tries = CASE WHEN ",
    again!(),
    " THEN tries + 1 ELSE 1 END, \
     pulled_at = CASE WHEN ",
    again!(),
    " THEN pulled_at ELSE $2 END, \
     arrived = FALSE, confirmed = NULL \
     WHERE id = $1 AND begun_at IS NOT NULL AND ended_at IS NULL AND expires > $2 AND max_pulls > 0 AND (",
    again!(),
    " OR (pulls < max_pulls AND (pulled_at IS NULL OR pulled_at + every <= $2))) \
     RETURNING pulls"
);
const END: &str = "UPDATE evidence_grant SET ended_at = $2, ended_how = $3 \
     WHERE id = $1 AND ended_at IS NULL";
const NARROW: &str = "UPDATE evidence_grant SET terms = $3 \
     WHERE id = $1 AND terms = $2 AND ended_at IS NULL AND expires > $4";
const RELEASE: &str = "INSERT INTO evidence_release (exchange, voucher, pull) VALUES ($1, $2, $3) \
     ON CONFLICT (exchange, voucher) DO NOTHING";
const RELEASED: &str = "SELECT pull FROM evidence_release WHERE exchange = $1 AND voucher = $2";
const DELIVER: &str = "INSERT INTO evidence_half \
     (exchange, voucher, half, pull, digest, receipt, noted_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (exchange, voucher, half) DO NOTHING";
// Comes first: two halves that come in at once wait for each other here, and the second sees the first.
const ARRIVED: &str =
    "UPDATE evidence_grant SET arrived = arrived OR ($2 AND pulls = $3) WHERE id = $1";
const CONFIRM: &str = "UPDATE evidence_grant SET confirmed = TRUE WHERE id = $1 AND pulls = $2 AND EXISTS \
     (SELECT 1 FROM evidence_half AS one JOIN evidence_half AS other ON other.exchange = one.exchange \
      AND other.voucher = one.voucher AND other.digest = one.digest AND other.half <> one.half \
      WHERE one.exchange = $1 AND one.voucher = $3)";
const UNCONFIRMED: &str = columns!(
    "WHERE confirmed IS NULL AND pulls > 0 AND pulled_at < $1 ORDER BY pulled_at, id LIMIT $2"
);
const NOTE_UNCONFIRMED: &str = "UPDATE evidence_grant SET confirmed = FALSE \
     WHERE id = $1 AND pulled_at = $2 AND confirmed IS NULL";
const COUNT_UNCONFIRMED: &str = "SELECT COUNT(*) FROM evidence_grant \
     WHERE confirmed = FALSE AND pulled_at >= $1";
const DELIVERIES: &str = "SELECT exchange, voucher, half, pull, digest, receipt, noted_at \
     FROM evidence_half WHERE exchange = $1 ORDER BY noted_at, voucher, half";
const ONE_SIDED: &str = "SELECT exchange, voucher, half, pull, digest, receipt, noted_at \
     FROM evidence_half AS one WHERE noted_at >= $1 AND noted_at < $2 AND NOT EXISTS \
     (SELECT 1 FROM evidence_half AS other WHERE other.exchange = one.exchange \
      AND other.voucher = one.voucher AND other.digest = one.digest AND other.half <> one.half) \
     ORDER BY noted_at, exchange LIMIT $3";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[REPLACE, RECURRING, OF_PERSON];

#[async_trait]
impl EvidenceGrants for Sql {
    async fn record(&self, grant: &EvidenceGrantRecord) -> Result<(), Fault> {
        let predecessor = grant.predecessor.map(|id| id.as_bytes().to_vec());
        execute!(
            &self.db,
            sqlx::query(RECORD)
                .bind(&grant.id.as_bytes()[..])
                .bind(&grant.alias.as_bytes()[..])
                .bind(&grant.grant.as_bytes()[..])
                .bind(&grant.person.as_bytes()[..])
                .bind(grant.client.as_str())
                .bind(grant.data_provider.as_str())
                .bind(grant.evidence_type.as_str())
                .bind(grant.terms.as_bytes())
                .bind(grant.outcome.as_str())
                .bind(grant.decided.millis())
                .bind(grant.expires.millis())
                .bind(i64::from(grant.max_pulls))
                .bind(millis(grant.every))
                .bind(&predecessor)
        )
        .map(drop)
        .map_err(|error| Fault::new("writing a decision about evidence", error))
    }

    async fn begin(&self, grant: GrantId, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        let wait_for_others = wait_for_others(&self.db);
        let replaced: Vec<Vec<u8>> = transact!(&self.db, |c| {
            let decided = sqlx::query_scalar(WHO_DECIDED).bind(&grant.as_bytes()[..]);
            let Some(person) = decided.fetch_optional(&mut *c).await? else {
                return Ok(Vec::new());
            };
            let person: Vec<u8> = person;
            sqlx::query(wait_for_others)
                .bind(turn_of(&person))
                .execute(&mut *c)
                .await?;
            let begun: Vec<Begun> = sqlx::query_as(BEGIN)
                .bind(&grant.as_bytes()[..])
                .bind(now.millis())
                .fetch_all(&mut *c)
                .await?;
            let mut replaced: Vec<Vec<u8>> = Vec::new();
            let again_and_again = |(_, _, _, _, every): &Begun| *every > 0;
            for (id, person, client, evidence_type, _) in begun.into_iter().filter(again_and_again)
            {
                let ended = sqlx::query_scalar(REPLACE)
                    .bind(person)
                    .bind(client)
                    .bind(evidence_type)
                    .bind(now.millis())
                    .bind(EvidenceEnd::Replaced.as_str())
                    .bind(id);
                replaced.extend(ended.fetch_all(&mut *c).await?);
            }
            Ok(replaced)
        })
        .map_err(|error| Fault::new("beginning what was granted", error))?;
        let id = |bytes| fixed(bytes).map(ExchangeId::from_bytes);
        replaced.into_iter().map(id).collect()
    }

    async fn recurring(
        &self,
        person: PersonId,
        client: &ClientId,
        evidence_type: &EvidenceTypeId,
        now: Timestamp,
    ) -> Result<Option<EvidenceGrantRecord>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(RECURRING)
            .bind(&person.as_bytes()[..])
            .bind(client.as_str())
            .bind(evidence_type.as_str())
            .bind(now.millis())
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        row.map(record).transpose()
    }

    async fn get(&self, id: ExchangeId) -> Result<Option<EvidenceGrantRecord>, Fault> {
        self.one(GET, id.as_bytes()).await
    }

    async fn of_alias(&self, alias: ExchangeId) -> Result<Option<EvidenceGrantRecord>, Fault> {
        self.one(OF_ALIAS, alias.as_bytes()).await
    }

    async fn of_person(
        &self,
        person: PersonId,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault> {
        let rows: Result<Vec<Row>, _> = read!(&self.db, |c| sqlx::query_as(OF_PERSON)
            .bind(&person.as_bytes()[..])
            .bind(i64::from(limit))
            .fetch_all(c)
            .await);
        records(rows)
    }

    async fn of_grant(&self, grant: GrantId) -> Result<Vec<EvidenceGrantRecord>, Fault> {
        let rows: Result<Vec<Row>, _> = read!(&self.db, |c| sqlx::query_as(OF_GRANT)
            .bind(&grant.as_bytes()[..])
            .fetch_all(c)
            .await);
        records(rows)
    }

    async fn pull(
        &self,
        id: ExchangeId,
        voucher: &[u8; 32],
        now: Timestamp,
    ) -> Result<Pull, Fault> {
        let pulled: Option<i64> = transact!(&self.db, |c| {
            let pulled: Option<i64> = sqlx::query_scalar(PULL)
                .bind(&id.as_bytes()[..])
                .bind(now.millis())
                .bind(now.before(EvidenceGrantRecord::TRY_AGAIN_WITHIN).millis())
                .bind(i64::from(EvidenceGrantRecord::MOST_TRIES))
                .fetch_optional(&mut *c)
                .await?;
            if let Some(count) = pulled {
                sqlx::query(RELEASE)
                    .bind(&id.as_bytes()[..])
                    .bind(&voucher[..])
                    .bind(count)
                    .execute(&mut *c)
                    .await?;
            }
            Ok(pulled)
        })
        .map_err(|error| Fault::new("pulling evidence", error))?;
        if let Some(count) = pulled {
            return Ok(Pull::Allowed {
                count: small(count)?,
            });
        }
        // Nothing was pulled; this only says why.
        Ok(match self.get(id).await? {
            None => Pull::Unknown,
            Some(grant) => match grant.outlook(now) {
                Pull::Allowed { .. } => Pull::Exhausted,
                why => why,
            },
        })
    }

    async fn released(&self, id: ExchangeId, voucher: &[u8; 32]) -> Result<Option<u32>, Fault> {
        let pull: Option<i64> = read!(&self.db, |c| sqlx::query_scalar(RELEASED)
            .bind(&id.as_bytes()[..])
            .bind(&voucher[..])
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        pull.map(small).transpose()
    }

    async fn narrow(
        &self,
        id: ExchangeId,
        before: &Sealed,
        after: &Sealed,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(NARROW)
                .bind(&id.as_bytes()[..])
                .bind(before.as_bytes())
                .bind(after.as_bytes())
                .bind(now.millis())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("narrowing a decision about evidence", error))
    }

    async fn end(&self, id: ExchangeId, how: EvidenceEnd, now: Timestamp) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(END)
                .bind(&id.as_bytes()[..])
                .bind(now.millis())
                .bind(how.as_str())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("ending a decision about evidence", error))
    }

    async fn unused(
        &self,
        before: Timestamp,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault> {
        let rows: Result<Vec<Row>, _> = read!(&self.db, |c| sqlx::query_as(UNUSED)
            .bind(before.millis())
            .bind(now.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await);
        records(rows)
    }

    async fn deliver(&self, half: &DeliveryRecord) -> Result<bool, Fault> {
        transact!(&self.db, |c| {
            sqlx::query(ARRIVED)
                .bind(&half.exchange.as_bytes()[..])
                .bind(half.half == DeliveryHalf::Received)
                .bind(i64::from(half.pull))
                .execute(&mut *c)
                .await?;
            let noted = sqlx::query(DELIVER)
                .bind(&half.exchange.as_bytes()[..])
                .bind(&half.voucher[..])
                .bind(half.half.as_str())
                .bind(i64::from(half.pull))
                .bind(&half.digest[..])
                .bind(&half.receipt)
                .bind(half.at.millis())
                .execute(&mut *c)
                .await?
                .rows_affected();
            sqlx::query(CONFIRM)
                .bind(&half.exchange.as_bytes()[..])
                .bind(i64::from(half.pull))
                .bind(&half.voucher[..])
                .execute(&mut *c)
                .await?;
            Ok(noted > 0)
        })
        .map_err(|error| Fault::new("noting a half of a delivery", error))
    }

    async fn deliveries(&self, exchange: ExchangeId) -> Result<Vec<DeliveryRecord>, Fault> {
        let rows: Vec<Delivery> = read!(&self.db, |c| sqlx::query_as(DELIVERIES)
            .bind(&exchange.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(delivery).collect()
    }

    async fn unconfirmed(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<EvidenceGrantRecord>, Fault> {
        let rows: Result<Vec<Row>, _> = read!(&self.db, |c| sqlx::query_as(UNCONFIRMED)
            .bind(before.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await);
        records(rows)
    }

    async fn note_unconfirmed(&self, id: ExchangeId, began: Timestamp) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(NOTE_UNCONFIRMED)
                .bind(&id.as_bytes()[..])
                .bind(began.millis())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("noting what was not confirmed", error))
    }

    async fn count_unconfirmed(&self, since: Timestamp) -> Result<u64, Fault> {
        let count: i64 = read!(&self.db, |c| sqlx::query_scalar(COUNT_UNCONFIRMED)
            .bind(since.millis())
            .fetch_one(c)
            .await)
        .map_err(reading)?;
        unsigned(count)
    }

    async fn one_sided(
        &self,
        since: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, Fault> {
        let rows: Vec<Delivery> = read!(&self.db, |c| sqlx::query_as(ONE_SIDED)
            .bind(since.millis())
            .bind(until.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(delivery).collect()
    }
}

impl Sql {
    async fn one(
        &self,
        statement: &'static str,
        id: &[u8; 16],
    ) -> Result<Option<EvidenceGrantRecord>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(statement)
            .bind(&id[..])
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        row.map(record).transpose()
    }
}

struct Row {
    id: Vec<u8>,
    alias: Vec<u8>,
    grant_id: Vec<u8>,
    person: Vec<u8>,
    client: String,
    data_provider: String,
    evidence_type: String,
    terms: Vec<u8>,
    outcome: String,
    decided_at: i64,
    begun_at: Option<i64>,
    expires: i64,
    max_pulls: i64,
    every: i64,
    pulls: i64,
    pulled_at: Option<i64>,
    tries: i64,
    arrived: bool,
    confirmed: Option<bool>,
    ended_at: Option<i64>,
    ended_how: Option<String>,
    predecessor: Option<Vec<u8>>,
}

/// By name: a tuple has fewer places than this table has columns.
impl<'r, R> FromRow<'r, R> for Row
where
    R: sqlx::Row,
    &'static str: ColumnIndex<R>,
    bool: Read<'r, R::Database>,
    i64: Read<'r, R::Database>,
    String: Read<'r, R::Database>,
    Vec<u8>: Read<'r, R::Database>,
    Option<bool>: Read<'r, R::Database>,
    Option<i64>: Read<'r, R::Database>,
    Option<String>: Read<'r, R::Database>,
    Option<Vec<u8>>: Read<'r, R::Database>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            alias: row.try_get("alias")?,
            grant_id: row.try_get("grant_id")?,
            person: row.try_get("person")?,
            client: row.try_get("client")?,
            data_provider: row.try_get("data_provider")?,
            evidence_type: row.try_get("evidence_type")?,
            terms: row.try_get("terms")?,
            outcome: row.try_get("outcome")?,
            decided_at: row.try_get("decided_at")?,
            begun_at: row.try_get("begun_at")?,
            expires: row.try_get("expires")?,
            max_pulls: row.try_get("max_pulls")?,
            every: row.try_get("every")?,
            pulls: row.try_get("pulls")?,
            pulled_at: row.try_get("pulled_at")?,
            tries: row.try_get("tries")?,
            arrived: row.try_get("arrived")?,
            confirmed: row.try_get("confirmed")?,
            ended_at: row.try_get("ended_at")?,
            ended_how: row.try_get("ended_how")?,
            predecessor: row.try_get("predecessor")?,
        })
    }
}

/// A column that a database of this kind gives.
trait Read<'r, D: Database>: Decode<'r, D> + Type<D> {}
impl<'r, D: Database, T: Decode<'r, D> + Type<D>> Read<'r, D> for T {}

type Delivery = (Vec<u8>, Vec<u8>, String, i64, Vec<u8>, String, i64);
/// Its name, whose, to which client, of which evidence, and how often it may be fetched.
type Begun = (Vec<u8>, Vec<u8>, String, String, i64);

fn records(rows: Result<Vec<Row>, sqlx::Error>) -> Result<Vec<EvidenceGrantRecord>, Fault> {
    rows.map_err(reading)?.into_iter().map(record).collect()
}

fn record(row: Row) -> Result<EvidenceGrantRecord, Fault> {
    let tries = small(row.tries)?;
    let ended = match (row.ended_at, row.ended_how) {
        (None, None) => None,
        (Some(at), Some(how)) => Some((time(at), word(EvidenceEnd::of_word(&how))?)),
        (Some(_), None) | (None, Some(_)) => return Err(MALFORMED),
    };
    Ok(EvidenceGrantRecord {
        id: ExchangeId::from_bytes(fixed(row.id)?),
        alias: ExchangeId::from_bytes(fixed(row.alias)?),
        grant: GrantId::from_bytes(fixed(row.grant_id)?),
        person: PersonId::from_bytes(fixed(row.person)?),
        client: parsed(&row.client)?,
        data_provider: parsed(&row.data_provider)?,
        evidence_type: parsed(&row.evidence_type)?,
        terms: Sealed::from_bytes(row.terms),
        outcome: word(EvidenceOutcome::of_word(&row.outcome))?,
        decided: time(row.decided_at),
        begun: row.begun_at.map(time),
        expires: time(row.expires),
        max_pulls: small(row.max_pulls)?,
        every: Duration::from_millis(u64::try_from(row.every).map_err(|_| MALFORMED)?),
        pulls: small(row.pulls)?,
        last_pull: row.pulled_at.map(|at| LastPull {
            at: time(at),
            tries,
            arrived: row.arrived,
            confirmed: row.confirmed,
        }),
        ended,
        predecessor: row
            .predecessor
            .map(fixed)
            .transpose()?
            .map(ExchangeId::from_bytes),
    })
}

fn delivery(row: Delivery) -> Result<DeliveryRecord, Fault> {
    let (exchange, voucher, half, pull, digest, receipt, at) = row;
    Ok(DeliveryRecord {
        exchange: ExchangeId::from_bytes(fixed(exchange)?),
        voucher: fixed(voucher)?,
        pull: small(pull)?,
        half: word(DeliveryHalf::of_word(&half))?,
        digest: fixed(digest)?,
        receipt,
        at: time(at),
    })
}

/// Has two sign-ins of one person wait for each other: what each begins would otherwise miss what the other
/// is about to begin. On SQLite every transaction waits for the others.
const fn wait_for_others(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "SELECT $1",
        Db::Pg(_) => "SELECT pg_advisory_xact_lock($1)",
    }
}

/// The number under which a person's decisions wait. Two persons who share one wait for nothing.
fn turn_of(person: &[u8]) -> i64 {
    person
        .first_chunk()
        .map_or(0, |half| i64::from_be_bytes(*half))
}

const MALFORMED: Fault = Fault::bare("a malformed decision about evidence in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading decisions about evidence", error)
}

fn word<T>(known: Option<T>) -> Result<T, Fault> {
    known.ok_or(MALFORMED)
}

fn small(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| MALFORMED)
}

/// A century of milliseconds fits many times.
fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
