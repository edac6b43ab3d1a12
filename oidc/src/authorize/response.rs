//! How the client wants its answer: only by code, in the query or in a form (threat N-31), signed or not.

use guichet_domain::OAuthError;

use crate::ResponseMode;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// `response_type` must be `code`: tokens never travel through a browser (RFC 9700 §2.1.2).
pub(super) fn supported_type(asked: &Parameters) -> Result<(), Refusal> {
    match asked.required("response_type", "response_type is missing")? {
        "code" => Ok(()),
        _ => Err(Refusal::new(
            OAuthError::UnsupportedResponseType,
            "response_type must be code",
        )),
    }
}

/// `response_mode` must name no fragment: there a code stays in the browser's hands.
pub(super) fn supported_mode(asked: &Parameters) -> Result<(), Refusal> {
    match asked.get("response_mode").map(ResponseMode::named) {
        None | Some(Some(_)) => Ok(()),
        Some(None) => Err(Refusal::new(
            OAuthError::InvalidRequest,
            "response_mode must be query, form_post, jwt, query.jwt or form_post.jwt",
        )),
    }
}
