//! The mails that came, the last few hundred of them, in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_domain::Timestamp;

use super::mail::{Envelope, Mail};

/// What the listener fills and the pages show. Cloning shares it.
#[derive(Clone, Default)]
pub struct Inbox(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    mails: VecDeque<Arc<Mail>>,
    last_id: u64,
}

impl Inbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every mail kept, the newest first.
    pub fn newest_first(&self) -> Vec<Arc<Mail>> {
        self.lock().mails.iter().rev().map(Arc::clone).collect()
    }

    /// The mail with this number.
    pub fn get(&self, id: u64) -> Option<Arc<Mail>> {
        self.lock()
            .mails
            .iter()
            .find(|mail| mail.id == id)
            .map(Arc::clone)
    }

    /// Throws everything away.
    pub fn empty(&self) {
        self.lock().mails.clear();
    }

    /// Takes what the listener received.
    pub(super) fn deliver(&self, envelope: &Envelope, content: &[u8], received: Timestamp) {
        let mut kept = self.lock();
        kept.last_id += 1;
        let mail = Mail::read(kept.last_id, envelope, content, received);
        kept.mails.push_back(Arc::new(mail));
        if kept.mails.len() > MOST {
            kept.mails.pop_front();
        }
    }

    /// A panic elsewhere leaves the list whole: every change to it is one call.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// More than anyone reads.
const MOST: usize = 500;
