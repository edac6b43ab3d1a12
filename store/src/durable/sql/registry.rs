//! Clients, providers and data providers: one JSON body each, and a revision that grows with every change.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use guichet_domain::{
    Client, ClientId, DataProvider, DataProviderId, Provider, ProviderId, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Sql, read, transact};
use crate::Fault;
use crate::durable::Registry;

const REVISION: &str = "SELECT revision FROM registry WHERE id = 1";
const GROW: &str = "UPDATE registry SET revision = revision + 1 WHERE id = 1 RETURNING revision";
const CLIENTS: &str = "SELECT body FROM client ORDER BY id";
const PROVIDERS: &str = "SELECT body FROM provider ORDER BY id";
const DATA_PROVIDERS: &str = "SELECT body FROM data_provider ORDER BY id";
// Writing what is there already changes nothing, so that declaring it at every start costs nothing.
const PUT_CLIENT: &str = "INSERT INTO client (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at \
     WHERE client.body <> excluded.body";
const PUT_PROVIDER: &str = "INSERT INTO provider (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at \
     WHERE provider.body <> excluded.body";
const PUT_DATA_PROVIDER: &str = "INSERT INTO data_provider (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at \
     WHERE data_provider.body <> excluded.body";
const ADD_CLIENT: &str = "INSERT INTO client (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO NOTHING";
const ADD_PROVIDER: &str = "INSERT INTO provider (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO NOTHING";
const ADD_DATA_PROVIDER: &str = "INSERT INTO data_provider (id, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (id) DO NOTHING";
const ONE_CLIENT: &str = "SELECT body FROM client WHERE id = $1";
const REPLACE_CLIENT: &str =
    "UPDATE client SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";
const ONE_PROVIDER: &str = "SELECT body FROM provider WHERE id = $1";
const REPLACE_PROVIDER: &str =
    "UPDATE provider SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";
const ONE_DATA_PROVIDER: &str = "SELECT body FROM data_provider WHERE id = $1";
const REPLACE_DATA_PROVIDER: &str =
    "UPDATE data_provider SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";
const SWITCHES: &str = "SELECT body FROM kill_switch ORDER BY target";
const SWITCH_OFF: &str = "INSERT INTO kill_switch (target, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (target) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at \
     WHERE kill_switch.body <> excluded.body";
const ADD_SWITCH: &str = "INSERT INTO kill_switch (target, body, changed_at) VALUES ($1, $2, $3) \
     ON CONFLICT (target) DO NOTHING";
const ONE_SWITCH: &str = "SELECT body FROM kill_switch WHERE target = $1";
const REPLACE_SWITCH: &str =
    "UPDATE kill_switch SET body = $3, changed_at = $4 WHERE target = $1 AND body = $2";
const SWITCH_ON: &str = "DELETE FROM kill_switch WHERE target = $1";
const SWITCH_ON_KNOWN: &str = "DELETE FROM kill_switch WHERE target = $1 AND body = $2";
const REMOVE_CLIENT: &str = "DELETE FROM client WHERE id = $1";
const REMOVE_PROVIDER: &str = "DELETE FROM provider WHERE id = $1";
const REMOVE_DATA_PROVIDER: &str = "DELETE FROM data_provider WHERE id = $1";

#[async_trait]
impl Registry for Sql {
    async fn revision(&self) -> Result<i64, Fault> {
        read!(&self.db, |c| sqlx::query_scalar(REVISION)
            .fetch_one(c)
            .await)
        .map_err(|error| Fault::new("reading the registry's revision", error))
    }

    async fn clients(&self) -> Result<Vec<Arc<Client>>, Fault> {
        let bodies: Vec<String> =
            read!(&self.db, |c| sqlx::query_scalar(CLIENTS).fetch_all(c).await)
                .map_err(|error| Fault::new("reading clients", error))?;
        bodies
            .iter()
            .map(|body| from_json(body).map(Arc::new))
            .collect()
    }

    async fn providers(&self) -> Result<Vec<Arc<Provider>>, Fault> {
        let bodies: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(PROVIDERS)
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading providers", error))?;
        bodies
            .iter()
            .map(|body| from_json(body).map(Arc::new))
            .collect()
    }

    async fn data_providers(&self) -> Result<Vec<Arc<DataProvider>>, Fault> {
        let bodies: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(DATA_PROVIDERS)
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading data providers", error))?;
        bodies
            .iter()
            .map(|body| from_json(body).map(Arc::new))
            .collect()
    }

    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault> {
        self.put(PUT_CLIENT, client.id.as_str(), to_json(client)?, now)
            .await
            .map(drop)
    }

