//! Events that wait. Whoever acknowledges one takes it away by the same statement.

use std::collections::BTreeMap;

use async_trait::async_trait;
use guichet_domain::{ClientId, Sealed, Timestamp};

use super::{Sql, change, execute, fixed, parsed, read, time, unsigned};
use crate::Fault;
use crate::durable::{Unfetched, WaitingEvent, WaitingEvents};

const KEEP: &str = "INSERT INTO event_waiting (id, client, payload, kept_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING";
const WAITING_FOR: &str = "SELECT id, client, payload, kept_at FROM event_waiting \
     WHERE client = $1 ORDER BY kept_at, id LIMIT $2";
const ACKNOWLEDGE: &str = "DELETE FROM event_waiting WHERE id = $1 AND client = $2 \
     RETURNING id, client, payload, kept_at";
const FORGET: &str = "DELETE FROM event_waiting WHERE id IN \
     (SELECT id FROM event_waiting WHERE kept_at < $1 ORDER BY kept_at, id LIMIT $2) \
     RETURNING client, kept_at";
const UNFETCHED: &str = "SELECT client, COUNT(*), MIN(kept_at) FROM event_waiting \
     WHERE kept_at < $1 GROUP BY client ORDER BY client";

type Row = (Vec<u8>, String, Vec<u8>, i64);

#[async_trait]
impl WaitingEvents for Sql {
    async fn keep(&self, event: &WaitingEvent) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(KEEP)
                .bind(&event.id[..])
                .bind(event.client.as_str())
                .bind(event.payload.as_bytes())
                .bind(event.kept.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("keeping an event", error))
    }

    async fn waiting_for(&self, client: &ClientId, limit: u32) -> Result<Vec<WaitingEvent>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(WAITING_FOR)
            .bind(client.as_str())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading events", error))?;
        rows.into_iter().map(event).collect()
    }

    async fn acknowledge(
        &self,
        client: &ClientId,
        id: [u8; 16],
    ) -> Result<Option<WaitingEvent>, Fault> {
        let taken: Vec<Row> = change!(
            &self.db,
            sqlx::query(ACKNOWLEDGE).bind(&id[..]).bind(client.as_str())
        )
        .map_err(|error| Fault::new("acknowledging an event", error))?;
        taken.into_iter().next().map(event).transpose()
    }

    async fn forget(&self, before: Timestamp, limit: u32) -> Result<Vec<Unfetched>, Fault> {
        let gone: Vec<(String, i64)> = change!(
            &self.db,
            sqlx::query(FORGET)
                .bind(before.millis())
                .bind(i64::from(limit))
        )
        .map_err(|error| Fault::new("forgetting events", error))?;
        let mut whose: BTreeMap<String, (u64, i64)> = BTreeMap::new();
        for (client, kept) in gone {
            let (count, oldest) = whose.entry(client).or_insert((0, kept));
            (*count, *oldest) = (*count + 1, kept.min(*oldest));
        }
        let unfetched = |(client, (count, oldest)): (String, (u64, i64))| {
            Ok(Unfetched {
                client: parsed(&client)?,
                count,
                oldest: time(oldest),
            })
        };
        whose.into_iter().map(unfetched).collect()
    }

    async fn unfetched(&self, before: Timestamp) -> Result<Vec<Unfetched>, Fault> {
        let rows: Vec<(String, i64, i64)> = read!(&self.db, |c| sqlx::query_as(UNFETCHED)
            .bind(before.millis())
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("counting events", error))?;
        rows.into_iter()
            .map(|(client, count, oldest)| {
                Ok(Unfetched {
                    client: parsed(&client)?,
                    count: unsigned(count)?,
                    oldest: time(oldest),
                })
            })
            .collect()
    }
}

fn event((id, client, payload, kept): Row) -> Result<WaitingEvent, Fault> {
    Ok(WaitingEvent {
        id: fixed(id)?,
        client: parsed(&client)?,
        payload: Sealed::from_bytes(payload),
        kept: time(kept),
    })
}
