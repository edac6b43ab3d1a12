//! Reading a form body: of the right type, and no larger than anybody needs. And sending on, as an
//! address, what a browser posted from another site.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use guichet_domain::OAuthError;
use http::{HeaderMap, header};

use crate::answer;
use crate::parameters::{MAX_BYTES, Parameters};
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
        .map_err(|_| TOO_LARGE)
}

/// More than anybody needs to say.
pub(crate) const TOO_LARGE: Refusal = refused("the body is larger than 32 KiB or was cut off");

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

/// Divergence D20: the same request by GET, at `endpoint`. A form that another site posts comes without
/// our cookies (they are `SameSite=Lax`), so that the browser's session and its logins in other tabs
/// would not be seen; the navigation that follows this answer carries them. What the endpoint does not
/// know is left behind.
pub(crate) fn by_address(endpoint: &str, asked: &Parameters) -> Result<Response, Refusal> {
    let query = asked.to_query();
    if query.len() > MAX_ADDRESS {
        return Err(refused(
            "the request is larger than the 24 KiB that an address can carry",
        ));
    }
    Ok(answer::see_other(&format!("{endpoint}?{query}")))
}

/// Leaves room for the cookies in the head of the request that follows.
const MAX_ADDRESS: usize = 24 * 1024;

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