    async fn replace_client(
        &self,
        known: Option<&Client>,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<i64>, Fault> {
        let id = client.id.as_str();
        match known {
            None => self.put(ADD_CLIENT, id, to_json(client)?, now).await,
            Some(known) => {
                let statements = (ONE_CLIENT, REPLACE_CLIENT);
                self.replace(statements, id, (known, client), now).await
            }
        }
    }

    async fn replace_provider(
        &self,
        known: Option<&Provider>,
        provider: &Provider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let id = provider.id.as_str();
        match known {
            None => {
                let put = self.put(ADD_PROVIDER, id, to_json(provider)?, now);
                put.await.map(|made| made.is_some())
            }
            Some(known) => {
                let statements = (ONE_PROVIDER, REPLACE_PROVIDER);
                let replace = self.replace(statements, id, (known, provider), now);
                replace.await.map(|made| made.is_some())
            }
        }
    }

    async fn replace_data_provider(
        &self,
        known: Option<&DataProvider>,
        data_provider: &DataProvider,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let id = data_provider.id.as_str();
        match known {
            None => {
                let body = to_json(data_provider)?;
                let put = self.put(ADD_DATA_PROVIDER, id, body, now);
                put.await.map(|made| made.is_some())
            }
            Some(known) => {
                let statements = (ONE_DATA_PROVIDER, REPLACE_DATA_PROVIDER);
                let replace = self.replace(statements, id, (known, data_provider), now);
                replace.await.map(|made| made.is_some())
            }
        }
    }

    async fn put_provider(&self, provider: &Provider, now: Timestamp) -> Result<(), Fault> {
        self.put(PUT_PROVIDER, provider.id.as_str(), to_json(provider)?, now)
            .await
            .map(drop)
    }

    async fn put_data_provider(&self, known: &DataProvider, now: Timestamp) -> Result<(), Fault> {
        self.put(PUT_DATA_PROVIDER, known.id.as_str(), to_json(known)?, now)
            .await
            .map(drop)
    }

    async fn switches(&self) -> Result<Vec<SwitchedOff>, Fault> {
        let bodies: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(SWITCHES)
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading what is switched off", error))?;
        bodies.iter().map(|body| from_json(body)).collect()
    }

    async fn switch_off(&self, off: &SwitchedOff, now: Timestamp) -> Result<(), Fault> {
        let target = off.target.to_string();
        self.put(SWITCH_OFF, &target, to_json(off)?, now)
            .await
            .map(drop)
    }

    async fn replace_switch(
        &self,
        known: Option<&SwitchedOff>,
        off: &SwitchedOff,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let target = off.target.to_string();
        let made = match known {
            None => self.put(ADD_SWITCH, &target, to_json(off)?, now).await?,
            Some(known) => {
                let statements = (ONE_SWITCH, REPLACE_SWITCH);
                self.replace(statements, &target, (known, off), now).await?
            }
        };
        Ok(made.is_some())
    }

    async fn switch_on_known(&self, known: &SwitchedOff) -> Result<bool, Fault> {
        let target = known.target.to_string();
        let Some(stored) = self.still(ONE_SWITCH, &target, known).await? else {
            return Ok(false);
        };
        transact!(&self.db, |c| {
            let remove = sqlx::query(SWITCH_ON_KNOWN).bind(&target).bind(&stored);
            let removed = remove.execute(&mut *c).await?.rows_affected() > 0;
            if removed {
                sqlx::query(GROW).execute(&mut *c).await?;
            }
            Ok(removed)
        })
        .map_err(|error| Fault::new("removing from the registry", error))
    }

    async fn switch_on(&self, target: &SwitchTarget) -> Result<bool, Fault> {
        self.remove(SWITCH_ON, &target.to_string()).await
    }

    async fn remove_client(&self, id: &ClientId) -> Result<bool, Fault> {
        self.remove(REMOVE_CLIENT, id.as_str()).await
    }

    async fn remove_provider(&self, id: &ProviderId) -> Result<bool, Fault> {
        self.remove(REMOVE_PROVIDER, id.as_str()).await
    }

    async fn remove_data_provider(&self, id: &DataProviderId) -> Result<bool, Fault> {
        self.remove(REMOVE_DATA_PROVIDER, id.as_str()).await
    }
}

impl Sql {
    /// The revision that the statement made, where it wrote anything.
    async fn put(
        &self,
        statement: &'static str,
        id: &str,
        body: String,
        now: Timestamp,
    ) -> Result<Option<i64>, Fault> {
        transact!(&self.db, |c| {
            let put = sqlx::query(statement)
                .bind(id)
                .bind(&body)
                .bind(now.millis());
            if put.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(None);
            }
            let made: i64 = sqlx::query_scalar(GROW).fetch_one(&mut *c).await?;
            Ok(Some(made))
        })
        .map_err(|error| Fault::new("writing to the registry", error))
    }

    /// Puts `body` in the place of what is stored under `id`, if that is still what is `known`; the revision
    /// that this made.
    async fn replace<T: Serialize + DeserializeOwned + PartialEq>(
        &self,
        (one, replace): (&'static str, &'static str),
        id: &str,
        (known, body): (&T, &T),
        now: Timestamp,
    ) -> Result<Option<i64>, Fault> {
        let Some(stored) = self.still(one, id, known).await? else {
            return Ok(None);
        };
        let body = to_json(body)?;
        transact!(&self.db, |c| {
            let replace = sqlx::query(replace)
                .bind(id)
                .bind(&stored)
                .bind(&body)
                .bind(now.millis());
            if replace.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(None);
            }
            let made: i64 = sqlx::query_scalar(GROW).fetch_one(&mut *c).await?;
            Ok(Some(made))
        })
        .map_err(|error| Fault::new("writing to the registry", error))
    }

    async fn remove(&self, statement: &'static str, id: &str) -> Result<bool, Fault> {
        transact!(&self.db, |c| {
            let remove = sqlx::query(statement).bind(id);
            let removed = remove.execute(&mut *c).await?.rows_affected() > 0;
            if removed {
                sqlx::query(GROW).execute(&mut *c).await?;
            }
            Ok(removed)
        })
        .map_err(|error| Fault::new("removing from the registry", error))
    }
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::new("a registration as JSON", error))
}

pub(super) fn from_json<T: DeserializeOwned>(body: &str) -> Result<T, Fault> {
    serde_json::from_str(body)
        .map_err(|error| Fault::new("a malformed registration in the database", error))
}
