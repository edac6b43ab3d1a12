//! Events sent to those who say where (RFC 8935): tried again for days, then left where the party can
//! fetch them.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{Client, EventKind, Timestamp};
use guichet_store::durable::{Carrier, Letter, WaitingEvent};
use serde::Deserialize;
use url::Url;

use super::{Events, Told};
use crate::Posted;

/// The kind of these letters in the outbox.
pub(super) const KIND: &str = "security-event";

/// Posts events to parties: bounded in time and size, following no redirect.
#[async_trait]
pub trait EventPost: Send + Sync {
    /// Posts `token` as `application/secevent+jwt`; `None` when there is no answer.
    async fn post_event(&self, url: &Url, token: &str) -> Option<Posted>;
}

/// How a delivery went.
enum Delivery {
    /// It was taken.
    Taken,
    /// Not this time: the error code, or the status.
    NotNow(String),
    /// It never will be: the error code.
    Never(&'static str),
}

#[async_trait]
impl Carrier for Events {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        let told = self.letters.opened(&letter.id, &letter.payload)?;
        let client = self.parts.clients.client(told.client.as_str());
        let Some(client) = client else {
            let entry = self.entry(EventKind::EventGivenUp, &told, "push");
            self.parts.ledger.note(entry.detail("error", "gone"));
            return None;
        };
        let delivery = match &client.events_uri {
            Some(uri) => self.push(&client, uri, &told).await,
            None => Delivery::Never("no_address"),
        };
        match delivery {
            Delivery::Taken => {
                let entry = self.entry(EventKind::EventDelivered, &told, "push");
                self.parts
                    .ledger
                    .note(entry.detail("attempt", letter.attempts));
                None
            }
            Delivery::NotNow(error) => match pause_after(letter.attempts) {
                Some(pause) => {
                    let entry = self.entry(EventKind::EventFailed, &told, "push");
                    let entry = entry.detail("attempt", letter.attempts);
                    self.parts.ledger.note(entry.detail("error", error));
                    Some(self.parts.clock.now().after(pause))
                }
                None => self.give_up(letter, &told, &error).await,
            },
            Delivery::Never(error) => self.give_up(letter, &told, error).await,
        }
    }
}

impl Events {
    async fn push(&self, client: &Client, uri: &Url, told: &Told) -> Delivery {
        let token = match self.token(client, told) {
            Ok(token) => token,
            Err(error) => {
                tracing::error!(%error, "a security event cannot be made");
                return Delivery::NotNow("not_signed".to_owned());
            }
        };
        let Some(posted) = self.parts.post.post_event(uri, &token).await else {
            return Delivery::NotNow("no_answer".to_owned());
        };
        read(posted.status, &posted.body)
    }

    /// The party may still fetch it; that it lies there is seen at the node's health.
    async fn give_up(&self, letter: &Letter, told: &Told, error: &str) -> Option<Timestamp> {
        tracing::error!(client = %told.client, event = %told.event, error, "an event is given up");
        let event = WaitingEvent {
            id: letter.id,
            client: told.client.clone(),
            payload: letter.payload.clone(),
            kept: told.at,
        };
        if let Err(error) = self.parts.waiting.keep(&event).await {
            tracing::error!(%error, "an event cannot be kept");
            return Some(self.parts.clock.now().after(LONGEST_PAUSE));
        }
        let entry = self.entry(EventKind::EventGivenUp, told, "push");
        self.parts.ledger.note(entry.detail("error", error));
        None
    }
}

/// What an answer means (RFC 8935 §2.2 to §2.4). A token that says the wrong thing will say it again; what
/// is wrong with keys or access may be mended meanwhile.
fn read(status: u16, body: &[u8]) -> Delivery {
    #[derive(Deserialize)]
    struct Refusal {
        err: String,
    }
    if (200..300).contains(&status) {
        return Delivery::Taken;
    }
    let refusal = serde_json::from_slice::<Refusal>(body).ok();
    let code = refusal.as_ref().map_or("", |refusal| refusal.err.as_str());
    let known = ERRORS.into_iter().find(|known| *known == code);
    match known {
        Some(code) if status == 400 && FOR_GOOD.contains(&code) => Delivery::Never(code),
        Some(code) => Delivery::NotNow(code.to_owned()),
        None => Delivery::NotNow(status.to_string()),
    }
}

/// The error codes of RFC 8935 §2.4.
const ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_key",
    "invalid_issuer",
    "invalid_audience",
    "authentication_failed",
    "access_denied",
];
/// Those that the same token gets each time.
const FOR_GOOD: [&str; 3] = ["invalid_request", "invalid_issuer", "invalid_audience"];

/// After each attempt but the last, how long to wait for the next: three days in all.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(2),
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(10),
    Duration::from_hours(1),
    Duration::from_hours(6),
    Duration::from_hours(16),
    LONGEST_PAUSE,
    LONGEST_PAUSE,
];
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// How long to wait after this many attempts; `None` when it is time to give up.
fn pause_after(attempts: u64) -> Option<Duration> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_for_good_is_told_from_one_for_now() {
        let word = |status, body: &str| match read(status, body.as_bytes()) {
            Delivery::Taken => "taken".to_owned(),
            Delivery::NotNow(error) => format!("not now: {error}"),
            Delivery::Never(error) => format!("never: {error}"),
        };
        for (status, body, wanted) in [
            (202, "", "taken"),
            (200, "{}", "taken"),
            (
                400,
                r#"{"err":"invalid_audience"}"#,
                "never: invalid_audience",
            ),
            (400, r#"{"err":"invalid_key"}"#, "not now: invalid_key"),
            (403, r#"{"err":"access_denied"}"#, "not now: access_denied"),
            (
                500,
                r#"{"err":"invalid_request"}"#,
                "not now: invalid_request",
            ),
            (400, r#"{"err":"<script>"}"#, "not now: 400"),
            (302, "", "not now: 302"),
        ] {
            assert_eq!(word(status, body), wanted, "{status} {body}");
        }
    }

    #[test]
    fn an_event_is_tried_for_three_days_with_growing_pauses() {
        let pauses: Vec<Duration> = (1..).map_while(pause_after).collect();
        assert!(pauses.is_sorted());
        let whole: Duration = pauses.iter().sum();
        assert!((Duration::from_hours(70)..Duration::from_hours(80)).contains(&whole));
        assert_eq!(pause_after(0), None);
    }
}
