//! `client_secret_basic` and `client_secret_post`: hashes compared in constant time (threat N-86).

use std::sync::Arc;

use guichet_domain::{Client, ClientAuthentication, SecretHash};
use guichet_keys::{client_secret_hash, same};

use super::basic::BasicCredentials;
use super::{OTHER_METHOD, REFUSED, UNKNOWN};
use crate::Engine;
use crate::refusal::Failure;

/// A client that sent its secret in the `Authorization` header.
pub(super) fn basic(
    engine: &Engine,
    credentials: &BasicCredentials,
) -> Result<Arc<Client>, Failure> {
    let (decoded, raw) = (&credentials.decoded, &credentials.raw);
    let client = engine
        .active_client(&decoded.id)
        .or_else(|| engine.active_client(&raw.id));
    let secret = client.as_ref().map(|client| match &client.authentication {
        ClientAuthentication::ClientSecretBasic { secret } => Some(secret),
        _ => None,
    });
    let is_right = matches(secret.flatten(), &[&decoded.secret, &raw.secret]);
    verdict(client.clone(), secret.flatten().is_some(), is_right)
}

/// A client that sent its secret in the body.
pub(super) fn post(engine: &Engine, id: &str, presented: &str) -> Result<Arc<Client>, Failure> {
    let client = engine.active_client(id);
    let secret = client.as_ref().map(|client| match &client.authentication {
        ClientAuthentication::ClientSecretPost { secret } => Some(secret),
        _ => None,
    });
    let is_right = matches(secret.flatten(), &[presented]);
    verdict(client.clone(), secret.flatten().is_some(), is_right)
}

/// Whether one of `presented` is the secret. The same work is done whichever is right, and without a
/// client as well, so that time does not tell which clients there are. An empty text is no secret
/// (threat N-33).
fn matches(secret: Option<&SecretHash>, presented: &[&str]) -> bool {
    let nobodys = SecretHash::from_bytes([0; 32]);
    let expected = secret.unwrap_or(&nobodys);
    presented.iter().fold(false, |found, text| {
        let is_same = same(expected.as_bytes(), client_secret_hash(text).as_bytes());
        found | (is_same & !text.is_empty())
    })
}

fn verdict(
    client: Option<Arc<Client>>,
    is_registered_method: bool,
    is_right: bool,
) -> Result<Arc<Client>, Failure> {
    match client {
        None => Err(UNKNOWN.into()),
        Some(_) if !is_registered_method => Err(OTHER_METHOD.into()),
        Some(client) if is_right => Ok(client),
        Some(_) => Err(REFUSED.because("wrong secret").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_the_text_that_was_hashed_and_nothing_else() {
        let hash = client_secret_hash("sixteen letters.");
        assert!(matches(Some(&hash), &["wrong", "sixteen letters."]));
        assert!(!matches(
            Some(&hash),
            &["sixteen letters", "SIXTEEN LETTERS."]
        ));
    }

    #[test]
    fn an_empty_secret_fails_even_against_its_own_hash() {
        assert!(!matches(Some(&client_secret_hash("")), &["", ""]));
    }

    #[test]
    fn without_a_client_nothing_matches() {
        assert!(!matches(None, &["anything"]));
    }
}
