//! The place of the collector in the ledger.

use async_trait::async_trait;

use super::{Sql, execute, read, signed, unsigned};
use crate::Fault;
use crate::durable::Collector;

const READ_TO: &str = "SELECT next FROM ledger_reading WHERE reader = 'collector'";
const READ_ON: &str =
    "UPDATE ledger_reading SET next = $2 WHERE reader = 'collector' AND next = $1";

#[async_trait]
impl Collector for Sql {
    async fn collected_to(&self) -> Result<u64, Fault> {
        let next: i64 = read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await)
            .map_err(|error| Fault::new("reading how far the collector is", error))?;
        unsigned(next)
    }

    async fn collected(&self, from: u64, to: u64) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        execute!(&self.db, sqlx::query(READ_ON).bind(from).bind(to))
            .map(|changed| changed > 0)
            .map_err(|error| Fault::new("writing how far the collector is", error))
    }
}
