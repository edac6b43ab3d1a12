//! Requests kept between `/par` and the answer: found by their reference, by their client alone, and
//! answered once (RFC 9126 §4, FAPI 2.0 Security Profile §5.3.2.2; threat N-47).
//!
//! What is kept are the parameters that count, sealed; they are checked anew when the browser comes, for
//! the registration may have changed since. Opening the sign-in's first page does not spend a request,
//! which would break for whoever loads the page twice; answering it does.

use std::time::Duration;

use guichet_domain::{Client, ClientId, OAuthError};
use guichet_keys::{HandedOut, HandedOutKind, TokenHash};
use guichet_store::Fault;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::authorize::PARAMETERS;
use crate::caller::CountedBy;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::records::{self, Record};
use crate::refusal::{Failure, Refusal};

/// The text behind the prefix of a `request_uri` of ours.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PushedReference(String);

/// What every `request_uri` of ours starts with (RFC 9126 §2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

impl PushedReference {
    /// Reads a `request_uri`; `None` for an address of a request object.
    pub(crate) fn read(request_uri: &str) -> Option<Self> {
        request_uri
            .strip_prefix(PREFIX)
            .map(|text| Self(text.to_owned()))
    }

    fn key(&self) -> TokenHash {
        TokenHash::of(HandedOutKind::RequestUri, &self.0)
    }
}

/// What a reference stands for.
#[derive(Serialize, Deserialize)]
pub(crate) struct PushedRecord {
    client: ClientId,
    query: String,
}

impl Record for PushedRecord {
    const PURPOSE: &'static str = "oidc pushed request";
}

/// What a client gets for a request it pushed (RFC 9126 §2.2).
#[derive(Serialize)]
pub(crate) struct PushAnswer {
    request_uri: String,
    expires_in: u64,
}

/// Whether this client may push one more request. What waits takes room, and the oldest make room for
/// the latest: no client may take the room of all, and nobody at all in the name of a public one, which
/// anybody can use (threat N-82).
pub(crate) async fn may_push(
    engine: &Engine,
    head: &Parts,
    client: &Client,
) -> Result<(), Failure> {
    let (settings, now) = (&engine.settings().pushed, engine.now());
    if settings.own_client.as_ref() == Some(&client.id) {
        return Err(OWN_CLIENT.into());
    }
    let attempts = &engine.parts().attempts;
    if !client.authentication.is_confidential()
        && let Some(CountedBy(caller)) = CountedBy::of(head)
    {
        let ends = now.after(Duration::from_mins(1));
        let pushed = attempts.count(BY_ONE_CALLER, caller.as_bytes(), ends);
        if pushed.await? > MOST_OF_ONE_CALLER {
            return Err(TOO_MANY.into());
        }
    }
    let ends = now.after(settings.lifetime);
    let name = client.id.as_str().as_bytes();
    if attempts.count(OF_ONE_CLIENT, name, ends).await? > MOST_OF_ONE_CLIENT {
        return Err(TOO_MANY.into());
    }
    Ok(())
}

/// Requests that one address may push within a minute in the name of public clients, and that one client
/// may push while the first of them waits.
const BY_ONE_CALLER: &str = "pushed by one caller";
const MOST_OF_ONE_CALLER: u64 = 60;
const OF_ONE_CLIENT: &str = "pushed by one client";
const MOST_OF_ONE_CLIENT: u64 = 10_000;

/// The most bytes of a request that is kept.
const MOST_BYTES: usize = 12 * 1024;

/// Keeps a request.
pub(crate) async fn keep(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
) -> Result<PushAnswer, Failure> {
    let query = asked.to_query();
    if query.len() > MOST_BYTES {
        return Err(TOO_LARGE.into());
    }
    let parts = engine.parts();
    let reference = HandedOut::fresh(&*parts.entropy, HandedOutKind::RequestUri);
    let lifetime = engine.settings().pushed.lifetime;
    let lifetime = lifetime.min(Rules::of(client).longest_pushed);
    let record = PushedRecord {
        client: client.id.clone(),
        query,
    };
    let sealed = records::seal(engine.pushed_sealer(), reference.hash(), &record)?;
    let expires = engine.now().after(lifetime);
    let key = *reference.hash().as_bytes();
    parts.pushed.push(key, sealed, expires).await?;
    Ok(PushAnswer {
        request_uri: format!("{PREFIX}{}", reference.text()),
        expires_in: lifetime.as_secs(),
    })
}

/// The parameters pushed under a reference by this very client.
pub(crate) async fn find(
    engine: &Engine,
    client: &Client,
    reference: &PushedReference,
) -> Result<Parameters, Failure> {
    let key = reference.key();
    let sealed = engine.parts().pushed.find(*key.as_bytes()).await?;
    let sealed = sealed.ok_or(UNKNOWN)?;
    let record: PushedRecord = records::open(engine.pushed_sealer(), key, &sealed)?;
    if record.client != client.id {
        return Err(UNKNOWN.because("the request of another client").into());
    }
    Ok(Parameters::read(record.query.as_bytes(), PARAMETERS)?)
}

/// Whether this is the first answer to a pushed request. The sign-ins it opened may outlive its own
/// lifetime, so the answer is remembered apart from it: as long as the last of them may take, and no
/// longer, for the guard has room for so many and refuses everybody once it is full.
pub(crate) async fn answered_first(
    engine: &Engine,
    reference: &PushedReference,
) -> Result<bool, Fault> {
    let parts = engine.parts();
    let key = *reference.key().as_bytes();
    let remember = engine
        .now()
        .after(engine.settings().pushed.sign_in_lifetime);
    let is_first = parts
        .replay
        .first_use("pushed request", &key, remember)
        .await?;
    parts.pushed.take(key).await?;
    Ok(is_first)
}

const OWN_CLIENT: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "this client does not push its requests",
);
pub(crate) const TOO_MANY: Refusal = Refusal::new(
    OAuthError::TemporarilyUnavailable,
    "too many requests were pushed: try again in a minute",
);
pub(crate) const TOO_LARGE: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the request is larger than the 12 KiB that are kept",
);
const UNKNOWN: Refusal = Refusal::new(
    OAuthError::InvalidRequestUri,
    "request_uri is unknown, expired, answered already, or of another client",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_no_reference() {
        assert!(PushedReference::read("https://a.example/request").is_none());
        assert!(PushedReference::read("urn:ietf:params:oauth:request_uri").is_none());
        let read = PushedReference::read("urn:ietf:params:oauth:request_uri:abc");
        assert!(read.is_some_and(|reference| reference.0 == "abc"));
    }
}
