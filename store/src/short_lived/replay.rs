//! Guards against replay.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use super::cells::{Cells, Space};
use super::typed::{Typed, name};
use crate::Fault;

/// What may be used once only: assertion `jti`, one-time passwords, form tokens.
#[async_trait]
pub trait ReplayGuard: Send + Sync {
    /// Whether this is the first use of `what` in `space`; remembered until `expires`. Of any number
    /// of callers exactly one gets `true`; nobody does when `expires` is past. `what` is at most 64
    /// bytes: hash what is longer.
    async fn first_use(
        &self,
        space: &'static str,
        what: &[u8],
        expires: Timestamp,
    ) -> Result<bool, Fault>;

    /// Whether `what` was used in `space` and has not expired, without using it. Of what was used at
    /// the same moment it may not know yet.
    async fn was_used(&self, space: &'static str, what: &[u8]) -> Result<bool, Fault>;

    /// Since when this guard remembers without a gap: the start of this process for the memory
    /// backend, of the server's run for Redis, whatever it restored when it started. Refuse what was issued before: a guard that forgot cannot
    /// tell whether it was used. Ask after [`Self::first_use`], which notices a Redis that lost its
    /// memory.
    fn remembers_since(&self) -> Timestamp;
}

#[async_trait]
impl<C: Cells> ReplayGuard for Typed<C> {
    async fn first_use(
        &self,
        space: &'static str,
        what: &[u8],
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        self.0
            .guard(Space::Replay, &guarded(space, what)?, expires)
            .await
    }

    async fn was_used(&self, space: &'static str, what: &[u8]) -> Result<bool, Fault> {
        let used = self.0.get(Space::Replay, &guarded(space, what)?).await?;
        Ok(used.is_some())
    }

    fn remembers_since(&self) -> Timestamp {
        self.0.remembers_since()
    }
}

fn guarded(space: &'static str, what: &[u8]) -> Result<Vec<u8>, Fault> {
    if what.len() > 64 {
        return Err(Fault::bare("a replay guard over more than 64 bytes"));
    }
    Ok(name(space, what))
}
