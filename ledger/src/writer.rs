//! The one task that writes: it takes everything that waits and makes it durable in one transaction
//! (group commit), so that under load a commit is shared by many.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use guichet_keys::LedgerSigner;
use guichet_store::Fault;
use guichet_store::durable::{LedgerRecords, Placed};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::head::{Head, ReadOn};
use crate::log::{LedgerSettings, Receipt, Shared};
use crate::queue::Job;

/// The most entries of one transaction: bounds how long a commit takes under overload.
const MAX_BATCH: usize = 1024;

/// How often another node may be first in a row before that is a fault.
const MAX_RACES: usize = 100;

pub(crate) struct Writer {
    records: Arc<dyn LedgerRecords>,
    signer: LedgerSigner,
    origin: String,
    settings: LedgerSettings,
    shared: Arc<Shared>,
    head: Head,
    /// Whether the head may be behind what is stored, after a fault or another node's write.
    is_behind: bool,
    /// Whether the last attempt failed: the next one waits, unless somebody asks.
    has_failed: bool,
}

impl Writer {
    pub(crate) fn new(
        records: Arc<dyn LedgerRecords>,
        signer: LedgerSigner,
        origin: String,
        settings: LedgerSettings,
        head: Head,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            records,
            signer,
            origin,
            settings,
            shared,
            head,
            is_behind: false,
            has_failed: false,
        }
    }

    /// Writes until nobody holds the ledger any more.
    pub(crate) async fn run(mut self) {
        let mut checkpoint_due = interval(self.settings.checkpoint_every.max(MIN_INTERVAL));
        checkpoint_due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once.
        checkpoint_due.tick().await;
        loop {
            tokio::select! {
                () = self.work() => {}
                _ = checkpoint_due.tick() => {
                    self.checkpoint_or_log().await;
                    self.look_again().await;
                    continue;
                }
            }
            let taken = self.shared.queue.take();
            if taken.jobs.is_empty() {
                self.look_again().await;
            }
            self.do_all(taken.jobs).await;
            if taken.is_closed {
                self.checkpoint_or_log().await;
                return;
            }
        }
    }

    /// Returns when there is something to write. Events nobody waits for are given a moment, so
    /// that they go with the next one somebody waits for. After a fault it returns soon, work or none.
    async fn work(&self) {
        let queue = &self.shared.queue;
        while !queue.has_work() {
            if !self.has_failed {
                queue.filled.notified().await;
                continue;
            }
            tokio::select! {
                () = queue.filled.notified() => {}
                () = sleep(self.settings.retry) => return,
            }
        }
        let patience = if self.has_failed {
            self.settings.retry
        } else {
            self.settings.linger
        };
        while !queue.is_urgent() {
            tokio::select! {
                () = queue.urgent.notified() => {}
                () = sleep(patience) => return,
            }
        }
    }

    /// After a fault, sees whether the store is back: nobody may come to try while this node says that
    /// it is not ready, and it would say so for ever.
    async fn look_again(&mut self) {
        if !self.has_failed {
            return;
        }
        self.is_behind = true;
        if self.read_on().await.is_ok() {
            self.has_failed = false;
            self.shared.is_writing.store(true, Ordering::Relaxed);
        }
    }

    /// Does everything that waits, in order, in as few transactions as the limit allows. After a
    /// fault the rest is not tried: it would fail too, and must not overtake what is kept.
    async fn do_all(&mut self, mut jobs: Vec<Job>) {
        while !jobs.is_empty() {
            let rest = jobs.split_off(jobs.len().min(MAX_BATCH));
            match self.write(&jobs).await {
                Ok(first) => {
                    self.has_failed = false;
                    self.shared.is_writing.store(true, Ordering::Relaxed);
                    self.answer(jobs, first).await;
                    jobs = rest;
                }
                Err(fault) => {
                    if !self.has_failed {
                        tracing::error!(error = %causes(&fault), "the audit log does not write");
                    }
                    self.has_failed = true;
                    self.shared.is_writing.store(false, Ordering::Relaxed);
                    jobs.extend(rest);
                    return self.refuse(jobs, &Arc::new(fault));
                }
            }
        }
    }

    /// Makes the events of a batch durable; the place of the first.
    async fn write(&mut self, jobs: &[Job]) -> Result<u64, Fault> {
        for _ in 0..MAX_RACES {
            if self.is_behind {
                self.read_on().await?;
            }
            let first = self.head.size();
            let (entries, leaves) = self.head.entries(jobs.iter().filter_map(Job::body));
            if entries.is_empty() {
                return Ok(first);
            }
            let placed = match self.records.append(first, &entries).await {
                Ok(placed) => placed,
                Err(fault) => self.after_fault(first, &entries, fault).await?,
            };
            match placed {
                Placed::Done => {
                    for leaf in leaves {
                        self.head.push(leaf);
                    }
                    return Ok(first);
                }
                Placed::Taken => self.is_behind = true,
            }
        }
        Err(Fault::bare(
            "another node was always first at the end of the audit log",
        ))
    }

    /// After a fault nobody knows whether the batch was written: the connection may have broken
    /// behind the commit. The store tells.
    async fn after_fault(
        &mut self,
        first: u64,
        entries: &[Vec<u8>],
        fault: Fault,
    ) -> Result<Placed, Fault> {
        self.is_behind = true;
        let limit = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        match self.records.read(first, limit).await {
            Ok(there) if there.is_empty() => Err(fault),
            Ok(there) => {
                let is_ours = there.len() == entries.len()
                    && there
                        .iter()
                        .zip(entries)
                        .all(|(one, other)| one.entry == *other);
                if is_ours {
                    self.is_behind = false;
                    Ok(Placed::Done)
                } else {
                    Ok(Placed::Taken)
                }
            }
            Err(_) => Err(fault),
        }
    }

    async fn read_on(&mut self) -> Result<(), Fault> {
        match self.head.read_on(&*self.records).await? {
            ReadOn::AtEnd => {
                self.is_behind = false;
                Ok(())
            }
            ReadOn::Broken(_) => Err(Fault::bare(
                "an entry of the audit log does not follow the one before it",
            )),
        }
    }

    /// Tells everybody in a written batch.
    async fn answer(&mut self, jobs: Vec<Job>, first: u64) {
        let mut sequence = first;
        let mut flushes = Vec::new();
        for job in jobs {
            match job {
                Job::Note(_) => sequence += 1,
                Job::Append(_, answer) => {
                    // Whoever asked may have gone; the event is written all the same.
                    let _ = answer.send(Ok(Receipt { sequence }));
                    sequence += 1;
                }
                Job::Flush(answer) => flushes.push(answer),
            }
        }
        if !flushes.is_empty() {
            let outcome = self.checkpoint().await.map_err(Arc::new);
            for answer in flushes {
                let _ = answer.send(outcome.clone().map_err(shared_fault));
            }
        } else if self.head.unsigned() >= self.settings.checkpoint_entries {
            self.checkpoint_or_log().await;
        }
    }

    /// Tells everybody who waits that nothing was written. What nobody waits for is kept.
    fn refuse(&self, jobs: Vec<Job>, fault: &Arc<Fault>) {
        let mut notes = Vec::new();
        for job in jobs {
            let told = || shared_fault(Arc::clone(fault));
            // Whoever asked may have gone.
            match job {
                Job::Note(_) => notes.push(job),
                Job::Append(_, answer) => drop(answer.send(Err(told()))),
                Job::Flush(answer) => drop(answer.send(Err(told()))),
            }
        }
        self.shared.queue.put_back(notes);
    }

    async fn checkpoint_or_log(&mut self) {
        if let Err(fault) = self.checkpoint().await {
            tracing::error!(error = %causes(&fault), "no checkpoint of the audit log was signed");
        }
    }

    /// Signs the log as this node knows it, if there is something new.
    async fn checkpoint(&mut self) -> Result<(), Fault> {
        let checkpoint = self
            .head
            .checkpoint(&self.signer, &self.origin)
            .map_err(|error| Fault::new("signing a checkpoint", error))?;
        if let Some(checkpoint) = checkpoint {
            self.records.put_checkpoint(&checkpoint).await?;
            self.head.signed();
        }
        Ok(())
    }
}

/// A timer cannot be shorter.
const MIN_INTERVAL: std::time::Duration = std::time::Duration::from_millis(1);

/// One fault told to many.
fn shared_fault(fault: Arc<Fault>) -> Fault {
    Fault::new("writing the audit log", fault)
}

/// A fault with its causes on one line.
fn causes(fault: &Fault) -> String {
    let mut text = fault.to_string();
    let mut cause = std::error::Error::source(fault);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
