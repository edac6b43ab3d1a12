//! Whom a request names: by exactly one hint (CIBA Core §7.1).

use guichet_domain::{Client, OAuthError, SubjectIdentifier};

use crate::Engine;
use crate::authorize::hints;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// The subject, as this client knows it: from an ID token that was issued to it, or the `sub` itself as
/// `login_hint`. Nothing else names anybody here: a civil identity or an address would let any client
/// ask who is known to the hub.
pub(super) fn subject(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
) -> Result<SubjectIdentifier, Refusal> {
    let present = HINTS
        .iter()
        .filter(|name| asked.get(name).is_some())
        .count();
    if present != 1 {
        return Err(refused(
            "exactly one of login_hint_token, id_token_hint and login_hint must be there",
        ));
    }
    if asked.get("login_hint_token").is_some() {
        return Err(refused(
            "login_hint_token is not supported: send id_token_hint, or the sub as login_hint",
        ));
    }
    if let Some(hinted) = hints::subject(engine, client, asked, None)? {
        return Ok(hinted);
    }
    let hint = asked.get("login_hint").unwrap_or_default();
    hint.parse().map_err(|_| {
        Refusal::new(
            OAuthError::UnknownUserId,
            "nobody is known to this client by that hint",
        )
        .because("login_hint is no subject")
    })
}

const HINTS: [&str; 3] = ["login_hint_token", "id_token_hint", "login_hint"];

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
