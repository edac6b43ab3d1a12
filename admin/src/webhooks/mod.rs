//! Signed webhooks (Standard Webhooks 1.0.0): programs are told what happens to what is registered, and never
//! of a person. Whoever operates the hub registers addresses for all of it, teams for their own.
//!
//! | what | file |
//! |---|---|
//! | the addresses, as records like any other | `records.rs` |
//! | what an entry of the ledger tells, and whom | `told.rs` |
//! | the ledger followed; a letter in the outbox for each event and address | `follow.rs` |
//! | a letter posted, signed, and tried again | `carry.rs` |
//!
//! This file is the desk: secrets that follow one another, a test, a replay, what became of deliveries.

mod carry;
mod follow;
mod records;
mod told;

use guichet_domain::webhook::{MOST_SECRETS, Webhook, WebhookSecret, WebhookSignature};
use guichet_domain::{AuditEvent, Entropy, EventKind, InvalidMember, Rule, Timestamp};
use guichet_keys::{Keys, Sealer, WebhookKey};
use guichet_store::durable::{Delivery, Replay};
use schemars::JsonSchema;
use serde::Serialize;
use zeroize::Zeroizing;

use std::sync::Arc;

use crate::{ChangeError, RecordDesk};

pub use carry::WebhookPost;
pub use records::WebhookRecords;

/// Where secrets of webhooks are made and ended, and where they are tried.
pub struct WebhookDesk {
    /// The records.
    pub webhooks: RecordDesk<Arc<WebhookRecords>>,
    /// Seals secrets.
    pub sealer: Sealer,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A secret that was just made.
pub struct NewWebhookSecret {
    /// Its name among the webhook's.
    pub id: String,
    /// `whsec_…`, which nobody can show again, or `whpk_…`, which is public.
    pub text: Zeroizing<String>,
}

/// What is known of a secret of a webhook; never what it is.
#[derive(Serialize, JsonSchema)]
pub struct SecretShown {
    /// Its name.
    pub id: String,
    /// How it signs.
    pub signature: WebhookSignature,
    /// What it is verified with, where that is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Since when.
    pub created: String,
    /// Until when, if it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it signs now.
    pub live: bool,
}

/// One event on its way to a webhook, or there.
#[derive(Serialize, JsonSchema)]
pub struct DeliveryShown {
    /// The entry of the ledger that it tells of: what it is replayed by.
    pub sequence: u64,
    /// Its `webhook-id`.
    pub message: String,
    /// The kind of event.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub timestamp: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u64,
    /// The status of the last answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong, in a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was tried last, or left.
    pub at: String,
}

/// What seals secrets of webhooks.
pub fn webhook_sealer(keys: &Keys) -> Sealer {
    keys.sealer("webhook secret")
}

impl WebhookDesk {
    /// The secrets of a webhook, the oldest first.
    pub fn secrets(&self, webhook: &Webhook) -> Vec<SecretShown> {
        let now = self.webhooks.clock.now();
        let shown = |secret: &WebhookSecret| SecretShown {
            id: secret.id.clone(),
            signature: secret.signature,
            public_key: secret.public_key.clone(),
            created: secret.created.to_string(),
            until: secret.until.map(|until| until.to_string()),
            live: secret.until.is_none_or(|until| now < until),
        };
        webhook.secrets.iter().map(shown).collect()
    }

    /// Adds a secret that signs at once; those there are end at `others_end` at the latest, or go on.
    pub async fn add_secret(
        &self,
        webhook: &Webhook,
        signature: WebhookSignature,
        others_end: Option<Timestamp>,
    ) -> Result<NewWebhookSecret, ChangeError> {
        let now = self.webhooks.clock.now();
        if others_end.is_some_and(|end| end < now) {
            return Err(InvalidMember::new("others_end", Rule::TimeToCome).into());
        }
        let mut changed = webhook.clone();
        changed
            .secrets
            .retain(|it| it.until.is_none_or(|until| now < until));
        if changed.secrets.len() >= MOST_SECRETS {
            return Err(InvalidMember::new("secrets", Rule::EnoughOfWebhook).into());
        }
        for secret in &mut changed.secrets {
            secret.end_by(others_end);
        }
        let key = WebhookKey::fresh(&*self.entropy, signature);
        let text = key.for_receiver()?;
        let id = self.fresh_name();
        let is_public = signature == WebhookSignature::Ed25519;
        changed.secrets.push(WebhookSecret {
            sealed: key.seal(&self.sealer, &context(webhook, &id))?,
            public_key: is_public.then(|| text.to_string()),
            id: id.clone(),
            signature,
            created: now,
            until: None,
        });
        self.write(webhook, &changed, ("secret added", &id)).await?;
        Ok(NewWebhookSecret { id, text })
    }

