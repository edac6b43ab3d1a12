//! The two tokens of registration: the one that lets a client in (RFC 7591 §1.2), and the one by which
//! it looks after itself (RFC 7592 §3).

use std::sync::Arc;

use guichet_domain::{Client, OAuthError, Timestamp};
use guichet_keys::{HandedOutKind, TokenHash, same};
use http::{HeaderMap, header};

use super::Registrar;
use super::answer::Failed;
use crate::Engine;
use crate::refusal::Refusal;

/// A client that proved that its registration is its own.
pub(super) struct Owner {
    pub(super) client: Arc<Client>,
    pub(super) registered_at: Timestamp,
    /// The token it proved it with.
    pub(super) token: String,
}

/// The owner of a registration. One answer whatever was wrong: nobody learns which clients there are.
/// A disabled client owns nothing (threat N-42), nor one that the operator registered.
pub(super) fn owner(engine: &Engine, headers: &HeaderMap, id: &str) -> Result<Owner, Failed> {
    let token = bearer(headers).ok_or(NOT_THE_OWNER)?;
    let presented = TokenHash::of(HandedOutKind::RegistrationToken, token);
    let client = engine.active_client(id);
    let registration = client
        .as_ref()
        .and_then(|client| client.registration.as_ref());
    // The same work with and without a client.
    let expected = registration.map_or(&[0; 32][..], |known| known.access_token.as_bytes());
    let is_right = same(expected, presented.as_bytes());
    match (&client, registration) {
        (Some(client), Some(registration)) if is_right => Ok(Owner {
            client: Arc::clone(client),
            registered_at: registration.at,
            token: token.to_owned(),
        }),
        _ => Err(NOT_THE_OWNER.into()),
    }
}

/// What a registration was begun with.
pub(super) enum Initial {
    /// Nothing was needed.
    Open,
    /// An initial access token, by its hash; not spent yet.
    Token([u8; 32]),
}

/// Whether whoever asks may register at all.
pub(super) async fn initial(
    registrar: &Registrar,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<Initial, Failed> {
    if registrar.parts.policy.open {
        return Ok(Initial::Open);
    }
    let token = bearer(headers).ok_or(NOT_LET_IN)?;
    let hash = *TokenHash::of(HandedOutKind::InitialAccessToken, token).as_bytes();
    let tokens = &registrar.parts.initial_access_tokens;
    if tokens.is_live(hash, now).await? {
        Ok(Initial::Token(hash))
    } else {
        Err(NOT_LET_IN.into())
    }
}

impl Initial {
    /// Spends one use; the token's name, for the audit log.
    pub(super) async fn spend(
        self,
        registrar: &Registrar,
        now: Timestamp,
    ) -> Result<Option<String>, Failed> {
        let Self::Token(hash) = self else {
            return Ok(None);
        };
        let tokens = &registrar.parts.initial_access_tokens;
        match tokens.spend(hash, now).await? {
            Some(name) => Ok(Some(name)),
            None => Err(NOT_LET_IN.into()),
        }
    }
}

/// The one Bearer token of a request (RFC 6750 §2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

pub(super) const NOT_THE_OWNER: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the registration access token is not the one of an active client",
);

const NOT_LET_IN: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "an initial access token with a use left is needed",
);
