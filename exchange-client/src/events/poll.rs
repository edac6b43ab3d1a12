//! Events that we fetch (RFC 8936): the hub keeps each until we say that we have it.

use std::collections::BTreeMap;

use guichet_domain::Timestamp;
use serde_json::{Value, json};

use super::{EventReceiver, EventRefusal, SecurityEvent};
use crate::hub::HubError;

/// What was fetched.
#[derive(Debug)]
pub struct Polled {
    /// What to act on, the oldest first.
    pub events: Vec<SecurityEvent>,
    /// What to tell the hub with the next poll, once they were acted on.
    pub settled: Settled,
    /// Whether there are more.
    pub more: bool,
}

/// Which events we have, and which we cannot use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// With when each happened.
    taken: BTreeMap<String, Timestamp>,
    refused: BTreeMap<String, EventRefusal>,
}

impl EventReceiver {
    /// Tells the hub what is settled, which is what was acted on, and asks for more: `most` at most; with
    /// `waits`, the hub answers when there is something, within a quarter of a minute.
    pub async fn poll(
        &self,
        settled: &Settled,
        most: u32,
        waits: bool,
    ) -> Result<Polled, HubError> {
        let errors = settled.refused.iter().map(|(name, refusal)| {
            let error = json!({"err": refusal.code(), "description": refusal.to_string()});
            (name.clone(), error)
        });
        let ask = json!({
            "maxEvents": most,
            "returnImmediately": !waits,
            "ack": self.remembered(settled).await,
            "setErrs": errors.collect::<serde_json::Map<_, _>>(),
        });
        let url = format!("{}/exchange/events", self.hub.issuer());
        let answer = self.hub.post_json(&url, &ask).await?;
        let sets = answer["sets"].as_object();
        let sets = sets.ok_or(HubError::Answer("no events"))?;
        let mut polled = Polled {
            events: Vec::new(),
            settled: Settled::default(),
            more: answer["moreAvailable"] == true,
        };
        for (name, token) in sets {
            self.sort_in(&mut polled, name, token).await;
        }
        polled.events.sort_by_key(|event| event.at);
        Ok(polled)
    }

    /// Those that we have and know again, should they come once more. Any other the hub is to keep.
    async fn remembered<'a>(&self, settled: &'a Settled) -> Vec<&'a str> {
        let mut remembered = Vec::new();
        for (name, at) in &settled.taken {
            match self.remember(name, *at).await {
                Ok(()) => remembered.push(name.as_str()),
                Err(refusal) => tracing::warn!(%refusal, "an event is not acknowledged yet"),
            }
        }
        remembered
    }

    async fn sort_in(&self, polled: &mut Polled, name: &str, token: &Value) {
        let verified = self.verify(token.as_str().unwrap_or_default()).await;
        let own = verified.and_then(|event| {
            let is_named = event.name == name;
            is_named.then_some(event).ok_or(EventRefusal::Malformed)
        });
        let event = match own {
            Ok(event) => event,
            // It is still there the next time.
            Err(EventRefusal::NotNow) => return,
            Err(refusal) => {
                tracing::warn!(%refusal, "an event is refused");
                polled.settled.refused.insert(name.to_owned(), refusal);
                return;
            }
        };
        match self.was_taken(&event).await {
            Ok(was_taken) => {
                polled.settled.taken.insert(name.to_owned(), event.at);
                polled.events.extend((!was_taken).then_some(event));
            }
            Err(refusal) => tracing::warn!(%refusal, "an event waits"),
        }
    }
}
