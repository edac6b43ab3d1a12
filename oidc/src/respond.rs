//! Answers of the endpoints that programs call: JSON and JWT, never cached.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// `body` as JSON. What an endpoint answers about a person or a client is nobody else's to keep
/// (RFC 6749 §5.1).
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_type(status, JSON, Body::from(bytes)),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "answer does not serialize"
            );
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A signed token as a whole answer (OIDC Core §5.3.2).
pub(crate) fn jwt(token: String) -> Response {
    with_type(StatusCode::OK, JWT, Body::from(token))
}

/// A signed introspection answer (RFC 9701 §5).
pub(crate) fn introspection_jwt(token: String) -> Response {
    let content_type = HeaderValue::from_static(INTROSPECTION_JWT);
    with_type(StatusCode::OK, content_type, Body::from(token))
}

/// The media type of a signed introspection answer.
pub(crate) const INTROSPECTION_JWT: &str = "application/token-introspection+jwt";

/// A status and nothing else.
pub(crate) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    never_store(&mut response);
    response
}

/// Marks an answer as not to be kept by anyone.
pub(crate) fn never_store(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const JWT: HeaderValue = HeaderValue::from_static("application/jwt");

fn with_type(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    never_store(&mut response);
    response
}
