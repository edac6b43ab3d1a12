//! Consents: added, and taken back once.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, Timestamp};

use super::{Sql, execute, fixed, parsed, read, time, with_kin};
use crate::Fault;
use crate::durable::{ConsentRecord, Consents, Standing};

const RECORD: &str = "INSERT INTO consent \
     (grant_id, person, client, scope, claims, asked, given_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (grant_id) DO NOTHING";
const WITHDRAW: &str = with_kin!(
    "UPDATE consent SET withdrawn_at = $4 \
     WHERE person IN (SELECT person FROM kin) AND client = $2 AND given_at <= $3 \
     AND withdrawn_at IS NULL"
);
const STANDING: &str = with_kin!(
    "SELECT client, grant_id, person, given_at FROM consent \
     WHERE person IN (SELECT person FROM kin) AND withdrawn_at IS NULL \
     ORDER BY given_at DESC, grant_id"
);
const OF: &str = with_kin!(
    "SELECT grant_id, person, client, scope, claims, asked, given_at, withdrawn_at FROM consent \
     WHERE person IN (SELECT person FROM kin) ORDER BY given_at DESC, grant_id LIMIT $2"
);

const CLIENTS: &str =
    with_kin!("SELECT DISTINCT client FROM consent WHERE person IN (SELECT person FROM kin)");

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    bool,
    i64,
    Option<i64>,
);

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[WITHDRAW, STANDING, OF, CLIENTS];

#[async_trait]
impl Consents for Sql {
    async fn record(&self, consent: &ConsentRecord) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(RECORD)
                .bind(&consent.grant.as_bytes()[..])
                .bind(&consent.person.as_bytes()[..])
                .bind(consent.client.as_str())
                .bind(&consent.scope)
                .bind(&consent.claims)
                .bind(consent.asked)
                .bind(consent.at.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("writing a consent", error))
    }

    async fn withdraw(
        &self,
        person: PersonId,
        client: &ClientId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        execute!(
            &self.db,
            sqlx::query(WITHDRAW)
                .bind(&person.as_bytes()[..])
                .bind(client.as_str())
                .bind(until.millis())
                .bind(now.millis())
        )
        .map_err(|error| Fault::new("taking consents back", error))
    }

    async fn standing(&self, person: PersonId) -> Result<Vec<Standing>, Fault> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>, i64)> =
            read!(&self.db, |c| sqlx::query_as(STANDING)
                .bind(&person.as_bytes()[..])
                .fetch_all(c)
                .await)
            .map_err(|error| Fault::new("reading consents that stand", error))?;
        rows.into_iter()
            .map(|(client, grant, person, at)| {
                Ok(Standing {
                    client: parsed(&client)?,
                    grant: GrantId::from_bytes(fixed(grant)?),
                    person: PersonId::from_bytes(fixed(person)?),
                    at: time(at),
                })
            })
            .collect()
    }

    async fn clients(&self, person: PersonId) -> Result<BTreeSet<ClientId>, Fault> {
        let rows: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(CLIENTS)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading who was ever consented to", error))?;
        rows.iter().map(|client| parsed(client)).collect()
    }

    async fn of(&self, person: PersonId, limit: u32) -> Result<Vec<ConsentRecord>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF)
            .bind(&person.as_bytes()[..])
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading consents", error))?;
        rows.into_iter().map(consent).collect()
    }
}

fn consent(row: Row) -> Result<ConsentRecord, Fault> {
    let (grant, person, client, scope, claims, asked, at, withdrawn) = row;
    Ok(ConsentRecord {
        grant: GrantId::from_bytes(fixed(grant)?),
        person: PersonId::from_bytes(fixed(person)?),
        client: parsed(&client)?,
        scope,
        claims,
        asked,
        at: time(at),
        withdrawn: withdrawn.map(time),
    })
}
