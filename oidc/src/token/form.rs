//! Reading a form body: of the right type, and no larger than anybody needs.

use axum::body::Body;
use bytes::Bytes;
use guichet_domain::OAuthError;
use http::{HeaderMap, header};

use crate::parameters::MAX_BYTES;
use crate::refusal::Refusal;

/// The body of a request that must be `application/x-www-form-urlencoded`.
pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    if !is_form(headers) {
        return Err(refused(
            "the body must be application/x-www-form-urlencoded",
        ));
    }
    axum::body::to_bytes(body, MAX_BYTES)
        .await
        .map_err(|_| refused("the body is larger than 32 KiB or was cut off"))
}

/// Whether the body is declared as a form; parameters such as `charset` do not matter.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| {
            essence
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
