//! A store in memory that tests can tamper with, hold up and break.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use guichet_domain::{AuditEvent, EventKind, SigningAlg, Timestamp};
use guichet_keys::{Keys, LedgerSigner, MemoryCustody, SystemEntropy};
use guichet_store::Fault;
use guichet_store::durable::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};
use tokio::sync::Semaphore;

/// A key of its own at each call.
pub(crate) fn signer() -> LedgerSigner {
    Keys::open(
        Arc::new(MemoryCustody::new()),
        Arc::new(SystemEntropy),
        Timestamp::from_seconds(0),
        &[SigningAlg::Es256],
    )
    .ok()
    .unwrap()
    .ledger_signer()
}

/// An event that says its number.
pub(crate) fn event(number: u64) -> AuditEvent {
    AuditEvent::new(EventKind::TokenIssued, Timestamp::from_seconds(1)).detail("number", number)
}

/// How the store fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Nothing works.
    Down,
    /// The next batch is written, but the answer is lost.
    AnswerLost,
}

/// The rows, in memory.
pub(crate) struct MemoryRecords {
    pub(crate) entries: Mutex<BTreeMap<u64, Vec<u8>>>,
    pub(crate) checkpoints: Mutex<BTreeMap<u64, CheckpointRecord>>,
    pub(crate) broken: Mutex<Option<Broken>>,
    /// How many transactions there were.
    pub(crate) commits: AtomicUsize,
    /// How many entries were read.
    pub(crate) reads: AtomicUsize,
    /// Each append needs a permit.
    pub(crate) gate: Semaphore,
}

impl MemoryRecords {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::default(),
            checkpoints: Mutex::default(),
            broken: Mutex::default(),
            commits: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            gate: Semaphore::new(1_000_000),
        })
    }

    pub(crate) fn breaks(&self, broken: Option<Broken>) {
        *self.broken.lock().unwrap() = broken;
    }

    fn check(&self) -> Result<(), Fault> {
        match *self.broken.lock().unwrap() {
            Some(Broken::Down) => Err(Fault::bare("the store is down")),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl LedgerRecords for MemoryRecords {
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault> {
        self.gate.acquire().await.unwrap().forget();
        self.check()?;
        let mut rows = self.entries.lock().unwrap();
        if rows.len() as u64 != first {
            return Ok(Placed::Taken);
        }
        rows.extend((first..).zip(entries.iter().cloned()));
        self.commits.fetch_add(1, Ordering::Relaxed);
        let mut broken = self.broken.lock().unwrap();
        if *broken == Some(Broken::AnswerLost) {
            *broken = None;
            return Err(Fault::bare("the answer was lost"));
        }
        Ok(Placed::Done)
    }

    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        self.check()?;
        let rows = self.entries.lock().unwrap();
        let page: Vec<_> = rows
            .range(first..)
            .take(limit as usize)
            .map(|(sequence, entry)| EntryRecord {
                sequence: *sequence,
                entry: entry.clone(),
            })
            .collect();
        self.reads.fetch_add(page.len(), Ordering::Relaxed);
        Ok(page)
    }

    async fn size(&self) -> Result<u64, Fault> {
        self.check()?;
        Ok(self.entries.lock().unwrap().len() as u64)
    }

    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault> {
        self.check()?;
        let mut rows = self.checkpoints.lock().unwrap();
        rows.entry(checkpoint.size)
            .or_insert_with(|| checkpoint.clone());
        Ok(())
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault> {
        self.check()?;
        let rows = self.checkpoints.lock().unwrap();
        Ok(rows.values().next_back().cloned())
    }

    async fn checkpoints(
        &self,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRecord>, Fault> {
        self.check()?;
        let rows = self.checkpoints.lock().unwrap();
        Ok(rows
            .range(from_size..)
            .take(limit as usize)
            .map(|(_, row)| row.clone())
            .collect())
    }
}
