//! The last day of each credential: a later one takes the place of an earlier one.

use async_trait::async_trait;
use guichet_domain::{ClientId, Timestamp};

use super::{Sql, execute, read, time};
use crate::Fault;
use crate::durable::{CredentialUse, CredentialUses};

const NOTE: &str = "INSERT INTO credential_use (client, credential, used_on) VALUES ($1, $2, $3) \
     ON CONFLICT (client, credential) DO UPDATE SET used_on = excluded.used_on \
     WHERE credential_use.used_on < excluded.used_on";
const USES: &str =
    "SELECT credential, used_on FROM credential_use WHERE client = $1 ORDER BY credential";
const REMIND: &str = "INSERT INTO credential_reminder (client, reminded_at) VALUES ($1, $2) \
     ON CONFLICT (client) DO UPDATE SET reminded_at = excluded.reminded_at \
     WHERE credential_reminder.reminded_at < $3";

#[async_trait]
impl CredentialUses for Sql {
    async fn note_use(&self, one: &CredentialUse) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(NOTE)
                .bind(one.client.as_str())
                .bind(&one.credential)
                .bind(one.day.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("noting the use of a credential", error))
    }

    async fn uses(&self, client: &ClientId) -> Result<Vec<CredentialUse>, Fault> {
        let rows: Vec<(String, i64)> = read!(&self.db, |c| sqlx::query_as(USES)
            .bind(client.as_str())
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading the uses of credentials", error))?;
        let uses = rows.into_iter().map(|(credential, day)| CredentialUse {
            client: client.clone(),
            credential,
            day: time(day),
        });
        Ok(uses.collect())
    }

    async fn remind(
        &self,
        client: &ClientId,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(REMIND)
                .bind(client.as_str())
                .bind(now.millis())
                .bind(since.millis())
        )
        .map(|noted| noted > 0)
        .map_err(|error| Fault::new("noting a reminder", error))
    }
}
