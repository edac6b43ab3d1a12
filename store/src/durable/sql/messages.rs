//! What services say to citizens. A message said again keeps its row.

use async_trait::async_trait;
use guichet_domain::{ClientId, Sealed, SubjectIdentifier, Timestamp};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::{Sql, execute, parsed, read, time};
use crate::Fault;
use crate::durable::{MessageRecord, Messages};

// Two that come at once may both find room for one: the bound is against a flood, not exact.
const PUT: &str = "INSERT INTO message (client, subject, reference, sealed, changed_at, expires_at) \
     SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM message \
     WHERE client = $1 AND subject = $2 AND reference <> $3 AND expires_at > $5) < $7 \
     ON CONFLICT (client, subject, reference) DO UPDATE SET sealed = excluded.sealed, \
     changed_at = excluded.changed_at, expires_at = excluded.expires_at";
const WITHDRAW: &str = "DELETE FROM message WHERE client = $1 AND subject = $2 AND reference = $3";
const MAKE_ROOM: &str = "DELETE FROM message WHERE client = $1 AND subject = $2 AND reference IN \
     (SELECT reference FROM message WHERE client = $1 AND subject = $2 \
     ORDER BY changed_at DESC, reference LIMIT 1000000 OFFSET $3)";
const OF: &str = "SELECT client, reference, sealed, changed_at, expires_at FROM message \
     WHERE subject = $1 AND expires_at > $2 ORDER BY changed_at DESC, client, reference LIMIT $3";
const SAID_SINCE: &str = "SELECT subject, changed_at FROM message WHERE changed_at >= $1 \
     ORDER BY changed_at DESC LIMIT $2";
const MUTE: &str = "INSERT INTO message_mute (client, subject, muted_at) VALUES ($1, $2, $3) \
     ON CONFLICT (client, subject) DO NOTHING";
const UNMUTE: &str = "DELETE FROM message_mute WHERE client = $1 AND subject = $2";
const FORGET: &str = "DELETE FROM message WHERE expires_at <= $1";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[PUT, MAKE_ROOM, OF];

type Row = (String, String, Vec<u8>, i64, i64);

#[async_trait]
impl Messages for Sql {
    async fn put(&self, message: &MessageRecord, most: u32) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(PUT)
                .bind(message.client.as_str())
                .bind(message.subject.as_str())
                .bind(&message.reference)
                .bind(message.sealed.as_bytes())
                .bind(message.changed.millis())
                .bind(message.expires.millis())
                .bind(i64::from(most))
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("writing a message", error))
    }

    async fn make_room(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        most: u32,
    ) -> Result<u64, Fault> {
        execute!(
            &self.db,
            sqlx::query(MAKE_ROOM)
                .bind(client.as_str())
                .bind(subject.as_str())
                .bind(i64::from(most.saturating_sub(1)))
        )
        .map_err(|error| Fault::new("making room for a message", error))
    }

    async fn withdraw(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        reference: &str,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(WITHDRAW)
                .bind(client.as_str())
                .bind(subject.as_str())
                .bind(reference)
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("taking a message back", error))
    }

    async fn of(
        &self,
        subject: &SubjectIdentifier,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF)
            .bind(subject.as_str())
            .bind(now.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading messages", error))?;
        rows.into_iter()
            .map(|(client, reference, sealed, changed, expires)| {
                Ok(MessageRecord {
                    client: parsed(&client)?,
                    subject: subject.clone(),
                    reference,
                    sealed: Sealed::from_bytes(sealed),
                    changed: time(changed),
                    expires: time(expires),
                })
            })
            .collect()
    }

    async fn of_all(
        &self,
        subjects: &[SubjectIdentifier],
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<MessageRecord>, Vec<ClientId>), Fault> {
        if subjects.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let list = |from: usize| {
            let places = (from..from + subjects.len()).map(|place| format!("${place}"));
            places.collect::<Vec<_>>().join(", ")
        };
        // Safe: placeholders and words of ours.
        let said = format!(
            "SELECT subject, client, reference, sealed, changed_at, expires_at FROM message \
             WHERE expires_at > $1 AND subject IN ({}) \
             ORDER BY changed_at DESC, client, reference LIMIT $2",
            list(3)
        );
        let rows: Vec<(String, String, String, Vec<u8>, i64, i64)> = read!(&self.db, |c| {
            let query = sqlx::query_as(AssertSqlSafe(said.as_str()).into_sql_str());
            let query = query.bind(now.millis()).bind(i64::from(limit));
            let query = subjects
                .iter()
                .fold(query, |query, subject| query.bind(subject.as_str()));
            query.fetch_all(c).await
        })
        .map_err(|error| Fault::new("reading messages", error))?;
        let record = |(subject, client, reference, sealed, changed, expires): (
            String,
            String,
            String,
            Vec<u8>,
            i64,
            i64,
        )| {
            Ok(MessageRecord {
                client: parsed(&client)?,
                subject: parsed(&subject)?,
                reference,
                sealed: Sealed::from_bytes(sealed),
                changed: time(changed),
                expires: time(expires),
            })
        };
        let said = rows
            .into_iter()
            .map(record)
            .collect::<Result<Vec<_>, Fault>>()?;
        let muted = format!(
            "SELECT DISTINCT client FROM message_mute WHERE subject IN ({}) ORDER BY client",
            list(1)
        );
        let muted: Vec<String> = read!(&self.db, |c| {
            let query = sqlx::query_scalar(AssertSqlSafe(muted.as_str()).into_sql_str());
            let query = subjects
                .iter()
                .fold(query, |query, subject| query.bind(subject.as_str()));
            query.fetch_all(c).await
        })
        .map_err(|error| Fault::new("reading muted services", error))?;
        let muted = muted.iter().map(|client| parsed(client));
        Ok((said, muted.collect::<Result<_, Fault>>()?))
    }

    async fn said_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(SubjectIdentifier, Timestamp)>, Fault> {
        let rows: Vec<(String, i64)> = read!(&self.db, |c| sqlx::query_as(SAID_SINCE)
            .bind(since.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("looking for new messages", error))?;
        rows.into_iter()
            .map(|(subject, changed)| Ok((parsed(&subject)?, time(changed))))
            .collect()
    }

    async fn mute(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        now: Timestamp,
    ) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(MUTE)
                .bind(client.as_str())
                .bind(subject.as_str())
                .bind(now.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("muting a service", error))
    }

    async fn unmute(&self, client: &ClientId, subject: &SubjectIdentifier) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(UNMUTE)
                .bind(client.as_str())
                .bind(subject.as_str())
        )
        .map(drop)
        .map_err(|error| Fault::new("hearing a service again", error))
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(now.millis()))
            .map_err(|error| Fault::new("forgetting messages", error))
    }
}
