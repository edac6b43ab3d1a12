//! What the ledger says of each citizen. A page of the ledger is taken in as a whole, by one node. What is
//! read back is read with its entry, in one statement for each name.

use std::collections::HashSet;

use async_trait::async_trait;
use guichet_domain::{ClientId, ExchangeId, LedgerName, PersonId, Timestamp};

use super::lots::{lots, of_rows};
use super::{Sql, execute, fixed, parsed, read, signed, transact, unsigned};
use crate::Fault;
use crate::durable::histories::{
    Histories, HistoryClass, HistoryEntry, HistoryQuery, HistoryRow, Place, Span, Whose,
};

const READ_TO: &str = "SELECT next FROM history_reading WHERE id = 0";
const READ_ON: &str = "UPDATE history_reading SET next = $2 WHERE id = 0 AND next = $1";
// Each with its rows, and with this at the end.
const NAMED: &str = "INSERT INTO history_entry (name, sequence, at, class, client, exchange)";
const CLIENT: &str = "INSERT INTO history_client (name, client)";
const ONCE: &str = "ON CONFLICT DO NOTHING";
const WAITS: &str = "INSERT INTO history_waiting (exchange, sequence, at, class, client) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (exchange, sequence) DO NOTHING";
const DECIDED: &str = "SELECT DISTINCT w.exchange, g.person FROM history_waiting w \
     JOIN evidence_grant g ON g.id = w.exchange LIMIT CAST($1 AS BIGINT)";
const GIVE: &str = "INSERT INTO history_entry (name, sequence, at, class, client, exchange) \
     SELECT $2, sequence, at, class, client, exchange FROM history_waiting WHERE exchange = $1 \
     ON CONFLICT (name, sequence) DO NOTHING";
const GIVE_CLIENTS: &str = "INSERT INTO history_client (name, client) \
     SELECT DISTINCT $2, client FROM history_waiting WHERE exchange = $1 AND client <> '' \
     ON CONFLICT (name, client) DO NOTHING";
// What comes in meanwhile waits for the next time.
const GIVEN: &str = "DELETE FROM history_waiting WHERE exchange = $1 AND EXISTS \
     (SELECT 1 FROM history_entry h WHERE h.name = $2 AND h.sequence = history_waiting.sequence)";
const FORGET: &str = "DELETE FROM history_waiting WHERE at < $1 AND NOT EXISTS \
     (SELECT 1 FROM evidence_grant g WHERE g.id = history_waiting.exchange)";
const CLIENTS: &str = "SELECT client FROM history_client WHERE name = $1 ORDER BY client";

macro_rules! page {
    ($place:literal, $client:literal, $order:literal) => {
        concat!(
            "SELECT h.sequence, h.class, l.entry FROM history_entry h \
             JOIN ledger_entry l ON l.sequence = h.sequence \
             WHERE h.name = $1 AND h.sequence ",
            $place,
            " $2 AND h.at >= $3 AND h.at < $4 \
             AND ($5 = '' OR h.class = $5) AND ($6 OR h.class <> 'step') \
             AND ",
            $client,
            " AND NOT EXISTS (SELECT 1 FROM exchange_secrecy s \
                 WHERE s.exchange = h.exchange AND s.until > $8) \
             AND NOT (h.at >= $9 AND h.at < $10) AND NOT (h.at >= $11 AND h.at < $12) \
             AND NOT (h.at >= $13 AND h.at < $14) ORDER BY h.sequence ",
            $order,
            " LIMIT CAST($15 AS BIGINT)"
        )
    };
}
const NEWEST: &str = page!("<", "$7 = ''", "DESC");
const OLDEST: &str = page!(">=", "$7 = ''", "ASC");
// By the index of services: of one that was used once a whole history would be read else.
const NEWEST_AT: &str = page!("<", "h.client = $7", "DESC");
const OLDEST_AT: &str = page!(">=", "h.client = $7", "ASC");

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[CLIENTS, NEWEST, OLDEST, NEWEST_AT, OLDEST_AT];

