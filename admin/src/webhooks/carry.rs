//! A letter posted: signed with every live secret, through the one way out, tried again for days, and given up
//! in the open. Whoever answers 410 is told nothing more.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::webhook::Webhook;
use guichet_domain::{AuditEvent, Clock, EventKind, Timestamp};
use guichet_keys::{Keys, Mac, Sealer, WebhookKey};
use guichet_ledger::{History, Ledger};
use guichet_store::Fault;
use guichet_store::durable::webhooks::LETTERS;
use guichet_store::durable::{
    Carrier, Delivered, Delivery, DeliveryState, Letter, Teams, Webhooks,
};
use guichet_web::{Outgoing, OutgoingError};
use http::{Request, StatusCode, header};
use tokio::sync::Mutex;

use super::follow::KEPT_FOR;
use super::told::is_told;
use super::{context, told, webhook_sealer};
use crate::Records as _;
use crate::people::Grounds;
use crate::webhooks::WebhookRecords;

/// Tells webhooks what happens.
pub struct WebhookPost {
    pub(super) webhooks: Arc<dyn Webhooks>,
    pub(super) teams: Arc<dyn Teams>,
    pub(super) history: History,
    pub(super) names: Mac,
    pub(super) clock: Arc<dyn Clock>,
    ledger: Ledger,
    sealer: Sealer,
    outgoing: Outgoing,
    grounds: Mutex<Option<(Timestamp, Arc<Grounds>)>>,
}

impl WebhookPost {
    /// The post of this hub.
    pub fn new(
        (webhooks, teams): (Arc<dyn Webhooks>, Arc<dyn Teams>),
        (keys, ledger): (&Keys, &Ledger),
        outgoing: Outgoing,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            webhooks,
            teams,
            history: ledger.history().clone(),
            names: keys.mac("webhook messages"),
            clock,
            ledger: ledger.clone(),
            sealer: webhook_sealer(keys),
            outgoing,
            grounds: Mutex::default(),
        }
    }
}

/// How an attempt went.
enum Attempt {
    /// It was taken: the status.
    Taken(u16),
    /// Not this time: the status, if there was an answer, and why.
    NotNow(Option<u16>, String),
    /// There is nobody any more (410).
    Gone,
}

#[async_trait]
impl Carrier for WebhookPost {
    fn kind(&self) -> &'static str {
        LETTERS
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        match self.carry_on(letter).await {
            Ok(again) => again,
            Err(error) => {
                tracing::error!(%error, "a webhook's letter cannot be read or noted");
                Some(self.clock.now().after(AFTER_A_FAULT))
            }
        }
    }
}

impl WebhookPost {
    async fn carry_on(&self, letter: &Letter) -> Result<Option<Timestamp>, Fault> {
        let Some(delivery) = self.webhooks.delivery(letter.id).await? else {
            return Ok(None);
        };
        // Counted by what was tried: not what a dying node, or one without this carrier, had in hand.
        let before = delivery.delivered.attempts;
        let tried = before + 1;
        let webhook = self.webhooks.webhook(&delivery.webhook).await?;
        let grounds = self.grounds().await?;
        let is_its = |it: &Webhook| is_told(it, &grounds) && delivery.sequence >= it.on_since;
        let Some(webhook) = webhook.filter(is_its) else {
            let failed = (DeliveryState::Failed, None, "disabled".to_owned());
            self.note(letter, before, failed).await?;
            return Ok(None);
        };
        let attempt = match self.request(&webhook, &delivery) {
            Some(request) => self.attempt(request).await,
            None => return self.wait_for_a_secret(letter, &delivery).await,
        };
        let (state, status, error) = match attempt {
            Attempt::Taken(status) => (DeliveryState::Delivered, Some(status), String::new()),
            Attempt::Gone => {
                self.disable(&webhook).await?;
                let status = StatusCode::GONE.as_u16();
                (DeliveryState::Failed, Some(status), "gone".to_owned())
            }
            Attempt::NotNow(status, error) => {
                if let Some(pause) = pause_after(tried, letter.id) {
                    let waiting = (DeliveryState::Waiting, status, error);
                    self.note(letter, tried, waiting).await?;
                    return Ok(Some(self.clock.now().after(pause)));
                }
                let event = AuditEvent::new(EventKind::WebhookGivenUp, self.clock.now())
                    .detail("webhook", &webhook.id)
                    .detail("sequence", delivery.sequence)
                    .detail("error", &error);
                self.ledger.note(event);
                (DeliveryState::Failed, status, error)
            }
        };
        self.note(letter, tried, (state, status, error)).await?;
        Ok(None)
    }

    /// What lies where, as it was a moment ago: of thousands of letters each asks.
    async fn grounds(&self) -> Result<Arc<Grounds>, Fault> {
        let now = self.clock.now();
        let mut known = self.grounds.lock().await;
        if let Some((at, grounds)) = &*known
            && *at <= now
            && now < at.after(A_MOMENT)
        {
            return Ok(Arc::clone(grounds));
        }
        let grounds = Arc::new(Grounds::of(&*self.teams).await?);
        *known = Some((now, Arc::clone(&grounds)));
        drop(known);
        Ok(grounds)
    }

