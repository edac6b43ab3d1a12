//! Parameters that would change the meaning of all others and are not supported: refused by the name
//! OIDC Core §3.1.2.6 has for each, never ignored.

use guichet_domain::OAuthError;

use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// None of the unsupported parameters is there.
pub(super) fn none_of_them(asked: &Parameters) -> Result<(), Refusal> {
    match UNSUPPORTED.iter().find(|(name, _)| asked.is_sent(name)) {
        Some((_, refusal)) => Err(*refusal),
        None => Ok(()),
    }
}

const UNSUPPORTED: [(&str, Refusal); 3] = [
    (
        "request",
        Refusal::new(
            OAuthError::RequestNotSupported,
            "request objects are not supported",
        ),
    ),
    (
        "request_uri",
        Refusal::new(
            OAuthError::RequestUriNotSupported,
            "request_uri is not supported",
        ),
    ),
    (
        "registration",
        Refusal::new(
            OAuthError::RegistrationNotSupported,
            "registration is not supported",
        ),
    ),
];
