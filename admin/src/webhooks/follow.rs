//! The ledger, followed: each entry that somebody is to hear of becomes a letter in the outbox, by the same
//! transaction as the place up to which the ledger was read. A node may die at any moment; another reads on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use guichet_ledger::Projection;
use guichet_store::Fault;
use guichet_store::durable::{Delivery, EntryRecord};

use super::WebhookPost;
use super::told::{Told, told};
use crate::people::Grounds;

impl WebhookPost {
    /// Leaves a letter for everything that happened since this was last done, by whichever node. Whether
    /// there was something: then letters are to be carried.
    pub async fn follow(&self) -> Result<bool, Fault> {
        let webhooks = self.webhooks.webhooks().await?;
        let webhooks = webhooks.iter().filter(|webhook| webhook.active);
        // Nobody to tell: the ledger is not even read.
        let Some(since) = webhooks.map(|webhook| webhook.since).min() else {
            return Ok(false);
        };
        let following = Following {
            post: self,
            since,
            left: AtomicBool::new(false),
        };
        self.history.take_into(&following).await?;
        Ok(following.left.into_inner())
    }

    /// Forgets what was told long ago.
    pub async fn forget(&self) -> Result<u64, Fault> {
        let before = self.clock.now().before(KEPT_FOR);
        self.webhooks.forget_deliveries(before).await
    }
}

/// How long it is known what was told, and can be told again.
pub(super) const KEPT_FOR: Duration = Duration::from_hours(24 * 30);

struct Following<'a> {
    post: &'a WebhookPost,
    /// Where the first of them begins.
    since: u64,
    left: AtomicBool,
}

#[async_trait]
impl Projection for Following<'_> {
    type Said = Told;

    fn said(&self, entry: &EntryRecord) -> Option<Told> {
        told(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        let read_to = self.post.webhooks.webhooks_read_to().await?;
        Ok(read_to.max(self.since))
    }

    async fn read_on(&self, from: u64, to: u64, said: &[Told]) -> Result<bool, Fault> {
        let mut deliveries: Vec<Delivery> = Vec::new();
        if !said.is_empty() {
            // As they are now that the entries are read: whoever was answered before one of these was written is
            // told of it.
            let all = self.post.webhooks.webhooks().await?;
            let grounds = Grounds::of(&*self.post.teams).await?;
            for one in said {
                let webhooks = all.iter();
                let told = webhooks.filter_map(|it| one.to(it, &grounds, &self.post.names));
                deliveries.extend(told);
            }
        }
        let store = &self.post.webhooks;
        let is_first = store.leave_deliveries((from, to), &deliveries).await?;
        if is_first && !deliveries.is_empty() {
            self.left.store(true, Ordering::Relaxed);
        }
        Ok(is_first)
    }
}
