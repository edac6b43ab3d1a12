//! An audit log in memory, on a disk that may be full.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use guichet_store::Fault;
use guichet_store::durable::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};
use serde_json::Value;

/// The rows of an audit log, in memory; and a disk that may be full.
#[derive(Default)]
pub(crate) struct Records {
    entries: Mutex<Vec<Vec<u8>>>,
    checkpoints: Mutex<Vec<CheckpointRecord>>,
    pub(crate) is_full: AtomicBool,
}

impl Records {
    pub(crate) fn entries(&self) -> Vec<Vec<u8>> {
        self.since(0)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    /// Those that came after the first `count`.
    pub(crate) fn since(&self, count: usize) -> Vec<Vec<u8>> {
        self.entries.lock().unwrap()[count..].to_vec()
    }
}

#[async_trait]
impl LedgerRecords for Records {
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault> {
        if self.is_full.load(Ordering::SeqCst) {
            return Err(Fault::bare("the disk is full"));
        }
        let mut rows = self.entries.lock().unwrap();
        if rows.len() as u64 != first {
            return Ok(Placed::Taken);
        }
        rows.extend_from_slice(entries);
        Ok(Placed::Done)
    }

    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        let rows = self.entries.lock().unwrap();
        let numbered = (0..).zip(rows.iter().cloned());
        Ok(numbered
            .map(|(sequence, entry)| EntryRecord { sequence, entry })
            .filter(|record| record.sequence >= first)
            .take(limit as usize)
            .collect())
    }

    async fn size(&self) -> Result<u64, Fault> {
        Ok(self.entries.lock().unwrap().len() as u64)
    }

    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault> {
        self.checkpoints.lock().unwrap().push(checkpoint.clone());
        Ok(())
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault> {
        Ok(self.checkpoints.lock().unwrap().last().cloned())
    }

    async fn checkpoints(&self, from: u64, limit: u32) -> Result<Vec<CheckpointRecord>, Fault> {
        let all = self.checkpoints.lock().unwrap();
        Ok(all
            .iter()
            .filter(|checkpoint| checkpoint.size >= from)
            .take(limit as usize)
            .cloned()
            .collect())
    }
}

/// One entry as a test reads it: its kind, its client, and why something was refused. The ledger's own
/// entries are left out.
pub(super) fn told(entry: &[u8]) -> Option<String> {
    let entry: Value = serde_json::from_slice(entry).unwrap();
    let kind = entry["kind"].as_str()?;
    let client = entry["client"].as_str()?;
    let reason = entry["details"]["reason"].as_str();
    Some(match reason {
        Some(reason) => format!("{kind} {client}: {reason}"),
        None => format!("{kind} {client}"),
    })
}
