//! The handle through which every room writes to the audit log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_domain::{AuditEvent, PersonId};
use guichet_keys::{HistoryKeys, KeysError, LedgerSigner};
use guichet_store::Fault;
use guichet_store::durable::LedgerRecords;
use tokio::sync::{Semaphore, oneshot};

use crate::entry::body;
use crate::head::Head;
use crate::history::History;
use crate::note::is_origin;
use crate::queue::{Job, Queue};
use crate::writer::Writer;

/// Writes to the audit log. Cheap to clone; when the last clone goes, what was noted is still
/// written, if the runtime lives long enough: [`flush`](Self::flush) before leaving.
#[derive(Clone)]
pub struct Ledger(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    /// Room for those who wait for an answer.
    room: Semaphore,
    settings: LedgerSettings,
    history: History,
    people: HistoryKeys,
}

/// What callers and the writer share.
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    /// Whether the last attempt to write succeeded.
    pub(crate) is_writing: AtomicBool,
}

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
    /// After how many entries a checkpoint is signed at the latest; at most 8192.
    pub checkpoint_entries: u64,
    /// How long events nobody waits for may wait for company.
    pub linger: Duration,
    /// How long after a fault events nobody waits for are tried again.
    pub retry: Duration,
    /// How many appends may wait at once; further ones wait for their turn.
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
            retry: Duration::from_secs(1),
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
    /// What is stored is not what was written: the entry at this place is the first that does not
    /// follow, or the last that its checkpoint covers.
    #[error("the audit log does not hold at entry {0}: run `guichet ledger verify`")]
    Tampered(u64),
}

impl Ledger {
    /// Opens the log that `records` hold, or begins it. Reads what came after the last checkpoint
    /// and no more, however long the log is. `origin` names the log in its checkpoints, for ever.
    pub async fn open(
        records: Arc<dyn LedgerRecords>,
        signer: LedgerSigner,
        origin: &str,
        settings: LedgerSettings,
    ) -> Result<Self, LedgerError> {
        if !is_origin(origin) {
            return Err(LedgerError::Origin);
        }
        let head = Head::open(&*records, &signer, origin).await?;
        let shared = Arc::new(Shared {
            queue: Queue::new(settings.queue),
            is_writing: AtomicBool::new(true),
        });
        let people = signer.history_keys().clone();
        let history = History::new(Arc::clone(&records), signer.verifier(), origin.to_owned());
        let writer = Writer::new(
            records,
            signer,
            origin.to_owned(),
            settings,
            head,
            Arc::clone(&shared),
        );
        tokio::spawn(writer.run());
        Ok(Self(Arc::new(Handle {
            shared,
            room: Semaphore::new(settings.waiting.clamp(1, Semaphore::MAX_PERMITS)),
            settings,
            history,
            people,
        })))
    }

    /// Leaves an event to be written, in the order of the calls; returns at once. It is durable
    /// before any later [`append`](Self::append) returns.
    pub fn note(&self, event: AuditEvent) {
        self.0.shared.queue.note(self.named(event));
    }

    /// Writes an event; returns when it, and everything noted before it, is durable. On a fault
    /// nothing may leave that this event would have recorded.
    pub async fn append(&self, event: AuditEvent) -> Result<Receipt, Fault> {
        let _room = self.0.room.acquire().await.map_err(|_| closed())?;
        let (answer, answered) = oneshot::channel();
        let body = body(&self.named(event));
        self.0.shared.queue.ask(Job::Append(body, answer));
        answered.await.map_err(|_| closed())?
    }

    /// The event as the log tells it: whom it is about, by the name that the log has for them.
    fn named(&self, mut event: AuditEvent) -> AuditEvent {
        let name = |person| PersonId::from_bytes(*self.0.people.of(person).name().as_bytes());
        event.person = event.person.map(name);
        event
    }

    /// The name that the log has for a person, and what it comes from.
    pub fn people(&self) -> &HistoryKeys {
        &self.0.people
    }

    /// Writes everything noted so far and signs a checkpoint: for shutdown.
    pub async fn flush(&self) -> Result<(), Fault> {
        let (answer, answered) = oneshot::channel();
        self.0.shared.queue.ask(Job::Flush(answer));
        answered.await.map_err(|_| closed())?
    }

    /// What was written, for readers.
    pub fn history(&self) -> &History {
        &self.0.history
    }

    /// Whether events are being written without delay: what readiness asks.
    pub fn is_writing(&self) -> bool {
        let shared = &self.0.shared;
        shared.is_writing.load(Ordering::Relaxed) && shared.queue.len() < self.0.settings.queue / 2
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}

/// The writer is gone, which only the end of the runtime brings about.
const fn closed() -> Fault {
    Fault::bare("the audit log is closed")
}

#[cfg(test)]
mod tests;