    /// Nothing was tried: what happened waits for a secret as long as it is known.
    async fn wait_for_a_secret(
        &self,
        letter: &Letter,
        delivery: &Delivery,
    ) -> Result<Option<Timestamp>, Fault> {
        let now = self.clock.now();
        let is_over = delivery.occurred < now.before(KEPT_FOR);
        let state = if is_over {
            DeliveryState::Failed
        } else {
            DeliveryState::Waiting
        };
        let outcome = (state, None, "no_secret".to_owned());
        self.note(letter, delivery.delivered.attempts, outcome)
            .await?;
        Ok((!is_over).then(|| now.after(FOR_A_SECRET)))
    }

    async fn attempt(&self, request: Request<Vec<u8>>) -> Attempt {
        match self.outgoing.execute(request).await {
            Ok(answer) if answer.status().is_success() => Attempt::Taken(answer.status().as_u16()),
            Ok(answer) if answer.status() == StatusCode::GONE => Attempt::Gone,
            // A redirect is no answer: it is not followed.
            Ok(answer) => {
                let status = answer.status().as_u16();
                Attempt::NotNow(Some(status), status.to_string())
            }
            // Whatever it answered at such length, it did answer; only that counts not.
            Err(error) => Attempt::NotNow(None, word(&error).to_owned()),
        }
    }

    /// The message as it is posted now; `None` while there is nothing to sign it with.
    fn request(&self, webhook: &Webhook, delivery: &Delivery) -> Option<Request<Vec<u8>>> {
        let now = self.clock.now();
        let id = told::message_id(&delivery.letter);
        let body = delivery.body.as_bytes();
        let signed = webhook.live(now).filter_map(|secret| {
            let context = context(webhook, &secret.id);
            let at_rest = (&context[..], &secret.sealed);
            let key = WebhookKey::open(&self.sealer, at_rest, secret.signature);
            let Ok(key) = key else {
                tracing::error!(webhook = %webhook.id, "a webhook's secret does not open");
                return None;
            };
            key.sign(&id, now.seconds(), body).ok()
        });
        let signatures: Vec<String> = signed.collect();
        if signatures.is_empty() {
            return None;
        }
        Request::post(webhook.url.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.seconds())
            .header("webhook-signature", signatures.join(" "))
            .body(body.to_vec())
            .ok()
    }

    async fn note(
        &self,
        letter: &Letter,
        attempts: u64,
        (state, status, error): (DeliveryState, Option<u16>, String),
    ) -> Result<(), Fault> {
        let delivered = Delivered {
            state,
            attempts,
            status,
            error,
            at: self.clock.now(),
        };
        self.webhooks.note_delivery(letter.id, &delivered).await
    }

    /// Of two letters that hear so at once, one does it.
    async fn disable(&self, webhook: &Webhook) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut gone = WebhookRecords::inactive(webhook);
        gone.gone = Some(now);
        let event = WebhookRecords::event(&gone, "gone", now);
        self.ledger
            .append(event.detail("by", "the webhook"))
            .await?;
        self.webhooks
            .replace_webhook(Some(webhook), &gone, now)
            .await?;
        tracing::warn!(webhook = %webhook.id, "a webhook says that it is gone: disabled");
        Ok(())
    }
}

const fn word(error: &OutgoingError) -> &'static str {
    match error {
        OutgoingError::Settings(_) => "settings",
        OutgoingError::Refused => "refused_address",
        OutgoingError::Timeout => "timeout",
        OutgoingError::TooLarge => "too_large",
        OutgoingError::Unreachable => "unreachable",
        OutgoingError::Broken => "broken",
        OutgoingError::Tls => "tls",
    }
}

/// After each attempt but the last, how long to wait for the next: what Standard Webhooks recommends.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];
/// After a fault of ours.
const AFTER_A_FAULT: Duration = Duration::from_secs(30);
/// How soon a team that was disabled is.
const A_MOMENT: Duration = Duration::from_secs(1);
/// How soon a secret that was added is seen.
const FOR_A_SECRET: Duration = Duration::from_mins(1);

/// How long to wait after this attempt, and up to a tenth more, so that what failed together does not come back
/// together; `None` when it is time to give up.
fn pause_after(tried: u64, letter: [u8; 16]) -> Option<Duration> {
    let index = usize::try_from(tried.checked_sub(1)?).ok()?;
    let pause = *PAUSES.get(index)?;
    Some(pause + pause * u32::from(letter[0]) / 2560)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_tried_ten_times_for_three_days() {
        let pauses: Vec<Duration> = (1..)
            .map_while(|tried| pause_after(tried, [0; 16]))
            .collect();
        assert_eq!(pauses, PAUSES);
        let later = pause_after(9, [255; 16]).unwrap();
        assert!(later > PAUSES[8] && later < PAUSES[8] * 11 / 10);
        assert_eq!(pause_after(0, [0; 16]), None);
    }
}
