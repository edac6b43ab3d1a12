//! Webhooks, and what each is told: a delivery for each event, whose letter lies in the outbox while it is on
//! its way. Deliveries are read off the ledger, up to a place that is kept beside them: what was written there
//! is told, whichever node dies.

use async_trait::async_trait;
use guichet_domain::webhook::Webhook;
use guichet_domain::{Timestamp, WebhookId};

use super::words::words;
use crate::Fault;

words! {
    /// How far a delivery is.
    DeliveryState {
        /// On its way.
        Waiting = "waiting",
        /// The webhook took it.
        Delivered = "delivered",
        /// It is sent no more, unless somebody has it replayed.
        Failed = "failed",
    }
}

/// What one webhook is told of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The identifier of its letter, the same at each attempt and each replay.
    pub letter: [u8; 16],
    /// Which webhook.
    pub webhook: WebhookId,
    /// Of which entry of the ledger.
    pub sequence: u64,
    /// The kind of event.
    pub event: String,
    /// What is posted.
    pub body: String,
    /// When it happened.
    pub occurred: Timestamp,
    /// How it goes.
    pub delivered: Delivered,
}

/// How a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u64,
    /// The status of the last answer, if there was one.
    pub status: Option<u16>,
    /// What went wrong, in a word; empty when nothing did.
    pub error: String,
    /// When it was tried last, or left.
    pub at: Timestamp,
}

/// What is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The event of this entry of the ledger.
    One(u64),
    /// Every event since then.
    Since(Timestamp),
}

/// Who is told of events, and of which they were.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Every webhook, by identifier.
    async fn webhooks(&self) -> Result<Vec<Webhook>, Fault>;

    /// The webhook of this identifier.
    async fn webhook(&self, id: &WebhookId) -> Result<Option<Webhook>, Fault>;

    /// Puts a webhook in the place of the one that the caller knows; where it knows none there must be none.
    /// Whether that was still so.
    async fn replace_webhook(
        &self,
        known: Option<&Webhook>,
        webhook: &Webhook,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// Up to where the ledger was read.
    async fn webhooks_read_to(&self) -> Result<u64, Fault>;

    /// Leaves a letter for each of `deliveries`, which is what the entries of the ledger from `from` to before
    /// `to` say, in one step; whether this call did. Another node may have read beyond `from` already.
    async fn leave_deliveries(
        &self,
        (from, to): (u64, u64),
        deliveries: &[Delivery],
    ) -> Result<bool, Fault>;

    /// A delivery.
    async fn delivery(&self, letter: [u8; 16]) -> Result<Option<Delivery>, Fault>;

    /// The deliveries of a webhook of entries before `before`, the newest first, at most `limit`.
    async fn deliveries(
        &self,
        webhook: &WebhookId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Fault>;

    /// How a delivery goes by now.
    async fn note_delivery(&self, letter: [u8; 16], delivered: &Delivered) -> Result<(), Fault>;

    /// Sends events to a webhook again, each under the identifier it had, but none of an entry before `from`; how
    /// many. They come after what was never tried.
    async fn replay(
        &self,
        webhook: &WebhookId,
        (which, from): (Replay, u64),
        now: Timestamp,
    ) -> Result<u64, Fault>;

    /// Forgets deliveries of what happened before `before` and that are not on their way; how many.
    async fn forget_deliveries(&self, before: Timestamp) -> Result<u64, Fault>;
}

/// The kind of their letters in the outbox.
pub const LETTERS: &str = "webhook";
