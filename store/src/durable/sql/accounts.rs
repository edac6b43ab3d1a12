//! Accounts of the embedded identity provider, each of one house.

use async_trait::async_trait;
use guichet_domain::{AccountId, Sealed, Timestamp};

use super::{Sql, execute, fixed, read};
use crate::Fault;
use crate::durable::{AccountRecord, Accounts};

const ADD: &str = "INSERT INTO account \
     (id, house, login_name, password, sealed_identity, active, added_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (house, login_name) DO NOTHING";
const BY_LOGIN_NAME: &str = "SELECT id, login_name, password, sealed_identity, active FROM account \
     WHERE house = $1 AND login_name = $2";
const BY_ID: &str = "SELECT id, login_name, password, sealed_identity, active FROM account \
     WHERE house = $1 AND id = $2";
const REPLACE_PASSWORD: &str = "UPDATE account SET password = $3 WHERE id = $1 AND password = $2";

type Row = (Vec<u8>, String, String, Vec<u8>, bool);

#[async_trait]
impl Accounts for Sql {
    async fn add(
        &self,
        house: &str,
        account: &AccountRecord,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ADD)
                .bind(&account.id.as_bytes()[..])
                .bind(house)
                .bind(&account.login_name)
                .bind(&account.password)
                .bind(account.identity.as_bytes())
                .bind(account.active)
                .bind(now.millis())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("writing an account", error))
    }

    async fn by_login_name(
        &self,
        house: &str,
        login_name: &str,
    ) -> Result<Option<AccountRecord>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(BY_LOGIN_NAME)
            .bind(house)
            .bind(login_name)
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading an account", error))?;
        row.map(account).transpose()
    }

    async fn by_id(&self, house: &str, id: AccountId) -> Result<Option<AccountRecord>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(BY_ID)
            .bind(house)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading an account", error))?;
        row.map(account).transpose()
    }

    async fn replace_password(&self, id: AccountId, from: &str, to: &str) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(REPLACE_PASSWORD)
                .bind(&id.as_bytes()[..])
                .bind(from)
                .bind(to)
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("replacing a password", error))
    }
}

fn account(row: Row) -> Result<AccountRecord, Fault> {
    let (id, login_name, password, identity, active) = row;
    Ok(AccountRecord {
        id: AccountId::from_bytes(fixed(id)?),
        login_name,
        password,
        identity: Sealed::from_bytes(identity),
        active,
    })
}
