//! What the client asks for beyond scopes: `authorization_details` (RFC 9396 §2, §5).

use guichet_domain::{Client, OAuthError, Scopes};

use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::{AuthorizationDetail, Engine, rich};

/// The details of a request, of types there are here, as whoever knows the types takes them. Some may come
/// from `scopes` alone.
pub(crate) fn known_and_permitted(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
    scopes: &Scopes,
) -> Result<Vec<AuthorizationDetail>, Refusal> {
    let details = match asked.get("authorization_details") {
        Some(text) => rich::read(text)?,
        None => Vec::new(),
    };
    let known = &engine.parts().rich;
    if !details.iter().all(|it| known.types().contains(&it.kind())) {
        return Err(UNKNOWN_TYPE);
    }
    if !details.iter().all(|it| client.may_ask_for(it.kind())) {
        return Err(NOT_REGISTERED);
    }
    Ok(known.check(client, &details, scopes, engine.now())?)
}

const NOT_REGISTERED: Refusal = Refusal::new(
    OAuthError::InvalidAuthorizationDetails,
    "authorization_details names a type that the client is not registered for",
);
const UNKNOWN_TYPE: Refusal = Refusal::new(
    OAuthError::InvalidAuthorizationDetails,
    "authorization_details names a type that authorization_details_types_supported does not",
);
