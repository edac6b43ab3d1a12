//! Where the ledger's entries and checkpoints rest. The room `ledger` gives them their meaning.

use async_trait::async_trait;

use crate::Fault;

/// One entry, as the exact bytes that were hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryRecord {
    /// Its place, from 0, without gaps.
    pub sequence: u64,
    /// Its canonical bytes.
    pub entry: Vec<u8>,
}

/// A signed statement of the log's size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRecord {
    /// How many entries it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// The tree's frontier at that size, so that opening need not read every entry.
    pub frontier: Vec<u8>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// Durable.
    Done,
    /// Another node wrote at this place first; nothing was written.
    Taken,
}

/// The rows of the ledger. Nothing here changes or deletes an entry.
#[async_trait]
pub trait LedgerRecords: Send + Sync {
    /// Writes entries with sequences `first`, `first + 1`, … in one durable transaction: all or none.
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault>;

    /// Entries from `first` on, at most `limit`, in order.
    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault>;

    /// How many entries there are.
    async fn size(&self) -> Result<u64, Fault>;

    /// Keeps a checkpoint; one of the same size is left as it is.
    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault>;

    /// The checkpoint with the largest size.
    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault>;

    /// Every checkpoint of at least this size, smallest first, at most `limit`.
    async fn checkpoints(&self, from_size: u64, limit: u32)
    -> Result<Vec<CheckpointRecord>, Fault>;
}
