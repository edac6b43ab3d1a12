//! `client_secret_basic` and `client_secret_post`: hashes compared in constant time (threat N-86).

use std::sync::Arc;

use guichet_domain::client::{MOST_SECRETS, Secrets};
use guichet_domain::{Client, ClientAuthentication, SecretHash, Timestamp};
use guichet_keys::{client_secret_hash, same};

use super::basic::BasicCredentials;
use super::{Authenticated, OTHER_METHOD, REFUSED, UNKNOWN};
use crate::Engine;
use crate::refusal::Failure;

/// A client that sent its secret in the `Authorization` header.
pub(super) fn basic(
    engine: &Engine,
    credentials: &BasicCredentials,
) -> Result<Authenticated, Failure> {
    let (decoded, raw) = (&credentials.decoded, &credentials.raw);
    let client = engine
        .active_client(&decoded.id)
        .or_else(|| engine.active_client(&raw.id));
    let secrets = client.as_ref().map(|client| match &client.authentication {
        ClientAuthentication::ClientSecretBasic { secret } => Some(secret),
        _ => None,
    });
    let presented = [decoded.secret.as_str(), &raw.secret];
    let found = matches(secrets.flatten(), &presented, engine.now());
    verdict(client.clone(), secrets.flatten().is_some(), found)
}

/// A client that sent its secret in the body.
pub(super) fn post(engine: &Engine, id: &str, presented: &str) -> Result<Authenticated, Failure> {
    let client = engine.active_client(id);
    let secrets = client.as_ref().map(|client| match &client.authentication {
        ClientAuthentication::ClientSecretPost { secret } => Some(secret),
        _ => None,
    });
    let found = matches(secrets.flatten(), &[presented], engine.now());
    verdict(client.clone(), secrets.flatten().is_some(), found)
}

/// The name of the live secret that one of `presented` is. The same work is done whichever is right,
/// however many secrets there are, and without a client as well, so that time tells neither which clients
/// there are nor which of its secrets one uses. An empty text is no secret (threat N-33).
fn matches(
    secrets: Option<&Secrets<SecretHash>>,
    presented: &[&str],
    now: Timestamp,
) -> Option<String> {
    let nobodys = SecretHash::from_bytes([0; 32]);
    let hashes: Vec<_> = presented
        .iter()
        .map(|text| client_secret_hash(text))
        .collect();
    let mut live = secrets.into_iter().flat_map(|secrets| secrets.live(now));
    let mut found = None;
    for _ in 0..MOST_SECRETS {
        let secret = live.next();
        let expected = secret.map_or(&nobodys, |secret| &secret.kept);
        let is_right = presented
            .iter()
            .zip(&hashes)
            .fold(false, |found, (text, hash)| {
                found | (same(expected.as_bytes(), hash.as_bytes()) & !text.is_empty())
            });
        if is_right {
            found = secret.map(|secret| secret.id.clone());
        }
    }
    found
}

fn verdict(
    client: Option<Arc<Client>>,
    is_registered_method: bool,
    found: Option<String>,
) -> Result<Authenticated, Failure> {
    match (client, found) {
        (None, _) => Err(UNKNOWN.into()),
        (Some(_), _) if !is_registered_method => Err(OTHER_METHOD.into()),
        (Some(client), Some(secret)) => Ok((client, Some(secret))),
        (Some(_), None) => Err(REFUSED.because("wrong secret").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn is_right(hash: Option<SecretHash>, presented: &[&str]) -> bool {
        matches(hash.map(Secrets::declared).as_ref(), presented, NOW).is_some()
    }

    #[test]
    fn the_secret_is_the_text_that_was_hashed_and_nothing_else() {
        let hash = client_secret_hash("sixteen letters.");
        assert!(is_right(Some(hash.clone()), &["wrong", "sixteen letters."]));
        assert!(!is_right(
            Some(hash),
            &["sixteen letters", "SIXTEEN LETTERS."]
        ));
    }

    #[test]
    fn an_empty_secret_fails_even_against_its_own_hash() {
        assert!(!is_right(Some(client_secret_hash("")), &["", ""]));
    }

    #[test]
    fn without_a_client_nothing_matches() {
        assert!(!is_right(None, &["anything"]));
    }
}
