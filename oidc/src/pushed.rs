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
use serde::{Deserialize, Serialize};

use crate::Engine;
use crate::authorize::PARAMETERS;
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

/// Keeps a request.
pub(crate) async fn keep(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
) -> Result<PushAnswer, Fault> {
    let parts = engine.parts();
    let reference = HandedOut::fresh(&*parts.entropy, HandedOutKind::RequestUri);
    let lifetime = engine.settings().pushed_request_lifetime;
    let lifetime = lifetime.min(Rules::of(client).longest_pushed);
    let record = PushedRecord {
        client: client.id.clone(),
        query: asked.to_query(),
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
/// lifetime, so the answer is remembered apart from it.
pub(crate) async fn answered_first(
    engine: &Engine,
    reference: &PushedReference,
) -> Result<bool, Fault> {
    let parts = engine.parts();
    let key = *reference.key().as_bytes();
    let remember = engine.now().after(LONGEST_SIGN_IN);
    let is_first = parts
        .replay
        .first_use("pushed request", &key, remember)
        .await?;
    parts.pushed.take(key).await?;
    Ok(is_first)
}

/// Longer than any sign-in may take.
const LONGEST_SIGN_IN: Duration = Duration::from_hours(24);

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
