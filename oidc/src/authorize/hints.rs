//! What goes back in the ID token (`nonce`), who is expected (`id_token_hint`), and hints that help a
//! house and bind it to nothing.

use guichet_domain::{Client, OAuthError, SubjectIdentifier};

use crate::hint::IdTokenHint;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::Refusal;
use crate::{Display, Engine};

/// The most bytes of `nonce` that are carried into the ID token (threat N-81).
const MAX_NONCE: usize = 2048;

/// The most bytes of a hint that are looked at.
const MAX_HINT: usize = 256;

/// `nonce` (OIDC Core §3.1.2.1).
pub(super) fn nonce(client: &Client, asked: &Parameters) -> Result<Option<String>, Refusal> {
    let shortest = Rules::of(client).demands.shortest_nonce;
    match asked.get("nonce") {
        Some(nonce) if nonce.len() < shortest => Err(refused("nonce has fewer than 22 characters")),
        Some(nonce) if nonce.len() > MAX_NONCE => Err(refused("nonce is longer than 2048 bytes")),
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

/// The one person a request is about: named by the claim `sub`, by `id_token_hint` once the token is
/// known to be one we issued to this very client (another client's tokens name people by other
/// pseudonyms), or by both alike.
pub(crate) fn subject(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
    claimed: Option<SubjectIdentifier>,
) -> Result<Option<SubjectIdentifier>, Refusal> {
    let Some(token) = asked.get("id_token_hint") else {
        return Ok(claimed);
    };
    let hint = IdTokenHint::verify(engine, token)?;
    if hint.audience != client.id.as_str() {
        return Err(refused("id_token_hint was issued to another client"));
    }
    match claimed {
        Some(claimed) if claimed != hint.subject => Err(Refusal::new(
            OAuthError::LoginRequired,
            "id_token_hint and claims name different people",
        )),
        _ => Ok(Some(hint.subject)),
    }
}

/// `display`; a value nobody here knows is ignored.
pub(super) fn display(asked: &Parameters) -> Option<Display> {
    match asked.get("display")? {
        "page" => Some(Display::Page),
        "popup" => Some(Display::Popup),
        "touch" => Some(Display::Touch),
        "wap" => Some(Display::Wap),
        _ => None,
    }
}

/// A hint of reasonable length without control characters; any other is ignored, for nothing depends
/// on it.
pub(super) fn short(asked: &Parameters, name: &str) -> Option<String> {
    asked
        .get(name)
        .filter(|hint| hint.len() <= MAX_HINT && !hint.chars().any(char::is_control))
        .map(str::to_owned)
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
