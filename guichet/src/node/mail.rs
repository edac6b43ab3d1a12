//! Mail that survives this node: whoever sends one waits until it is a letter in the outbox, sealed, and no
//! longer; from there it goes to the relay, however often that takes, and is forgotten.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_keys::Sealer;
use guichet_store::durable::{Carrier, Letter, Outbox};
use guichet_web::{Mail, MailError, Mailer};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::Foundation;

/// The mail of one house.
pub(crate) struct MailLetters {
    kind: &'static str,
    outbox: Arc<dyn Outbox>,
    sealer: Sealer,
    relay: Arc<dyn Mailer>,
    left: Notify,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A mail as it rests: personal data, sealed.
#[derive(Serialize, Deserialize)]
struct AtRest {
    to: String,
    subject: String,
    text: String,
    /// When it is of no use to anybody any more.
    until: Timestamp,
}

impl MailLetters {
    /// What the house itself mails to people.
    pub(crate) fn of_house(foundation: &Foundation, relay: Arc<dyn Mailer>) -> Arc<Self> {
        Self::new("mail", foundation, relay)
    }

    /// What its console mails to those who operate it, by a relay of its own.
    pub(crate) fn of_console(foundation: &Foundation, relay: Arc<dyn Mailer>) -> Arc<Self> {
        Self::new("console-mail", foundation, relay)
    }

    fn new(kind: &'static str, foundation: &Foundation, relay: Arc<dyn Mailer>) -> Arc<Self> {
        Arc::new(Self {
            kind,
            outbox: Arc::clone(&foundation.durable.outbox),
            sealer: foundation.keys.sealer("mail letters"),
            relay,
            left: Notify::new(),
            clock: Arc::clone(&foundation.clock),
            entropy: Arc::clone(&foundation.entropy),
        })
    }

    /// Returns when somebody left one since this was last asked.
    pub(crate) async fn called(&self) {
        self.left.notified().await;
    }
}

#[async_trait]
impl Mailer for MailLetters {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.leave(self.entropy.bytes16(), mail, KEPT_FOR).await
    }

    async fn send_for(&self, mail: &Mail, lasts: Duration) -> Result<(), MailError> {
        self.leave(self.entropy.bytes16(), mail, lasts).await
    }

    async fn send_once(&self, id: [u8; 16], mail: &Mail) -> Result<(), MailError> {
        self.leave(id, mail, KEPT_FOR).await
    }
}

impl MailLetters {
    /// Leaves a mail under this name, to be carried within so long.
    async fn leave(&self, id: [u8; 16], mail: &Mail, lasts: Duration) -> Result<(), MailError> {
        let now = self.clock.now();
        let at_rest = AtRest {
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            until: now.after(lasts.min(KEPT_FOR)),
        };
        let sealed = self.sealer.seal_json(&id, &at_rest);
        let sealed = sealed.map_err(|_| MailError::NotNow("it cannot be sealed".to_owned()))?;
        let left = self.outbox.enqueue(id, self.kind, sealed, now).await;
        left.map_err(|error| MailError::NotNow(error.to_string()))?;
        self.left.notify_one();
        Ok(())
    }
}

#[async_trait]
impl Carrier for MailLetters {
    fn kind(&self) -> &'static str {
        self.kind
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        let opened = self.sealer.open_json(&letter.id, &letter.payload);
        let Ok(at_rest): Result<AtRest, _> = opened else {
            tracing::error!("a mail does not open");
            return None;
        };
        let now = self.clock.now();
        if now >= at_rest.until {
            tracing::error!(attempts = letter.attempts, "a mail is given up");
            return None;
        }
        let mail = Mail {
            to: at_rest.to,
            subject: at_rest.subject,
            text: at_rest.text,
        };
        match self.relay.send(&mail).await {
            Ok(()) => None,
            Err(error @ MailError::Never(_)) => {
                tracing::error!(%error, "a mail is given up");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "a mail was not sent");
                Some(now.after(pause_after(letter.attempts)))
            }
        }
    }
}

/// How long a mail waits for its relay at most: an address is not kept for longer.
const KEPT_FOR: Duration = Duration::from_hours(72);

/// How long to wait after so many attempts.
fn pause_after(attempts: u64) -> Duration {
    match attempts {
        0..=2 => Duration::from_secs(5),
        3..=5 => Duration::from_mins(1),
        6..=10 => Duration::from_mins(10),
        _ => Duration::from_hours(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_a_mail_is_tried_for_days() {
        let pauses: Vec<Duration> = (1..50).map(pause_after).collect();
        assert!(pauses.is_sorted());
        let tried: Duration = pauses.iter().sum();
        assert!(tried < KEPT_FOR);
    }
}
