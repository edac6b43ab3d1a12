//! Counters for throttling, each over a window of time.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use super::cells::{Cells, Space};
use super::typed::{Typed, name};
use crate::Fault;

/// Counters for throttling.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts one attempt on `key` in `space` and returns how many there are in the window that ends
    /// at `expires` (set by the first attempt in it). Counted before the work, so that parallel tries
    /// are all seen.
    async fn count(
        &self,
        space: &'static str,
        key: &[u8],
        expires: Timestamp,
    ) -> Result<u64, Fault>;

    /// How many attempts there are, without adding one.
    async fn seen(&self, space: &'static str, key: &[u8]) -> Result<u64, Fault>;

    /// Forgets the attempts on `key`.
    async fn forget(&self, space: &'static str, key: &[u8]) -> Result<(), Fault>;
}

#[async_trait]
impl<C: Cells> Attempts for Typed<C> {
    async fn count(
        &self,
        space: &'static str,
        key: &[u8],
        expires: Timestamp,
    ) -> Result<u64, Fault> {
        self.0
            .count(Space::Attempts, &name(space, key), expires)
            .await
    }

    async fn seen(&self, space: &'static str, key: &[u8]) -> Result<u64, Fault> {
        self.0.counted(Space::Attempts, &name(space, key)).await
    }

    async fn forget(&self, space: &'static str, key: &[u8]) -> Result<(), Fault> {
        self.0
            .take(Space::Attempts, &name(space, key))
            .await
            .map(drop)
    }
}
