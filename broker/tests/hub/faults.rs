//! Stores that fail when told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{
    CheckpointRecord, ConsentRecord, Consents, EntryRecord, LedgerRecords, Letter, Outbox, Placed,
};

/// A store that works as `inner` does until it is broken.
pub(crate) struct Breakable<S: ?Sized> {
    inner: Arc<S>,
    broken: AtomicBool,
}

impl<S: ?Sized> Breakable<S> {
    /// Works for now.
    pub(crate) fn new(inner: Arc<S>) -> Arc<Self> {
        let broken = AtomicBool::new(false);
        Arc::new(Self { inner, broken })
    }

    /// Breaks or mends it.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::Relaxed);
    }

    fn inner(&self) -> Result<&S, Fault> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(Fault::bare("a test broke this store"));
        }
        Ok(&self.inner)
    }
}

#[async_trait]
impl Consents for Breakable<dyn Consents> {
    async fn record(&self, consent: &ConsentRecord) -> Result<(), Fault> {
        self.inner()?.record(consent).await
    }

    async fn of(&self, person: PersonId, limit: u32) -> Result<Vec<ConsentRecord>, Fault> {
        self.inner()?.of(person, limit).await
    }
}

#[async_trait]
impl Outbox for Breakable<dyn Outbox> {
    async fn enqueue(
        &self,
        id: [u8; 16],
        kind: &'static str,
        payload: Sealed,
        due: Timestamp,
    ) -> Result<(), Fault> {
        self.inner()?.enqueue(id, kind, payload, due).await
    }

    async fn claim(
        &self,
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault> {
        self.inner()?.claim(now, back, limit).await
    }

    async fn done(&self, id: [u8; 16]) -> Result<(), Fault> {
        self.inner()?.done(id).await
    }

    async fn retry(&self, id: [u8; 16], due: Timestamp) -> Result<(), Fault> {
        self.inner()?.retry(id, due).await
    }

    async fn waiting(&self) -> Result<u64, Fault> {
        self.inner()?.waiting().await
    }
}

#[async_trait]
impl LedgerRecords for Breakable<dyn LedgerRecords> {
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault> {
        self.inner()?.append(first, entries).await
    }

    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        self.inner()?.read(first, limit).await
    }

    async fn size(&self) -> Result<u64, Fault> {
        self.inner()?.size().await
    }

    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault> {
        self.inner()?.put_checkpoint(checkpoint).await
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault> {
        self.inner()?.last_checkpoint().await
    }

    async fn checkpoints(
        &self,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRecord>, Fault> {
        self.inner()?.checkpoints(from_size, limit).await
    }
}
