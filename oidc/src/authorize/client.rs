//! Who asks: a client that is registered and active.

use std::sync::Arc;

use guichet_domain::{Client, OAuthError};

use crate::Engine;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// The client a request names. Disabled ones get the same page as unknown ones (threat N-07).
pub(super) fn known_and_active(
    engine: &Engine,
    asked: &Parameters,
) -> Result<Arc<Client>, Refusal> {
    if asked.is_repeated("client_id") {
        return Err(Refusal::new(
            OAuthError::InvalidRequest,
            "client_id stands more than once",
        ));
    }
    let id = asked.required("client_id", "client_id is missing")?;
    engine.active_client(id).ok_or(Refusal::new(
        OAuthError::UnauthorizedClient,
        "the client is not registered here or is disabled",
    ))
}
