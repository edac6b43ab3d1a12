//! The level the client needs: `acr_values`, or what its record says.

use guichet_domain::{Acr, Client, OAuthError};

use crate::parameters::Parameters;
use crate::refusal::Refusal;
use crate::{Engine, RequestedAcr};

/// The lowest level that satisfies the request. One that this provider can never reach is refused
/// before the person has done anything (Unmet Authentication Requirements §2).
pub(crate) fn required(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
) -> Result<RequestedAcr, Refusal> {
    let required = asked
        .get("acr_values")
        .and_then(Acr::lowest_of)
        .unwrap_or(client.default_acr);
    let supported = &engine.settings().acr_values_supported;
    if supported.iter().any(|level| *level >= required) {
        Ok(RequestedAcr { required })
    } else {
        Err(Refusal::new(
            OAuthError::UnmetAuthenticationRequirements,
            "the level asked for cannot be reached here",
        ))
    }
}