/// What a page of the ledger says, as rows.
#[derive(Default)]
struct Said<'a> {
    named: Vec<(LedgerName, Row<'a>)>,
    /// The services that each name has to do with: once each, since most rows are of the same few.
    clients: Vec<(LedgerName, &'a str)>,
    /// What is of an exchange, whosever that will be.
    waiting: Vec<(ExchangeId, Row<'a>)>,
}

struct Row<'a> {
    sequence: i64,
    at: i64,
    class: &'static str,
    client: &'a str,
}

impl<'a> Said<'a> {
    fn of(entries: &'a [HistoryEntry]) -> Result<Self, Fault> {
        let mut said = Self::default();
        let mut listed = HashSet::new();
        for one in entries {
            let row = Row {
                sequence: signed(one.sequence)?,
                at: one.at.millis(),
                class: one.class.as_str(),
                client: one.client.as_ref().map_or("", ClientId::as_str),
            };
            match one.whose {
                Whose::Named(name) => {
                    if !row.client.is_empty() && listed.insert((name, row.client)) {
                        said.clients.push((name, row.client));
                    }
                    said.named.push((name, row));
                }
                Whose::Exchange(exchange) => said.waiting.push((exchange, row)),
            }
        }
        Ok(said)
    }
}

#[async_trait]
impl Histories for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn read_on(&self, from: u64, to: u64, said: &[HistoryEntry]) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let said = Said::of(said)?;
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for lot in lots(&said.named) {
                let statement = of_rows(NAMED, lot.len(), 6, ONCE);
                let mut query = sqlx::query(statement);
                for (name, row) in lot {
                    query = query
                        .bind(&name.as_bytes()[..])
                        .bind(row.sequence)
                        .bind(row.at)
                        .bind(row.class)
                        .bind(row.client)
                        .bind(NO_EXCHANGE);
                }
                query.execute(&mut *c).await?;
            }
            for lot in lots(&said.clients) {
                let mut query = sqlx::query(of_rows(CLIENT, lot.len(), 2, ONCE));
                for (name, client) in lot {
                    query = query.bind(&name.as_bytes()[..]).bind(*client);
                }
                query.execute(&mut *c).await?;
            }
            for (exchange, row) in &said.waiting {
                sqlx::query(WAITS)
                    .bind(&exchange.as_bytes()[..])
                    .bind(row.sequence)
                    .bind(row.at)
                    .bind(row.class)
                    .bind(row.client)
                    .execute(&mut *c)
                    .await?;
            }
            Ok(true)
        })
        .map_err(writing)
    }

    async fn decided(&self, limit: u32) -> Result<Vec<(ExchangeId, PersonId)>, Fault> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = read!(&self.db, |c| sqlx::query_as(DECIDED)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let pair = |(exchange, person)| {
            Ok((
                ExchangeId::from_bytes(fixed(exchange)?),
                PersonId::from_bytes(fixed(person)?),
            ))
        };
        rows.into_iter().map(pair).collect()
    }

    async fn give(&self, exchange: ExchangeId, name: LedgerName) -> Result<(), Fault> {
        transact!(&self.db, |c| {
            for statement in [GIVE, GIVE_CLIENTS, GIVEN] {
                sqlx::query(statement)
                    .bind(&exchange.as_bytes()[..])
                    .bind(&name.as_bytes()[..])
                    .execute(&mut *c)
                    .await?;
            }
            Ok(())
        })
        .map_err(writing)
    }

    async fn forget_undecided(&self, before: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(before.millis())).map_err(writing)
    }

    async fn page(&self, query: &HistoryQuery) -> Result<Vec<HistoryRow>, Fault> {
        let mut found = Vec::new();
        for name in &query.names {
            found.extend(self.page_of(*name, query).await?);
        }
        found.sort_by_key(|row: &HistoryRow| row.sequence);
        if matches!(query.place, Place::Before(_)) {
            found.reverse();
        }
        found.truncate(query.limit as usize);
        Ok(found)
    }

    async fn clients(&self, names: &[LedgerName]) -> Result<Vec<ClientId>, Fault> {
        let mut all = std::collections::BTreeSet::new();
        for name in names {
            let some: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(CLIENTS)
                .bind(&name.as_bytes()[..])
                .fetch_all(c)
                .await)
            .map_err(reading)?;
            all.extend(some);
        }
        all.iter().map(|client| parsed(client)).collect()
    }
}

impl Sql {
    async fn page_of(
        &self,
        name: LedgerName,
        query: &HistoryQuery,
    ) -> Result<Vec<HistoryRow>, Fault> {
        let place = match query.place {
            // There is no larger place than this.
            Place::Before(place) => i64::try_from(place).unwrap_or(i64::MAX),
            Place::From(place) => signed(place)?,
        };
        let statement = match (query.place, &query.client) {
            (Place::Before(_), None) => NEWEST,
            (Place::Before(_), Some(_)) => NEWEST_AT,
            (Place::From(_), None) => OLDEST,
            (Place::From(_), Some(_)) => OLDEST_AT,
        };
        let [first, second, third] = closed(&query.closed);
        let rows: Vec<(i64, String, Vec<u8>)> = read!(&self.db, |c| sqlx::query_as(statement)
            .bind(&name.as_bytes()[..])
            .bind(place)
            .bind(query.since.millis())
            .bind(query.until.millis())
            .bind(query.class.map_or("", HistoryClass::as_str))
            .bind(query.with_steps || query.class == Some(HistoryClass::Step))
            .bind(query.client.as_ref().map_or("", ClientId::as_str))
            .bind(query.now.millis())
            .bind(first.0)
            .bind(first.1)
            .bind(second.0)
            .bind(second.1)
            .bind(third.0)
            .bind(third.1)
            .bind(i64::from(query.limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let row = |(sequence, class, entry): (i64, String, Vec<u8>)| {
            Ok(HistoryRow {
                sequence: unsigned(sequence)?,
                class: HistoryClass::of_word(&class).ok_or(MALFORMED)?,
                entry,
            })
        };
        rows.into_iter().map(row).collect()
    }
}

/// As many spans as a statement has places for. Where there are more, those up to the last but two are one,
/// with the time between them: rather too much is closed than too little.
fn closed(spans: &[Span]) -> [(i64, i64); 3] {
    let mut sorted: Vec<(i64, i64)> = spans
        .iter()
        .map(|span| (span.since.millis(), span.until.millis()))
        .collect();
    sorted.sort_unstable();
    while sorted.len() > 3 {
        let (_, until) = sorted.remove(1);
        sorted[0].1 = sorted[0].1.max(until);
    }
    sorted.resize(3, (0, 0));
    [sorted[0], sorted[1], sorted[2]]
}

/// What is about none.
const NO_EXCHANGE: &[u8] = &[];

const MALFORMED: Fault = Fault::bare("a malformed history in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading what the ledger says of a citizen", error)
}

fn writing(error: sqlx::Error) -> Fault {
    Fault::new("writing what the ledger says of citizens", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(since: i64, until: i64) -> Span {
        Span {
            since: Timestamp::from_millis(since),
            until: Timestamp::from_millis(until),
        }
    }

    #[test]
    fn of_many_closed_times_none_is_opened() {
        let spans = [
            span(70, 80),
            span(10, 20),
            span(30, 60),
            span(40, 50),
            span(90, 95),
        ];
        let closed = closed(&spans);
        assert_eq!(closed, [(10, 60), (70, 80), (90, 95)]);
    }
}
