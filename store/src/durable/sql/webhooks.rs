//! Webhooks and their deliveries. A letter comes into the outbox by the same transaction as the place up to
//! which the ledger was read, and again by that of a replay.

use async_trait::async_trait;
use guichet_domain::webhook::Webhook;
use guichet_domain::{Timestamp, WebhookId};

use super::outbox::ENQUEUE;
use super::registry::from_json;
use super::{Sql, execute, fixed, parsed, read, signed, time, transact, unsigned};
use crate::Fault;
use crate::durable::webhooks::LETTERS;
use crate::durable::{Delivered, Delivery, DeliveryState, Replay, Webhooks};

const ALL: &str = "SELECT body FROM webhook ORDER BY id";
const STORED: &str = "SELECT body FROM webhook WHERE id = $1";
const ADD: &str =
    "INSERT INTO webhook (id, body, changed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REPLACE: &str = "UPDATE webhook SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";
const READ_TO: &str = "SELECT next FROM ledger_reading WHERE reader = 'webhooks'";
// Not `=`: where nobody was told anything for a while, the reading begins further on.
const READ_ON: &str =
    "UPDATE ledger_reading SET next = $2 WHERE reader = 'webhooks' AND next <= $1";
const LEAVE: &str = "INSERT INTO webhook_delivery \
     (letter, webhook, sequence, event, body, occurred, state, attempts, status, error, tried_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
macro_rules! deliveries {
    ($which:literal) => {
        concat!(
            "SELECT letter, webhook, sequence, event, body, occurred, state, attempts, status, \
             error, tried_at FROM webhook_delivery WHERE ",
            $which
        )
    };
}
const ONE: &str = deliveries!("letter = $1");
const NEWEST: &str = deliveries!("webhook = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3");
const NOTE: &str = "UPDATE webhook_delivery \
     SET state = $2, attempts = $3, status = $4, error = $5, tried_at = $6 WHERE letter = $1";
macro_rules! replayed {
    ($before:literal, $after:literal) => {
        (
            concat!(
                $before,
                "webhook = $1 AND sequence >= $3 AND sequence = $2",
                $after
            ),
            concat!(
                $before,
                "webhook = $1 AND sequence >= $3 AND occurred >= $2",
                $after
            ),
        )
    };
}
/// The letters come back after what was never tried; of one that is on its way there is no second one.
const AGAIN: (&str, &str) = replayed!(
    "INSERT INTO outbox (id, kind, payload, due, attempts) \
     SELECT letter, 'webhook', $4, $5, 1 FROM webhook_delivery WHERE ",
    " ON CONFLICT (id) DO UPDATE SET due = excluded.due, attempts = 1"
);
const WAIT: (&str, &str) = replayed!(
    "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, error = '' WHERE ",
    ""
);
const FORGET: &str = "DELETE FROM webhook_delivery WHERE occurred < $1 AND state <> 'waiting'";

type Row = (
    Vec<u8>,
    String,
    i64,
    String,
    String,
    i64,
    String,
    i64,
    i64,
    String,
    i64,
);

#[async_trait]
impl Webhooks for Sql {
    async fn webhooks(&self) -> Result<Vec<Webhook>, Fault> {
        self.bodies(ALL).await
    }

