//! Tests of clients.

use async_trait::async_trait;
use guichet_domain::{ClientId, ClientTestId, Timestamp};

use super::{Sql, execute, fixed, parsed, read, signed, time, unsigned};
use crate::Fault;
use crate::durable::client_tests::{ClientTestRecord, ClientTests};

const BEGIN: &str = "INSERT INTO client_test (id, client, began, version, state) \
     VALUES ($1, $2, $3, 0, $4)";
const RUN: &str = "SELECT id, client, began, state, version FROM client_test WHERE id = $1";
const REPLACE: &str = "UPDATE client_test SET state = $3, version = version + 1 \
     WHERE id = $1 AND version = $2";
const OF_CLIENT: &str = "SELECT id, client, began, state, version FROM client_test \
     WHERE client = $1 ORDER BY began DESC LIMIT $2";
const FORGET: &str = "DELETE FROM client_test WHERE began < $1 AND EXISTS \
     (SELECT 1 FROM client_test later WHERE later.client = client_test.client AND \
     (later.began > client_test.began \
     OR (later.began = client_test.began AND later.id > client_test.id)))";

/// Identifier, client, when it began, state, version.
type Row = (Vec<u8>, String, i64, String, i64);

#[async_trait]
impl ClientTests for Sql {
    async fn begin(&self, run: &ClientTestRecord) -> Result<(), Fault> {
        let state = &run.state;
        execute!(
            &self.db,
            sqlx::query(BEGIN)
                .bind(run.id.as_bytes().to_vec())
                .bind(run.client.to_string())
                .bind(run.began.millis())
                .bind(state.clone())
        )
        .map(drop)
        .map_err(writing)
    }

    async fn run(&self, id: ClientTestId) -> Result<Option<(ClientTestRecord, u64)>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(RUN)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(reading)?;
        row.map(record).transpose()
    }

    async fn replace(&self, id: ClientTestId, version: u64, state: &str) -> Result<bool, Fault> {
        let version = signed(version)?;
        let changed = execute!(
            &self.db,
            sqlx::query(REPLACE)
                .bind(id.as_bytes().to_vec())
                .bind(version)
                .bind(state.to_owned())
        )
        .map_err(writing)?;
        Ok(changed > 0)
    }

    async fn of_client(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<ClientTestRecord>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF_CLIENT)
            .bind(client.as_str())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter()
            .map(|row| record(row).map(|(run, _)| run))
            .collect()
    }

    async fn forget(&self, before: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET).bind(before.millis())).map_err(writing)
    }
}

fn record((id, client, began, state, version): Row) -> Result<(ClientTestRecord, u64), Fault> {
    let run = ClientTestRecord {
        id: ClientTestId::from_bytes(fixed(id)?),
        client: parsed(&client)?,
        began: time(began),
        state,
    };
    Ok((run, unsigned(version)?))
}

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading a test of a client", error)
}

fn writing(error: sqlx::Error) -> Fault {
    Fault::new("writing a test of a client", error)
}
