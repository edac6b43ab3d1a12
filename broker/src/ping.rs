//! Telling a client that its request was answered, so that it fetches the answer (CIBA Core §10.2).
//!
//! Each ping is a letter in the outbox before the request is answered, delivered off the request path once
//! it is, and tried again until the request expires. A client that never hears of it may ask by itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::client::ClientDirectory;
use guichet_domain::{CibaDelivery, Clock, Timestamp};
use guichet_keys::{Sealer, first_half};
use guichet_oidc::{AcceptedRequest, ClientPing, Engine};
use guichet_store::Fault;
use guichet_store::durable::{Carrier, Letter, Outbox};
use guichet_web::{Outgoing, PageError};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};

use crate::hub::{Hub, HubParts};

/// The kind of these letters in the outbox.
const KIND: &str = "ciba-ping";

/// After each attempt, how long to wait for the next; the last one again and again.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
];

impl Hub {
    /// Leaves a letter for the client of a request that is about to be answered, if it asked to be told.
    /// Nobody sends it before the answer counts.
    pub(crate) async fn announce(&self, request: &AcceptedRequest) -> Result<(), PageError> {
        let ping = self.parts().engine.ping_of(request).await;
        let ping = ping.map_err(|fault| self.fault("read what a client is told", &fault))?;
        let Some(ping) = ping else { return Ok(()) };
        let left = self.pings().leave(&ping).await;
        left.map_err(|fault| self.fault("keep a ping", &fault))
    }
}

/// Pings to clients. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Pings {
    engine: Engine,
    outbox: Arc<dyn Outbox>,
    clients: Arc<dyn ClientDirectory>,
    outgoing: Outgoing,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
}

impl Pings {
    /// Those of the hub made of `parts`.
    pub(crate) fn of(parts: &HubParts) -> Self {
        Self {
            engine: parts.engine.clone(),
            outbox: Arc::clone(&parts.outbox),
            clients: Arc::clone(&parts.clients),
            outgoing: parts.outgoing.clone(),
            sealer: parts.keys.sealer("hub-pending"),
            clock: Arc::clone(&parts.clock),
        }
    }

    async fn leave(&self, ping: &ClientPing) -> Result<(), Fault> {
        let id = letter_id(ping);
        let sealed = self.sealer.seal_json(&id, ping);
        let sealed = sealed.map_err(|error| Fault::new("seal a ping", error))?;
        let now = self.clock.now();
        self.outbox.enqueue(id, KIND, sealed, now).await
    }

    /// Whether the client has heard, or is not there to hear.
    async fn send_ping(&self, ping: &ClientPing) -> bool {
        let Some(request) = self.ping_request(ping) else {
            tracing::warn!(client = %ping.client, "a client has no address for pings any more");
            return true;
        };
        match self.outgoing.execute(request).await {
            // §10.2: 204, and 200 is accepted; a redirect is not followed.
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(client = %ping.client, status, "a ping was refused");
                false
            }
            Err(error) => {
                tracing::warn!(client = %ping.client, %error, "a ping did not arrive");
                false
            }
        }
    }

    fn ping_request(&self, ping: &ClientPing) -> Option<Request<Vec<u8>>> {
        let client = self.clients.client(ping.client.as_str())?;
        let Some(CibaDelivery::Ping(endpoint)) = &client.ciba else {
            return None;
        };
        if !client.active {
            return None;
        }
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", ping.token)).ok()?;
        bearer.set_sensitive(true);
        let body = serde_json::json!({"auth_req_id": ping.auth_req_id}).to_string();
        Request::builder()
            .method(Method::POST)
            .uri(endpoint.as_str())
            .header(AUTHORIZATION, bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(body.into_bytes())
            .ok()
    }
}

#[async_trait]
impl Carrier for Pings {
    fn kind(&self) -> &'static str {
        KIND
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        let opened = self.sealer.open_json(&letter.id, &letter.payload);
        let Ok(ping): Result<ClientPing, _> = opened else {
            tracing::error!("a ping does not open");
            return None;
        };
        if self.clock.now() >= ping.expires {
            return None;
        }
        let is_answered = self.engine.is_answered(&ping).await;
        let is_answered = is_answered.unwrap_or_else(|fault| {
            tracing::error!(%fault, "whether a request was answered cannot be read");
            false
        });
        if is_answered && self.send_ping(&ping).await {
            return None;
        }
        let again = self.clock.now().after(pause_after(letter.attempts));
        (again < ping.expires).then_some(again)
    }
}

/// A letter's identifier, from what it is about: queued twice, it is one letter.
fn letter_id(ping: &ClientPing) -> [u8; 16] {
    let about = [KIND.as_bytes(), ping.auth_req_id.as_bytes()];
    first_half(guichet_keys::sha256_of(&about))
}

fn pause_after(attempts: u64) -> Duration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    PAUSES[index.min(PAUSES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_then_stay() {
        let pauses: Vec<Duration> = (1..7).map(pause_after).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[5], PAUSES[3]);
        assert_eq!(pause_after(0), PAUSES[0]);
    }
}
