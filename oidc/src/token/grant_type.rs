//! Which grants there are.

use guichet_domain::OAuthError;

use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// `grant_type` must be `authorization_code`.
pub(super) fn supported(asked: &Parameters) -> Result<(), Refusal> {
    match asked.required("grant_type", "grant_type is missing")? {
        "authorization_code" => Ok(()),
        _ => Err(Refusal::new(
            OAuthError::UnsupportedGrantType,
            "grant_type must be authorization_code",
        )),
    }
}
