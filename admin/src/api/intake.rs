//! Reading what a request brings: JSON of the right type, bounded, the member at fault named.

use axum::body::Body;
use guichet_domain::told;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::problem::Problem;

/// The media type of records.
pub(super) const JSON: &str = "application/json";
/// The media type of changes (RFC 7396).
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

const LONGEST: usize = 64 * 1024;

/// The members that a request brings, of this media type.
pub(super) async fn members(
    headers: &HeaderMap,
    media_type: &str,
    body: Body,
) -> Result<Map<String, Value>, Problem> {
    if !is_of(headers, media_type) {
        let detail = format!("the body is to be {media_type}");
        return Err(Problem::said(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let body = axum::body::to_bytes(body, LONGEST).await.map_err(|_| {
        let detail = "the body is longer than 64 KiB, or was cut off";
        Problem::said(StatusCode::PAYLOAD_TOO_LARGE, detail)
    })?;
    serde_json::from_slice(&body)
        .map_err(|_| Problem::said(StatusCode::BAD_REQUEST, "the body is not a JSON object"))
}

/// The members as a record's metadata; the one that is wrong is named where one alone is.
pub(super) fn metadata<T: DeserializeOwned>(members: &Map<String, Value>) -> Result<T, Problem> {
    let whole = serde_json::from_value(Value::Object(members.clone()));
    whole.map_err(|error| {
        let reads_without = |name: &str| {
            let mut others = members.clone();
            others.remove(name);
            serde_json::from_value::<T>(Value::Object(others)).is_ok()
        };
        let mut names = members.keys();
        let detail = told(&error);
        match names.find(|name| reads_without(name)) {
            Some(name) => Problem::pointed(StatusCode::UNPROCESSABLE_ENTITY, name, &detail),
            None => Problem::said(StatusCode::UNPROCESSABLE_ENTITY, detail),
        }
    })
}

/// Anything else a page of another site could post without asking.
fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}
