//! A parameter that would change the meaning of all others and is not supported: refused by the name
//! OIDC Core §3.1.2.6 has for it, never ignored.

use guichet_domain::OAuthError;

use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// `registration`: a client is registered before it asks (OIDC Core §7.2.1 is for self-issued providers).
pub(super) fn no_registration(asked: &Parameters) -> Result<(), Refusal> {
    if asked.is_sent("registration") {
        Err(Refusal::new(
            OAuthError::RegistrationNotSupported,
            "registration is not supported",
        ))
    } else {
        Ok(())
    }
}
