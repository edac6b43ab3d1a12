//! How far a collector of logs has the ledger: kept here, so that any node goes on where another one ended.

use async_trait::async_trait;

use crate::Fault;

/// The place of the collector in the ledger.
#[async_trait]
pub trait Collector: Send + Sync {
    /// Up to before which entry it has everything.
    async fn collected_to(&self) -> Result<u64, Fault>;

    /// It took the entries from `from` to before `to`. Whether this call noted it: another node may have sent
    /// them as well.
    async fn collected(&self, from: u64, to: u64) -> Result<bool, Fault>;
}
