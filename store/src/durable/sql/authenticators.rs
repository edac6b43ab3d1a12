//! Authenticators of accounts.

use async_trait::async_trait;
use guichet_domain::{AccountId, Sealed, Timestamp};

use super::{Sql, execute, fixed, read, time};
use crate::Fault;
use crate::durable::{AuthenticatorKind, AuthenticatorRecord, Authenticators};

const ADD: &str = "INSERT INTO authenticator (id, account, kind, label, sealed, added_at, used_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
const OF: &str = "SELECT id, account, kind, label, sealed, added_at, used_at FROM authenticator \
     WHERE account = $1 ORDER BY added_at, id";
const BY_ID: &str = "SELECT id, account, kind, label, sealed, added_at, used_at FROM authenticator \
     WHERE id = $1";
const USED: &str = "UPDATE authenticator SET sealed = $2, used_at = $3 WHERE id = $1";
const REMOVE: &str = "DELETE FROM authenticator WHERE account = $1 AND id = $2";

type Row = (Vec<u8>, Vec<u8>, String, String, Vec<u8>, i64, Option<i64>);

#[async_trait]
impl Authenticators for Sql {
    async fn add(&self, authenticator: &AuthenticatorRecord) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ADD)
                .bind(&authenticator.id)
                .bind(&authenticator.account.as_bytes()[..])
                .bind(authenticator.kind.as_str())
                .bind(&authenticator.label)
                .bind(authenticator.sealed.as_bytes())
                .bind(authenticator.added.millis())
                .bind(authenticator.used.map(Timestamp::millis))
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("writing an authenticator", error))
    }

    async fn of(&self, account: AccountId) -> Result<Vec<AuthenticatorRecord>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF)
            .bind(&account.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading authenticators", error))?;
        rows.into_iter().map(authenticator).collect()
    }

    async fn by_id(&self, id: &[u8]) -> Result<Option<AuthenticatorRecord>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(BY_ID)
            .bind(id)
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading an authenticator", error))?;
        row.map(authenticator).transpose()
    }

    async fn used(&self, id: &[u8], sealed: Sealed, at: Timestamp) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(USED)
                .bind(id)
                .bind(sealed.as_bytes())
                .bind(at.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("writing an authenticator's use", error))
    }

    async fn remove(&self, account: AccountId, id: &[u8]) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(REMOVE).bind(&account.as_bytes()[..]).bind(id)
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("removing an authenticator", error))
    }
}

fn authenticator(row: Row) -> Result<AuthenticatorRecord, Fault> {
    let (id, account, kind, label, sealed, added, used) = row;
    let kind = match kind.as_str() {
        "totp" => AuthenticatorKind::Totp,
        "passkey" => AuthenticatorKind::Passkey,
        _ => return Err(Fault::bare("an authenticator of an unknown kind")),
    };
    Ok(AuthenticatorRecord {
        id,
        account: AccountId::from_bytes(fixed(account)?),
        kind,
        label,
        sealed: Sealed::from_bytes(sealed),
        added: time(added),
        used: used.map(time),
    })
}
