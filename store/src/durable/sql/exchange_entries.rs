//! What the ledger says of exchanges. A page of the ledger is taken in as a whole, by one node.

use async_trait::async_trait;
use guichet_domain::{ExchangeId, Timestamp};

use super::{Sql, fixed, parsed, read, signed, time, transact, unsigned};
use crate::Fault;
use crate::durable::DeliveryHalf;
use crate::durable::exchange_entries::{
    ExchangeEntries, ExchangeEntry, ExchangePlace, PullCount, Secrecy, SecrecyCount, Told,
};

const READ_TO: &str = "SELECT next FROM exchange_reading WHERE id = 0";
const READ_ON: &str = "UPDATE exchange_reading SET next = $2 WHERE id = 0 AND next = $1";
const ENTRY: &str = "INSERT INTO exchange_entry (exchange, sequence, decides) VALUES ($1, $2, $3) \
     ON CONFLICT (exchange, sequence) DO NOTHING";
const RELEASED: &str = "INSERT INTO exchange_pull \
     (exchange, pull, data_provider, released_at, sent, received) \
     VALUES ($1, $2, $3, $4, FALSE, FALSE) ON CONFLICT (exchange, pull) DO NOTHING";
macro_rules! delivered {
    ($half:literal) => {
        concat!(
            "UPDATE exchange_pull SET ",
            $half,
            " = TRUE WHERE exchange = $1 AND pull = COALESCE($2, \
             (SELECT MAX(pull) FROM exchange_pull WHERE exchange = $1))"
        )
    };
}
const SENT: &str = delivered!("sent");
const RECEIVED: &str = delivered!("received");
const HIDDEN: &str = "INSERT INTO exchange_secrecy (exchange, until, authority, law_order) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (exchange) DO UPDATE SET \
     until = excluded.until, authority = excluded.authority, law_order = excluded.law_order";
const ENTRIES_OF: &str =
    "SELECT sequence, decides FROM exchange_entry WHERE exchange = $1 ORDER BY sequence";
const SECRECY_OF: &str =
    "SELECT until, authority, law_order FROM exchange_secrecy WHERE exchange = $1";
const ALL_HIDDEN: &str = "SELECT exchange FROM exchange_secrecy WHERE until > $1";
const COUNT_SECRECY: &str = "SELECT COALESCE(SUM(CASE WHEN until > $1 THEN 1 ELSE 0 END), 0), \
     COUNT(*) FROM exchange_secrecy";
const COUNT_PULLS: &str = "SELECT data_provider, COUNT(*), \
     SUM(CASE WHEN sent THEN 1 ELSE 0 END), SUM(CASE WHEN received THEN 1 ELSE 0 END) \
     FROM exchange_pull WHERE released_at >= $1 AND released_at < $2 \
     GROUP BY data_provider ORDER BY data_provider";

#[async_trait]
impl ExchangeEntries for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn read_on(&self, from: u64, to: u64, said: &[ExchangeEntry]) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let mut rows = Vec::with_capacity(said.len());
        for one in said {
            rows.push((one, signed(one.sequence)?));
        }
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for (one, sequence) in rows {
                let exchange = &one.exchange.as_bytes()[..];
                let decides = one.told == Some(Told::Decided);
                let entry = sqlx::query(ENTRY)
                    .bind(exchange)
                    .bind(sequence)
                    .bind(decides);
                entry.execute(&mut *c).await?;
                let told = match &one.told {
                    None | Some(Told::Decided) => continue,
                    Some(Told::Released {
                        pull,
                        data_provider,
                        at,
                    }) => sqlx::query(RELEASED)
                        .bind(exchange)
                        .bind(i64::from(*pull))
                        .bind(data_provider.as_str())
                        .bind(at.millis()),
                    Some(Told::Delivered { half, pull }) => {
                        let confirmed = match half {
                            DeliveryHalf::Released => SENT,
                            DeliveryHalf::Received => RECEIVED,
                        };
                        sqlx::query(confirmed)
                            .bind(exchange)
                            .bind(pull.map(i64::from))
                    }
                    Some(Told::Hidden(secrecy)) => sqlx::query(HIDDEN)
                        .bind(exchange)
                        .bind(secrecy.until.millis())
                        .bind(&secrecy.authority)
                        .bind(&secrecy.order),
                };
                told.execute(&mut *c).await?;
            }
            Ok(true)
        })
        .map_err(|error| Fault::new("writing what the ledger says of exchanges", error))
    }

    async fn entries_of(&self, exchange: ExchangeId) -> Result<Vec<ExchangePlace>, Fault> {
        let places: Vec<(i64, bool)> = read!(&self.db, |c| sqlx::query_as(ENTRIES_OF)
            .bind(&exchange.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let place = |(sequence, decides)| {
            Ok(ExchangePlace {
                sequence: unsigned(sequence)?,
                decides,
            })
        };
        places.into_iter().map(place).collect()
    }

    async fn secrecy_of(&self, exchange: ExchangeId) -> Result<Option<Secrecy>, Fault> {
        let row: Option<(i64, String, String)> = read!(&self.db, |c| sqlx::query_as(SECRECY_OF)
            .bind(&exchange.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        Ok(row.map(|(until, authority, order)| Secrecy {
            until: time(until),
            authority,
            order,
        }))
    }

    async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        let all: Vec<Vec<u8>> = read!(&self.db, |c| sqlx::query_scalar(ALL_HIDDEN)
            .bind(now.millis())
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let id = |bytes| fixed(bytes).map(ExchangeId::from_bytes);
        all.into_iter().map(id).collect()
    }

    async fn count_secrecy(&self, now: Timestamp) -> Result<SecrecyCount, Fault> {
        let (hidden, all): (i64, i64) = read!(&self.db, |c| sqlx::query_as(COUNT_SECRECY)
            .bind(now.millis())
            .fetch_one(c)
            .await)
        .map_err(reading)?;
        Ok(SecrecyCount {
            hidden: unsigned(hidden)?,
            opened: unsigned(all - hidden)?,
        })
    }

    async fn count_pulls(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PullCount>, Fault> {
        let rows: Vec<(String, i64, i64, i64)> = read!(&self.db, |c| sqlx::query_as(COUNT_PULLS)
            .bind(since.millis())
            .bind(until.millis())
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let count = |(data_provider, released, sent, received): (String, i64, i64, i64)| {
            Ok(PullCount {
                data_provider: parsed(&data_provider)?,
                released: unsigned(released)?,
                sent: unsigned(sent)?,
                received: unsigned(received)?,
            })
        };
        rows.into_iter().map(count).collect()
    }
}

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading what the ledger says of exchanges", error)
}
