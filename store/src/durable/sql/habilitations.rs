//! Habilitations: a JSON body each, replaced as a whole or not at all.

use async_trait::async_trait;
use guichet_domain::habilitation::Habilitation;
use guichet_domain::{HabilitationId, Timestamp};

use super::registry::from_json;
use super::{Sql, read};
use crate::Fault;
use crate::durable::Habilitations;

const ALL: &str = "SELECT body FROM habilitation ORDER BY id";
const ONE: &str = "SELECT body FROM habilitation WHERE id = $1";
const ADD: &str =
    "INSERT INTO habilitation (id, body, changed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REPLACE: &str =
    "UPDATE habilitation SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";

#[async_trait]
impl Habilitations for Sql {
    async fn habilitations(&self) -> Result<Vec<Habilitation>, Fault> {
        self.bodies(ALL).await
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
        self.replace_unit((ADD, REPLACE), next.id.as_str(), (known, next), now)
            .await
    }
}
