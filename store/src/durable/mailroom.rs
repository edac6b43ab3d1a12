//! Who carries letters: one carrier for each kind of letter. An outbox has several rooms, each with kinds of its
//! own: however many letters wait in one, and however slow those are whom they go to, the others go on.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use guichet_domain::{Clock, Timestamp};

use tokio::sync::Semaphore;

use super::{Letter, Outbox};
use crate::Fault;

/// Carries letters of one kind.
#[async_trait]
pub trait Carrier: Send + Sync {
    /// Which: [`Letter::kind`].
    fn kind(&self) -> &'static str;

    /// Carries one. When to try again; `None` when it arrived or is given up.
    async fn carry(&self, letter: &Letter) -> Option<Timestamp>;
}

/// Takes the letters that are due, of the kinds that somebody here carries, and hands each to its carrier. Cheap to
/// clone.
#[derive(Clone)]
pub struct Mailroom {
    outbox: Arc<dyn Outbox>,
    carriers: Arc<[Arc<dyn Carrier>]>,
    kinds: Arc<[&'static str]>,
    at_work: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
}

impl Mailroom {
    /// A room of `outbox`, for what `carriers` carry.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        carriers: Vec<Arc<dyn Carrier>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            outbox,
            kinds: carriers.iter().map(|carrier| carrier.kind()).collect(),
            carriers: carriers.into(),
            at_work: Arc::new(Semaphore::new(TOGETHER)),
            clock,
        }
    }

    /// Whether letters of this kind are carried from here.
    pub fn carries(&self, kind: &str) -> bool {
        self.kinds.contains(&kind)
    }

    /// Begins nothing more: what is in hand is carried, and the rest waits for another node, or the next start.
    pub fn close(&self) {
        self.at_work.close();
    }

    /// Carries every letter that is due. To be called when one was left, and now and then, for those
    /// that did not arrive at first or whose node died. A few may run at once, and each letter is given to one
    /// of them; where those are at work, nobody is called to help.
    pub async fn deliver_due(&self) {
        let Ok(_at_work) = self.at_work.try_acquire() else {
            return;
        };
        loop {
            let now = self.clock.now();
            let back = now.after(IN_HAND);
            let claimed = self.outbox.claim(&self.kinds, now, back, AT_ONCE);
            let claimed = claimed.await;
            let letters = match claimed {
                Ok(letters) => letters,
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    return;
                }
            };
            let is_last = letters.len() < AT_ONCE as usize;
            // At once: one that is slow to answer does not keep the others waiting.
            join_all(letters.iter().map(|letter| self.deliver(letter))).await;
            if is_last || self.at_work.is_closed() {
                return;
            }
        }
    }

    async fn deliver(&self, letter: &Letter) {
        let carrier = self.carriers.iter().find(|one| one.kind() == letter.kind);
        let again = match carrier {
            Some(carrier) => carrier.carry(letter).await,
            // None is taken of a kind that nobody here carries: it is there for another program.
            None => Some(self.clock.now().after(FOR_SOMEBODY_ELSE)),
        };
        settle(match again {
            Some(again) => self.outbox.retry(letter, again).await,
            None => self.outbox.done(letter).await,
        });
    }
}

/// How long one delivery may take before the letter is somebody else's.
const IN_HAND: Duration = Duration::from_mins(1);
const AT_ONCE: u32 = 32;
/// How many may be at work in a room at once.
const TOGETHER: usize = 16;
const FOR_SOMEBODY_ELSE: Duration = Duration::from_mins(1);

fn settle(outcome: Result<(), Fault>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the outbox cannot be written");
    }
}
