//! Reading the ledger while it grows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use guichet_domain::{AuditEvent, EventKind, ExchangeId, Timestamp};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::ExchangeEntries;
use guichet_store::durable::exchange_entries::{
    ExchangeEntry, ExchangePlace, PullCount, Secrecy, SecrecyCount,
};
use serde_json::json;

use super::world::{World, exchange};
use crate::trail::take_in;

/// A hub that never rests: each time somebody takes something in, the ledger has more.
struct Busy {
    entries: Arc<dyn ExchangeEntries>,
    ledger: Ledger,
    taken: AtomicU32,
    /// Whether another node is always first.
    is_second: bool,
}

impl Busy {
    fn new(world: &World, is_second: bool) -> Self {
        Self {
            entries: world.durable.exchange_entries.clone(),
            ledger: world.ledger.clone(),
            taken: AtomicU32::new(0),
            is_second,
        }
    }
}

/// More than that, and it is for ever.
const FOR_EVER: u32 = 20;

#[async_trait]
impl ExchangeEntries for Busy {
    async fn read_on(&self, from: u64, to: u64, said: &[ExchangeEntry]) -> Result<bool, Fault> {
        if self.taken.fetch_add(1, Ordering::Relaxed) < FOR_EVER {
            let event = AuditEvent::new(EventKind::TokenIssued, Timestamp::from_seconds(1));
            self.ledger.append(event).await.unwrap();
        }
        let taken = self.entries.read_on(from, to, said).await?;
        Ok(taken && !self.is_second)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.entries.read_to().await
    }

    async fn entries_of(&self, exchange: ExchangeId) -> Result<Vec<ExchangePlace>, Fault> {
        self.entries.entries_of(exchange).await
    }

    async fn secrecy_of(&self, exchange: ExchangeId) -> Result<Option<Secrecy>, Fault> {
        self.entries.secrecy_of(exchange).await
    }

    async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        self.entries.hidden(now).await
    }

    async fn count_secrecy(&self, now: Timestamp) -> Result<SecrecyCount, Fault> {
        self.entries.count_secrecy(now).await
    }

    async fn count_pulls(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PullCount>, Fault> {
        self.entries.count_pulls(since, until).await
    }
}

#[tokio::test]
async fn a_ledger_that_never_rests_is_read_up_to_where_it_was() {
    for is_second in [false, true] {
        let world = World::new().await;
        world.send(1, &json!({})).await;
        let busy = Busy::new(&world, is_second);
        take_in(world.ledger.history(), &busy).await.unwrap();
        assert_eq!(busy.taken.load(Ordering::Relaxed), 1, "{is_second}");
        let places = busy.entries_of(exchange(1)).await.unwrap();
        assert!(places.iter().any(|place| place.decides));
    }
}
