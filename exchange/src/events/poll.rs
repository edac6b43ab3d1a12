//! Events that parties fetch themselves (RFC 8936): each waits until its party says that it has it.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{AuditEvent, Client, EventKind, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Unfetched, WaitingEvent};
use serde::{Deserialize, Serialize};

use super::Events;

/// What a party says and wants (§2.2). Members it does not know are left alone.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PollAsk {
    /// How many events it takes at most; none when it only acknowledges.
    max_events: Option<u32>,
    /// Whether it wants an answer even if there is nothing.
    return_immediately: bool,
    /// What it has.
    ack: Vec<String>,
    /// What it cannot use, and why.
    set_errs: BTreeMap<String, SetError>,
}

#[derive(Debug, Deserialize)]
struct SetError {
    err: String,
}

/// What it gets (§2.3).
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PollAnswer {
    /// The tokens, by their names.
    pub sets: BTreeMap<String, String>,
    /// Whether there are more.
    pub more_available: bool,
}

impl Events {
    /// Takes what `client` acknowledges and hands out what waits for it: at once, or as soon as there is
    /// something, or after a while.
    pub async fn poll(&self, client: &Client, ask: &PollAsk) -> Result<PollAnswer, Fault> {
        self.take_back(client, ask).await?;
        let most = ask.max_events.unwrap_or(AT_ONCE).min(AT_ONCE);
        let waits = !ask.return_immediately && most > 0;
        let until = tokio::time::sleep(LONGEST_WAIT);
        tokio::pin!(until);
        loop {
            // Before looking, so that nothing arrives unnoticed in between.
            let arrived = self.arrived.notified();
            let answer = self.at_hand(client, most).await?;
            if !waits || !answer.sets.is_empty() {
                return Ok(answer);
            }
            tokio::select! {
                () = arrived => {}
                // Another node may have left something.
                () = tokio::time::sleep(BETWEEN_LOOKS) => {}
                () = &mut until => return Ok(answer),
            }
        }
    }

    /// Who has left events waiting that were kept before `before`.
    pub async fn unfetched(&self, before: Timestamp) -> Result<Vec<Unfetched>, Fault> {
        self.parts.waiting.unfetched(before).await
    }

    /// Forgets events that nobody fetched for thirty days, and puts on record whose they were; how many.
    pub async fn forget_unfetched(&self, now: Timestamp) -> Result<u64, Fault> {
        let mut count = 0;
        loop {
            let gone = self.parts.waiting.forget(now.before(KEPT_FOR), AT_ONCE);
            let gone = gone.await?;
            for left in &gone {
                tracing::warn!(client = %left.client, count = left.count, "events were never fetched");
                let entry = AuditEvent::new(EventKind::EventFailed, now)
                    .client(&left.client)
                    .detail("how", "poll")
                    .detail("error", "not_fetched")
                    .detail("count", left.count);
                self.parts.ledger.append(entry).await?;
                count += left.count;
            }
            if gone.is_empty() {
                return Ok(count);
            }
        }
    }

    async fn at_hand(&self, client: &Client, most: u32) -> Result<PollAnswer, Fault> {
        let mut waiting = self.parts.waiting.waiting_for(&client.id, most + 1).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more_available = waiting.len() > most;
        waiting.truncate(most);
        let mut sets = BTreeMap::new();
        for event in &waiting {
            match self.letters.opened(&event.id, &event.payload) {
                Some(told) => {
                    sets.insert(name_of(&event.id), self.token(client, &told)?);
                }
                None => self.set_aside(event).await?,
            }
        }
        Ok(PollAnswer {
            sets,
            more_available,
        })
    }

    async fn take_back(&self, client: &Client, ask: &PollAsk) -> Result<(), Fault> {
        let waiting = &self.parts.waiting;
        for id in ask.ack.iter().take(MOST_ACKNOWLEDGED).filter_map(id_of) {
            if let Some(event) = waiting.acknowledge(&client.id, id).await? {
                self.settled(&event, EventKind::EventDelivered, None);
            }
        }
        let refused = ask.set_errs.iter().take(MOST_ACKNOWLEDGED);
        for (id, error) in refused.filter_map(|(name, error)| Some((id_of(name)?, error))) {
            if let Some(event) = waiting.acknowledge(&client.id, id).await? {
                tracing::error!(client = %client.id, "a party cannot use an event");
                self.settled(&event, EventKind::EventFailed, Some(error));
            }
        }
        Ok(())
    }

    /// An event that opens no more will never be fetched, and those behind it wait.
    async fn set_aside(&self, event: &WaitingEvent) -> Result<(), Fault> {
        let waiting = &self.parts.waiting;
        if waiting
            .acknowledge(&event.client, event.id)
            .await?
            .is_some()
        {
            let entry = AuditEvent::new(EventKind::EventFailed, self.parts.clock.now());
            let entry = entry.client(&event.client).detail("how", "poll");
            self.parts.ledger.note(entry.detail("error", "unreadable"));
        }
        Ok(())
    }

    fn settled(&self, event: &WaitingEvent, kind: EventKind, error: Option<&SetError>) {
        let Some(told) = self.letters.opened(&event.id, &event.payload) else {
            return;
        };
        let entry = self.entry(kind, &told, "poll");
        self.parts.ledger.note(match error {
            Some(error) => entry.detail("error", error.word()),
            None => entry,
        });
    }
}

impl SetError {
    /// Its code where it can be one: what stands in the ledger is no text of the party's.
    fn word(&self) -> &str {
        let is_code = self.err.len() <= LONGEST_CODE
            && self
                .err
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it == b'_');
        if is_code { &self.err } else { "other" }
    }
}

fn name_of(id: &[u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

fn id_of(name: &String) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(name).ok()?.try_into().ok()
}

/// How long an event waits for a party that does not come: as long as it has to answer the longest of them.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);
/// How many events one answer holds at most.
const AT_ONCE: u32 = 50;
/// How many one request acknowledges at most.
const MOST_ACKNOWLEDGED: usize = 500;
const LONGEST_CODE: usize = 32;
/// How long a party waits for an event at most (§2.5).
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
