//! What waits to be written: events in the order of the calls, and who waits for them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use guichet_domain::{AuditEvent, EventKind};
use guichet_store::Fault;
use tokio::sync::{Notify, oneshot};

use crate::entry::body;
use crate::log::Receipt;

/// Whoever waits for an answer.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, Fault>>;

/// One thing to do.
pub(crate) enum Job {
    /// An event nobody waits for.
    Note(Vec<u8>),
    /// An event somebody waits for.
    Append(Vec<u8>, Answer<Receipt>),
    /// Everything before this is to be durable, and signed.
    Flush(Answer<()>),
}

impl Job {
    /// The event to write, if there is one.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        match self {
            Self::Note(body) | Self::Append(body, _) => Some(body),
            Self::Flush(_) => None,
        }
    }
}

/// The queue between all callers and the one writer.
pub(crate) struct Queue {
    limit: usize,
    state: Mutex<State>,
    /// Something is there.
    pub(crate) filled: Notify,
    /// Somebody waits for something.
    pub(crate) urgent: Notify,
}

#[derive(Default)]
struct State {
    jobs: Vec<Job>,
    is_urgent: bool,
    is_closed: bool,
    /// Notes that found no room, and what the first of them was.
    lost: u64,
    first_lost: Option<AuditEvent>,
}

/// What the writer found in the queue.
pub(crate) struct Taken {
    pub(crate) jobs: Vec<Job>,
    pub(crate) is_closed: bool,
}

impl Queue {
    /// A queue of at most `limit` events.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            filled: Notify::new(),
            urgent: Notify::new(),
        }
    }

    /// Adds an event nobody waits for. Without room it is counted as lost: memory is bounded even
    /// when the store has been down for long, and the count is written once it is back.
    pub(crate) fn note(&self, event: AuditEvent) {
        let mut state = self.state();
        if state.jobs.len() >= self.limit {
            if state.lost == 0 {
                tracing::error!("the audit log's queue is full: events are lost until it drains");
                state.first_lost = Some(event);
            }
            state.lost += 1;
            return;
        }
        let was_empty = state.jobs.is_empty();
        state.jobs.push(Job::Note(body(&event)));
        drop(state);
        if was_empty {
            self.filled.notify_one();
        }
    }

    /// Adds something somebody waits for.
    pub(crate) fn ask(&self, job: Job) {
        let mut state = self.state();
        state.jobs.push(job);
        let was_urgent = std::mem::replace(&mut state.is_urgent, true);
        drop(state);
        if !was_urgent {
            self.filled.notify_one();
            self.urgent.notify_one();
        }
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_one();
        self.urgent.notify_one();
    }

    /// Whether somebody waits, or nothing more will come.
    pub(crate) fn is_urgent(&self) -> bool {
        let state = self.state();
        state.is_urgent || state.is_closed
    }

    /// Puts notes that could not be written back where they were, before everything since.
    pub(crate) fn put_back(&self, mut notes: Vec<Job>) {
        let mut state = self.state();
        notes.append(&mut state.jobs);
        state.jobs = notes;
    }

    /// Whether anything waits, or nothing more will come.
    pub(crate) fn has_work(&self) -> bool {
        let state = self.state();
        !state.jobs.is_empty() || state.lost > 0 || state.is_closed
    }

    /// How many events wait.
    pub(crate) fn len(&self) -> usize {
        self.state().jobs.len()
    }

    /// Everything there is, in order.
    pub(crate) fn take(&self) -> Taken {
        let mut state = self.state();
        state.is_urgent = false;
        let mut jobs = std::mem::take(&mut state.jobs);
        if let Some(first) = state.first_lost.take() {
            let count = std::mem::take(&mut state.lost);
            let event = AuditEvent::new(EventKind::EventsLost, first.at)
                .detail("count", count)
                .detail("first", first.kind);
            jobs.push(Job::Note(body(&event)));
        }
        Taken {
            jobs,
            is_closed: state.is_closed,
        }
    }

    /// A panic while the lock was held cannot leave half a job: each is pushed whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
