//! Stores that fail when told to, or keep a caller waiting.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use guichet_domain::{ClientId, PersonId, Sealed, SessionId, SubjectIdentifier, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{
    CheckpointRecord, ConsentRecord, Consents, EntryRecord, LedgerRecords, Letter, MessageRecord,
    Messages, Outbox, Placed, Standing,
};
use guichet_store::short_lived::{Advance, SessionRecord, Sessions};
use tokio::sync::oneshot;

/// A store that works as `inner` does until it is broken.
pub(crate) struct Breakable<S: ?Sized> {
    inner: Arc<S>,
    broken: AtomicBool,
    held: Mutex<Option<Held>>,
}

/// The next caller is to wait.
struct Held {
    arrived: oneshot::Sender<()>,
    go_on: oneshot::Receiver<()>,
}

/// A caller that waits, or will.
pub(crate) struct Waiting {
    arrived: oneshot::Receiver<()>,
    go_on: oneshot::Sender<()>,
}

impl Waiting {
    /// Until it is there.
    pub(crate) async fn arrived(&mut self) {
        (&mut self.arrived).await.unwrap();
    }

    /// Lets it go on.
    pub(crate) fn go_on(self) {
        self.go_on.send(()).unwrap();
    }
}

impl<S: ?Sized> Breakable<S> {
    /// Works for now.
    pub(crate) fn new(inner: Arc<S>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            broken: AtomicBool::new(false),
            held: Mutex::new(None),
        })
    }

    /// The next caller that adds something waits in the middle of it; those after it do not.
    pub(crate) fn hold_next(&self) -> Waiting {
        let ((told, arrived), (go_on, waits)) = (oneshot::channel(), oneshot::channel());
        *self.held.lock().unwrap() = Some(Held {
            arrived: told,
            go_on: waits,
        });
        Waiting { arrived, go_on }
    }

    async fn wait(&self) {
        let held = self.held.lock().unwrap().take();
        if let Some(held) = held {
            held.arrived.send(()).unwrap();
            held.go_on.await.unwrap();
        }
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

    async fn withdraw(
        &self,
        person: PersonId,
        client: &ClientId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<u64, Fault> {
        self.inner()?.withdraw(person, client, until, now).await
    }

    async fn standing(&self, person: PersonId) -> Result<Vec<Standing>, Fault> {
        self.inner()?.standing(person).await
    }

    async fn clients(&self, person: PersonId) -> Result<BTreeSet<ClientId>, Fault> {
        self.inner()?.clients(person).await
    }

    async fn of(&self, person: PersonId, limit: u32) -> Result<Vec<ConsentRecord>, Fault> {
        self.inner()?.of(person, limit).await
    }
}

#[async_trait]
impl Messages for Breakable<dyn Messages> {
    async fn put(&self, message: &MessageRecord, most: u32) -> Result<bool, Fault> {
        self.inner()?.put(message, most).await
    }

    async fn make_room(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        most: u32,
    ) -> Result<u64, Fault> {
        self.inner()?.make_room(client, subject, most).await
    }

    async fn withdraw(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        reference: &str,
    ) -> Result<bool, Fault> {
        self.inner()?.withdraw(client, subject, reference).await
    }

    async fn of(
        &self,
        subject: &SubjectIdentifier,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, Fault> {
        self.inner()?.of(subject, now, limit).await
    }

    async fn of_all(
        &self,
        subjects: &[SubjectIdentifier],
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<MessageRecord>, Vec<ClientId>), Fault> {
        self.inner()?.of_all(subjects, now, limit).await
    }

    async fn said_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(SubjectIdentifier, Timestamp)>, Fault> {
        self.inner()?.said_since(since, limit).await
    }

    async fn mute(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.inner()?.mute(client, subject, now).await
    }

    async fn unmute(&self, client: &ClientId, subject: &SubjectIdentifier) -> Result<(), Fault> {
        self.inner()?.unmute(client, subject).await
    }

    async fn forget_expired(&self, now: Timestamp) -> Result<u64, Fault> {
        self.inner()?.forget_expired(now).await
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
        self.wait().await;
        self.inner()?.enqueue(id, kind, payload, due).await
    }

    async fn claim(
        &self,
        kinds: &[&'static str],
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault> {
        self.inner()?.claim(kinds, now, back, limit).await
    }

    async fn done(&self, letter: &Letter) -> Result<(), Fault> {
        self.inner()?.done(letter).await
    }

    async fn retry(&self, letter: &Letter, due: Timestamp) -> Result<(), Fault> {
        self.inner()?.retry(letter, due).await
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

#[async_trait]
impl Sessions for Breakable<dyn Sessions> {
    async fn start(&self, id: SessionId, sealed: Sealed, expires: Timestamp) -> Result<(), Fault> {
        self.wait().await;
        self.inner()?.start(id, sealed, expires).await
    }

    async fn load(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        self.inner()?.load(id).await
    }

    async fn replace(
        &self,
        id: SessionId,
        version: u64,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<Advance, Fault> {
        self.inner()?.replace(id, version, sealed, expires).await
    }

    async fn end(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        self.inner()?.end(id).await
    }
}
