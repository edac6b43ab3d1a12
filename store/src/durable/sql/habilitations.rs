//! Habilitations: a JSON body each, replaced as a whole or not at all.

use async_trait::async_trait;
use guichet_domain::habilitation::Habilitation;
use guichet_domain::{HabilitationId, Timestamp};

use super::registry::{from_json, to_json};
use super::{Sql, execute, read};
use crate::Fault;
use crate::durable::Habilitations;

const ALL: &str = "SELECT body FROM habilitation ORDER BY id";
const ONE: &str = "SELECT body FROM habilitation WHERE id = $1";
const DUE: &str = "SELECT body FROM habilitation WHERE due = 1 ORDER BY id";
const ADD: &str = "INSERT INTO habilitation (id, body, changed_at, due) VALUES ($1, $2, $3, $4) \
     ON CONFLICT DO NOTHING";
const REPLACE: &str = "UPDATE habilitation SET body = $3, changed_at = $4, due = $5 \
     WHERE id = $1 AND body = $2";

#[async_trait]
impl Habilitations for Sql {
    async fn habilitations(&self) -> Result<Vec<Habilitation>, Fault> {
        self.bodies(ALL).await
    }

    async fn due(&self) -> Result<Vec<Habilitation>, Fault> {
        self.bodies(DUE).await
    }

    async fn habilitation(&self, id: &HabilitationId) -> Result<Option<Habilitation>, Fault> {
        let body: Option<String> = read!(&self.db, |c| sqlx::query_scalar(ONE)
            .bind(id.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a habilitation", error))?;
        body.as_deref().map(from_json).transpose()
    }

    async fn replace_habilitation(
        &self,
        known: Option<&Habilitation>,
        next: &Habilitation,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let (id, body) = (next.id.as_str(), to_json(next)?);
        let due = i64::from(!next.duties.is_empty());
        let before = match known {
            None => None,
            Some(known) => match self.still(ONE, id, known).await? {
                Some(before) => Some(before),
                None => return Ok(false),
            },
        };
        let written = match &before {
            None => execute!(
                &self.db,
                sqlx::query(ADD)
                    .bind(id)
                    .bind(&body)
                    .bind(now.millis())
                    .bind(due)
            ),
            Some(before) => execute!(
                &self.db,
                sqlx::query(REPLACE)
                    .bind(id)
                    .bind(before)
                    .bind(&body)
                    .bind(now.millis())
                    .bind(due)
            ),
        };
        written
            .map(|written| written > 0)
            .map_err(|error| Fault::new("writing a habilitation", error))
    }
}
