//! Initial access tokens: a use is spent by one statement.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use super::{Sql, change, execute, fixed, read, time};
use crate::Fault;
use crate::durable::{InitialAccessToken, InitialAccessTokens};

const ADD: &str = "INSERT INTO initial_access_token (hash, name, uses, expires) \
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const ALL: &str = "SELECT name, hash, uses, expires FROM initial_access_token ORDER BY name";
const IS_LIVE: &str = "SELECT COUNT(*) FROM initial_access_token \
     WHERE hash = $1 AND uses > 0 AND expires > $2";
const SPEND: &str = "UPDATE initial_access_token SET uses = uses - 1 \
     WHERE hash = $1 AND uses > 0 AND expires > $2 RETURNING name";
const REMOVE: &str = "DELETE FROM initial_access_token WHERE name = $1";

#[async_trait]
impl InitialAccessTokens for Sql {
    async fn add(&self, token: &InitialAccessToken) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ADD)
                .bind(&token.hash[..])
                .bind(&token.name)
                .bind(i64::from(token.uses))
                .bind(token.expires.millis())
        )
        .map(|added| added > 0)
        .map_err(|error| Fault::new("adding an initial access token", error))
    }

    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault> {
        let rows: Vec<(String, Vec<u8>, i64, i64)> =
            read!(&self.db, |c| sqlx::query_as(ALL).fetch_all(c).await)
                .map_err(|error| Fault::new("reading initial access tokens", error))?;
        rows.into_iter()
            .map(|(name, hash, uses, expires)| {
                Ok(InitialAccessToken {
                    name,
                    hash: fixed(hash)?,
                    uses: u32::try_from(uses).unwrap_or(u32::MAX),
                    expires: time(expires),
                })
            })
            .collect()
    }

    async fn is_live(&self, hash: [u8; 32], now: Timestamp) -> Result<bool, Fault> {
        let live: i64 = read!(&self.db, |c| sqlx::query_scalar(IS_LIVE)
            .bind(&hash[..])
            .bind(now.millis())
            .fetch_one(c)
            .await)
        .map_err(|error| Fault::new("reading an initial access token", error))?;
        Ok(live > 0)
    }

    async fn spend(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<String>, Fault> {
        let spent: Vec<(String,)> = change!(
            &self.db,
            sqlx::query(SPEND).bind(&hash[..]).bind(now.millis())
        )
        .map_err(|error| Fault::new("spending an initial access token", error))?;
        Ok(spent.into_iter().next().map(|(name,)| name))
    }

    async fn remove(&self, name: &str) -> Result<bool, Fault> {
        execute!(&self.db, sqlx::query(REMOVE).bind(name))
            .map(|removed| removed > 0)
            .map_err(|error| Fault::new("removing an initial access token", error))
    }
}
