//! Who carries letters: one room for each outbox, one carrier for each kind of letter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use guichet_domain::{Clock, Timestamp};

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

/// Takes the letters that are due and hands each to whoever carries its kind. Cheap to clone.
#[derive(Clone)]
pub struct Mailroom {
    outbox: Arc<dyn Outbox>,
    carriers: Arc<[Arc<dyn Carrier>]>,
    clock: Arc<dyn Clock>,
}

impl Mailroom {
    /// The room of `outbox`.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        carriers: Vec<Arc<dyn Carrier>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            outbox,
            carriers: carriers.into(),
            clock,
        }
    }

    /// Carries every letter that is due. To be called when one was left, and now and then, for those
    /// that did not arrive at first or whose node died. Several may run at once: each letter is given to
    /// one of them.
    pub async fn deliver_due(&self) {
        loop {
            let now = self.clock.now();
            let claimed = self.outbox.claim(now, now.after(IN_HAND), AT_ONCE).await;
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
            if is_last {
                return;
            }
        }
    }

    async fn deliver(&self, letter: &Letter) {
        let carrier = self.carriers.iter().find(|one| one.kind() == letter.kind);
        let again = match carrier {
            Some(carrier) => carrier.carry(letter).await,
            // Left by a newer program: it is there for that one.
            None => Some(self.clock.now().after(FOR_SOMEBODY_ELSE)),
        };
        settle(match again {
            Some(again) => self.outbox.retry(letter.id, again).await,
            None => self.outbox.done(letter.id).await,
        });
    }
}

/// How long one delivery may take before the letter is somebody else's.
const IN_HAND: Duration = Duration::from_mins(1);
const AT_ONCE: u32 = 32;
const FOR_SOMEBODY_ELSE: Duration = Duration::from_mins(1);

fn settle(outcome: Result<(), Fault>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the outbox cannot be written");
    }
}
