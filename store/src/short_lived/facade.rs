//! Every short-lived trait over one backend, ready to be handed to the rooms.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::{Clock, Timestamp};

use super::memory::MemoryCells;
use super::redis::RedisCells;
use super::typed::Typed;
use super::{
    AccessTokens, Attempts, Codes, DeferredGrants, Limits, Logins, Pending, PushedRequests,
    RedisSettings, ReplayGuard, SessionIndex, Sessions, Verdicts, Vouchers,
};
use crate::Fault;

/// The short-lived records of one house: the hub, or one embedded identity provider.
#[derive(Clone)]
pub struct ShortLived {
    /// Logins in flight.
    pub logins: Arc<dyn Logins>,
    /// Authorization codes.
    pub codes: Arc<dyn Codes>,
    /// Access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Sessions.
    pub sessions: Arc<dyn Sessions>,
    /// What sessions are found by.
    pub session_index: Arc<dyn SessionIndex>,
    /// Replay guards.
    pub replay: Arc<dyn ReplayGuard>,
    /// Counters for throttling.
    pub attempts: Arc<dyn Attempts>,
    /// What a browser comes back for.
    pub pending: Arc<dyn Pending>,
    /// Pushed authorization requests.
    pub pushed: Arc<dyn PushedRequests>,
    /// Grants approved on another device.
    pub deferred: Arc<dyn DeferredGrants>,
    /// What the civil register said of late.
    pub verdicts: Arc<dyn Verdicts>,
    /// Rights to fetch evidence, once.
    pub vouchers: Arc<dyn Vouchers>,
    upkeep: Arc<dyn Upkeep>,
}

impl ShortLived {
    /// In this process's memory: one node, and what is in flight ends with it. `namespace` names the
    /// house in logs.
    pub fn memory(limits: Limits, clock: Arc<dyn Clock>, namespace: &str) -> Self {
        Self::over(Typed(MemoryCells::new(limits, clock, namespace)))
    }

    /// In the Redis at `url` (`redis://`, `rediss://` or `redis+unix://`), shared by all nodes whose
    /// `namespace` is the same. A fault when it does not answer or may evict records.
    pub async fn redis(
        url: &str,
        namespace: &str,
        settings: RedisSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let cells = RedisCells::connect(url, namespace, settings, clock).await?;
        Ok(Self::over(Typed(cells)))
    }

    /// Since when replay guards remember without a gap: see [`ReplayGuard::remembers_since`].
    pub fn started_at(&self) -> Timestamp {
        self.replay.remembers_since()
    }

    /// Whether the backend answers.
    pub async fn check(&self) -> Result<(), Fault> {
        self.upkeep.check().await
    }

    /// Drops what has expired; call it now and then. Redis does so by itself.
    pub fn sweep(&self) {
        self.upkeep.sweep();
    }

    /// How many records this process holds; `None` when they rest elsewhere.
    pub fn len_in_memory(&self) -> Option<usize> {
        self.upkeep.len_in_memory()
    }

    fn over<C>(typed: Typed<C>) -> Self
    where
        C: super::cells::Cells,
        Typed<C>: Upkeep + 'static,
    {
        let typed = Arc::new(typed);
        Self {
            logins: typed.clone(),
            codes: typed.clone(),
            access_tokens: typed.clone(),
            sessions: typed.clone(),
            session_index: typed.clone(),
            replay: typed.clone(),
            attempts: typed.clone(),
            pending: typed.clone(),
            pushed: typed.clone(),
            deferred: typed.clone(),
            verdicts: typed.clone(),
            vouchers: typed.clone(),
            upkeep: typed,
        }
    }
}

/// What the binary does with a backend, whatever rests there.
#[async_trait]
trait Upkeep: Send + Sync {
    async fn check(&self) -> Result<(), Fault>;
    fn sweep(&self);
    fn len_in_memory(&self) -> Option<usize>;
}

#[async_trait]
impl Upkeep for Typed<MemoryCells> {
    async fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    fn sweep(&self) {
        self.0.sweep();
    }

    fn len_in_memory(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

#[async_trait]
impl Upkeep for Typed<RedisCells> {
    async fn check(&self) -> Result<(), Fault> {
        self.0.ping().await
    }

    fn sweep(&self) {}

    fn len_in_memory(&self) -> Option<usize> {
        None
    }
}
