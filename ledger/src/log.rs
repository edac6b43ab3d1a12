//! The handle through which every room writes to the audit log.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::AuditEvent;
use guichet_keys::{KeysError, LedgerSigner};
use guichet_store::Fault;
use guichet_store::durable::LedgerRecords;

/// Writes to the audit log. Cheap to clone.
#[derive(Clone)]
pub struct Ledger(Arc<()>);

/// Proof that an event is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its place in the log, from 0.
    pub sequence: u64,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerSettings {
    /// How often a checkpoint is signed, when there is something new.
    pub checkpoint_every: Duration,
    /// After how many entries a checkpoint is signed at the latest.
    pub checkpoint_entries: u64,
    /// How long events nobody waits for may wait for company.
    pub linger: Duration,
    /// How many appends may wait at once; further ones wait outside.
    pub waiting: usize,
    /// How many events may wait in all; notes beyond that are lost, and the loss is recorded.
    pub queue: usize,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            checkpoint_every: Duration::from_mins(1),
            checkpoint_entries: 1024,
            linger: Duration::from_millis(20),
            waiting: 4096,
            queue: 65_536,
        }
    }
}

/// Why the log does not open.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Fault),
    /// The key that signs checkpoints failed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The origin cannot name a log.
    #[error("the ledger's origin must be 1 to 255 characters without white space or '+'")]
    Origin,
    /// What is stored is not what was written.
    #[error("the audit log was tampered with at or before entry {0}: run `guichet ledger verify`")]
    Tampered(u64),
}

impl Ledger {
    /// Opens the log that `records` hold, or begins it.
    pub async fn open(
        _records: Arc<dyn LedgerRecords>,
        _signer: LedgerSigner,
        _origin: &str,
        _settings: LedgerSettings,
    ) -> Result<Self, LedgerError> {
        todo!()
    }

    /// Leaves an event to be written, in the order of the calls; returns at once. It is durable
    /// before any later [`append`](Self::append) returns.
    pub fn note(&self, _event: AuditEvent) {
        let _ = &self.0;
        todo!()
    }

    /// Writes an event; returns when it and everything before it is durable. On a fault nothing may
    /// leave that this event would have recorded.
    pub async fn append(&self, _event: AuditEvent) -> Result<Receipt, Fault> {
        todo!()
    }

    /// Writes everything noted so far and signs a checkpoint: for shutdown.
    pub async fn flush(&self) -> Result<(), Fault> {
        todo!()
    }

    /// Whether the log takes events without delay: what readiness asks.
    pub fn is_writing(&self) -> bool {
        todo!()
    }
}