    /// Ends a secret at `at`: now, or later. One that goes on stays.
    pub async fn end_secret(
        &self,
        webhook: &Webhook,
        id: &str,
        at: Option<Timestamp>,
    ) -> Result<(), ChangeError> {
        let now = self.webhooks.clock.now();
        let at = at.map_or(now, |at| at.max(now));
        let mut changed = webhook.clone();
        // One that is there today and ends tomorrow would leave nothing after it.
        let mut goes_on = webhook
            .live(at)
            .filter(|it| it.id != id && it.until.is_none());
        if goes_on.next().is_none() {
            let reason = Rule::LastOfWebhook;
            return Err(InvalidMember::new("id", reason).into());
        }
        let mut secrets = changed.secrets.iter_mut();
        let ended = secrets.find(|secret| secret.id == id);
        let ended = ended.ok_or_else(|| ChangeError::Unknown("secret", id.to_owned()))?;
        ended.end_by(Some(at));
        self.write(webhook, &changed, ("secret ended", id)).await
    }

    /// Tells one webhook that it is being tried; the place of the entry that says so.
    pub async fn test(&self, webhook: &Webhook) -> Result<u64, ChangeError> {
        let event = self.event(EventKind::WebhookTested, webhook);
        Ok(self.webhooks.ledger.append(event).await?.sequence)
    }

    /// Sends events to a webhook again, each under the identifier it had; how many.
    pub async fn replay(&self, webhook: &Webhook, which: Replay) -> Result<u64, ChangeError> {
        let event = self.event(EventKind::WebhookReplayed, webhook);
        let event = match which {
            Replay::One(sequence) => event.detail("sequence", sequence),
            Replay::Since(since) => event.detail("since", since),
        };
        self.webhooks.ledger.append(event).await?;
        let now = self.webhooks.clock.now();
        let records = &self.webhooks.records;
        Ok(records.webhooks.replay(&webhook.id, which, now).await?)
    }

    /// What became of the events of entries before `before`, the newest first.
    pub async fn deliveries(
        &self,
        webhook: &Webhook,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<DeliveryShown>, ChangeError> {
        let store = &self.webhooks.records.webhooks;
        let all = store.deliveries(&webhook.id, before, limit).await?;
        Ok(all.iter().map(DeliveryShown::from).collect())
    }

    fn event(&self, kind: EventKind, webhook: &Webhook) -> AuditEvent {
        AuditEvent::new(kind, self.webhooks.clock.now())
            .detail("webhook", &webhook.id)
            .detail("by", &self.webhooks.by)
    }

    async fn write(
        &self,
        webhook: &Webhook,
        changed: &Webhook,
        (what, id): (&'static str, &str),
    ) -> Result<(), ChangeError> {
        let detail = Some(("secret", id));
        let known = Some(webhook);
        let desk = &self.webhooks;
        desk.write_noting(known, changed, what, detail).await
    }

    /// Eight characters that nothing else of the webhook is named by.
    fn fresh_name(&self) -> String {
        let [one, two, three, four, ..] = self.entropy.bytes16();
        format!("{:08x}", u32::from_be_bytes([one, two, three, four]))
    }
}

/// A secret opens as this one of this webhook, and as no other.
fn context(webhook: &Webhook, secret: &str) -> Vec<u8> {
    format!("{}/{secret}", webhook.id).into_bytes()
}

impl From<&Delivery> for DeliveryShown {
    fn from(delivery: &Delivery) -> Self {
        let how = &delivery.delivered;
        Self {
            sequence: delivery.sequence,
            message: told::message_id(&delivery.letter),
            kind: delivery.event.clone(),
            timestamp: delivery.occurred.to_string(),
            state: how.state.as_str(),
            attempts: how.attempts,
            status: how.status,
            error: Some(how.error.clone()).filter(|error| !error.is_empty()),
            at: how.at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