    async fn webhook(&self, id: &WebhookId) -> Result<Option<Webhook>, Fault> {
        let body: Option<String> = read!(&self.db, |c| sqlx::query_scalar(STORED)
            .bind(id.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a webhook", error))?;
        body.as_deref().map(from_json).transpose()
    }

    async fn replace_webhook(
        &self,
        known: Option<&Webhook>,
        webhook: &Webhook,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (statements, id) = ((STORED, ADD, REPLACE), webhook.id.as_str());
        self.replace_unit(statements, id, (known, webhook), now)
            .await
    }

    async fn webhooks_read_to(&self) -> Result<u64, Fault> {
        let next: i64 = read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await)
            .map_err(|error| Fault::new("reading how far webhooks are", error))?;
        unsigned(next)
    }

    async fn leave_deliveries(
        &self,
        (from, to): (u64, u64),
        deliveries: &[Delivery],
    ) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let rows: Vec<(i64, i64, &Delivery)> = deliveries
            .iter()
            .map(|it| Ok((signed(it.sequence)?, signed(it.delivered.attempts)?, it)))
            .collect::<Result<_, Fault>>()?;
        transact!(&self.db, |c| {
            let read_on = sqlx::query(READ_ON).bind(from).bind(to);
            if read_on.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for (sequence, attempts, it) in &rows {
                sqlx::query(LEAVE)
                    .bind(&it.letter[..])
                    .bind(it.webhook.as_str())
                    .bind(sequence)
                    .bind(&it.event)
                    .bind(&it.body)
                    .bind(it.occurred.millis())
                    .bind(it.delivered.state.as_str())
                    .bind(attempts)
                    .bind(i64::from(it.delivered.status.unwrap_or_default()))
                    .bind(&it.delivered.error)
                    .bind(it.delivered.at.millis())
                    .execute(&mut *c)
                    .await?;
                sqlx::query(ENQUEUE)
                    .bind(&it.letter[..])
                    .bind(LETTERS)
                    .bind(NOTHING)
                    .bind(it.delivered.at.millis())
                    .execute(&mut *c)
                    .await?;
            }
            Ok(true)
        })
        .map_err(|error| Fault::new("leaving letters for webhooks", error))
    }

    async fn delivery(&self, letter: [u8; 16]) -> Result<Option<Delivery>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ONE)
            .bind(&letter[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a delivery", error))?;
        row.map(delivery).transpose()
    }

    async fn deliveries(
        &self,
        webhook: &WebhookId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Fault> {
        let before = before.map_or(Ok(i64::MAX), signed)?;
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(NEWEST)
            .bind(webhook.as_str())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading deliveries", error))?;
        rows.into_iter().map(delivery).collect()
    }

    async fn note_delivery(&self, letter: [u8; 16], delivered: &Delivered) -> Result<(), Fault> {
        let attempts = signed(delivered.attempts)?;
        execute!(
            &self.db,
            sqlx::query(NOTE)
                .bind(&letter[..])
                .bind(delivered.state.as_str())
                .bind(attempts)
                .bind(i64::from(delivered.status.unwrap_or_default()))
                .bind(&delivered.error)
                .bind(delivered.at.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("writing how a delivery goes", error))
    }

    async fn replay(
        &self,
        webhook: &WebhookId,
        (which, from): (Replay, u64),
        now: Timestamp,
    ) -> Result<u64, Fault> {
        let from = signed(from)?;
        let (again, wait, bound) = match which {
            Replay::One(sequence) => (AGAIN.0, WAIT.0, signed(sequence)?),
            Replay::Since(since) => (AGAIN.1, WAIT.1, since.millis()),
        };
        transact!(&self.db, |c| {
            let wait = sqlx::query(wait)
                .bind(webhook.as_str())
                .bind(bound)
                .bind(from);
            let count = wait.execute(&mut *c).await?.rows_affected();
            sqlx::query(again)
                .bind(webhook.as_str())
                .bind(bound)
                .bind(from)
                .bind(NOTHING)
                .bind(now.millis())
                .execute(&mut *c)
                .await?;
            Ok(count)
        })
        .map_err(|error| Fault::new("sending events again", error))
    }

    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(before.millis()))
            .map_err(|error| Fault::new("forgetting deliveries", error))
    }
}

/// A letter to a webhook says which delivery it is by its identifier; the rest is in the delivery.
const NOTHING: &[u8] = &[];

fn delivery(row: Row) -> Result<Delivery, Fault> {
    let (letter, webhook, sequence, event, body, occurred, state, attempts, status, error, at) =
        row;
    let state = DeliveryState::of_word(&state);
    let status = u16::try_from(status).ok().filter(|status| *status > 0);
    Ok(Delivery {
        letter: fixed(letter)?,
        webhook: parsed(&webhook)?,
        sequence: unsigned(sequence)?,
        event,
        body,
        occurred: time(occurred),
        delivered: Delivered {
            state: state.ok_or_else(|| Fault::bare("a state in the database is unknown"))?,
            attempts: unsigned(attempts)?,
            status,
            error,
            at: time(at),
        },
    })
}
