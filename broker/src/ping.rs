//! Telling a client that its request was answered, so that it fetches the answer (CIBA Core §10.2).
//!
//! Each ping is a letter in the outbox before the request is answered, delivered off the request path once
//! it is, and tried again until the request expires. A client that never hears of it may ask by itself.

use std::time::Duration;

use guichet_domain::{CibaDelivery, Timestamp};

use guichet_keys::first_half;
use guichet_oidc::{AcceptedRequest, ClientPing};
use guichet_store::durable::Letter;
use guichet_web::PageError;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};

use crate::hub::Hub;

/// The kind of these letters in the outbox.
pub(crate) const KIND: &str = "ciba-ping";

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
        match ping.map_err(|fault| self.fault("read what a client is told", &fault))? {
            Some(ping) => self.leave_ping(&ping).await,
            None => Ok(()),
        }
    }

    async fn leave_ping(&self, ping: &ClientPing) -> Result<(), PageError> {
        let id = letter_id(ping);
        let sealed = self.sealers().pending.seal_json(&id, ping);
        let sealed = sealed.map_err(|error| self.fault("seal a ping", &error))?;
        let kept = self
            .parts()
            .outbox
            .enqueue(id, KIND, sealed, self.now())
            .await;
        kept.map_err(|fault| self.fault("keep a ping", &fault))
    }

    /// Delivers one letter; when to try again, if it must be.
    pub(crate) async fn deliver_ping(&self, letter: &Letter) -> Option<Timestamp> {
        let opened = self
            .sealers()
            .pending
            .open_json::<ClientPing>(&letter.id, &letter.payload);
        let Ok(ping) = opened else {
            tracing::error!("a ping does not open");
            return None;
        };
        if self.now() >= ping.expires {
            return None;
        }
        let is_answered = self.parts().engine.is_answered(&ping).await;
        let is_answered = is_answered.unwrap_or_else(|fault| {
            tracing::error!(%fault, "whether a request was answered cannot be read");
            false
        });
        if is_answered && self.send_ping(&ping).await {
            return None;
        }
        let again = self.now().after(pause_after(letter.attempts));
        (again < ping.expires).then_some(again)
    }

    /// Whether the client has heard, or is not there to hear.
    async fn send_ping(&self, ping: &ClientPing) -> bool {
        let Some(request) = self.ping_request(ping) else {
            tracing::warn!(client = %ping.client, "a client has no address for pings any more");
            return true;
        };
        match self.parts().outgoing.execute(request).await {
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
        let client = self.parts().clients.client(ping.client.as_str())?;
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
