//! Which record is meant: `If-Match` and `If-None-Match` on the way in, `ETag` on the way out (RFC 9110 §8.8.3,
//! §13.1).

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use guichet_keys::sha256_base64url;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::problem::Problem;
use crate::Expected;

/// What a request expects of the record it changes.
pub(super) fn expected(headers: &HeaderMap) -> Result<Expected, Problem> {
    let known = values(headers, &header::IF_MATCH)?;
    let absent = values(headers, &header::IF_NONE_MATCH)?;
    match (known, absent) {
        (None, None) => Ok(Expected::Unstated),
        (Some(tags), None) if tags.trim() == "*" => Ok(Expected::Present),
        (Some(tags), None) => Ok(Expected::Tagged(tags_in(&tags)?)),
        (None, Some(any)) if any.trim() == "*" => Ok(Expected::Absent),
        _ => Err(malformed(
            "If-None-Match is `*` or not there, and not beside If-Match",
        )),
    }
}

/// Whether what has this tag, or is not there, is as a request expects.
pub(super) fn meets(expected: &Expected, tag: Option<&str>) -> Result<(), Problem> {
    let is_met = match (expected, tag) {
        (Expected::Unstated, _) | (Expected::Absent, None) | (Expected::Present, Some(_)) => true,
        (Expected::Tagged(tags), Some(tag)) => tags.iter().any(|it| it == tag),
        (Expected::Absent, Some(_)) | (Expected::Present | Expected::Tagged(_), None) => false,
    };
    if is_met { Ok(()) } else { Err(overtaken()) }
}

/// It is not what the caller knows, or is so no more.
pub(super) fn overtaken() -> Problem {
    let detail = "it is not as you know it: look at it again";
    Problem::said(StatusCode::PRECONDITION_FAILED, detail)
}

/// What tells something that is shown from the same after any change of it.
pub(super) fn tag_of(shown: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(sha256_base64url(&serde_json::to_vec(shown)?))
}

/// What was asked for, or that its reader has it already.
pub(super) fn shown_to(headers: &HeaderMap, tag: &str, shown: &impl Serialize) -> Response {
    if is_known(headers, tag) {
        let unchanged = [(header::ETAG, etag(tag))];
        return (StatusCode::NOT_MODIFIED, unchanged).into_response();
    }
    answered(StatusCode::OK, tag, shown)
}

/// What something is by now.
pub(super) fn answered(status: StatusCode, tag: &str, shown: &impl Serialize) -> Response {
    (status, [(header::ETAG, etag(tag))], Json(shown)).into_response()
}

/// Whether a reader has it already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let value = headers.get(header::IF_NONE_MATCH);
    let tags = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut tags = tags.split(',').map(str::trim);
    tags.any(|it| it == "*" || it.trim_start_matches("W/") == format!("\"{tag}\""))
}

/// A tag as an `ETag`.
pub(super) fn etag(tag: &str) -> HeaderValue {
    // Base64url always is a header's value.
    HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

fn values(headers: &HeaderMap, name: &header::HeaderName) -> Result<Option<String>, Problem> {
    let mut texts = Vec::new();
    for value in headers.get_all(name) {
        texts.push(
            value
                .to_str()
                .map_err(|_| malformed("a condition is not ASCII"))?,
        );
    }
    Ok((!texts.is_empty()).then(|| texts.join(",")))
}

/// Strong tags alone: a weak one says too little to change anything by.
fn tags_in(text: &str) -> Result<Vec<String>, Problem> {
    let tags = text.split(',').map(|tag| {
        let quoted = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
        (!quoted.is_empty() && !quoted.contains('"')).then(|| quoted.to_owned())
    });
    let tags: Option<Vec<String>> = tags.collect();
    tags.ok_or_else(|| malformed("If-Match is `*` or a list of strong entity tags"))
}

fn malformed(detail: &'static str) -> Problem {
    Problem::said(StatusCode::BAD_REQUEST, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_condition_is_read_or_refused_and_never_guessed() {
        let read = |pairs: &[(&'static str, &'static str)]| expected(&with(pairs)).ok();
        let tagged = |tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned());
            Some(Expected::Tagged(tags.collect()))
        };
        assert_eq!(read(&[]), Some(Expected::Unstated));
        assert_eq!(read(&[("if-match", "*")]), Some(Expected::Present));
        assert_eq!(read(&[("if-none-match", "*")]), Some(Expected::Absent));
        assert_eq!(read(&[("if-match", "\"a\", \"b\"")]), tagged(&["a", "b"]));
        assert_eq!(
            read(&[("if-match", "\"a\""), ("if-match", "\"b\"")]),
            tagged(&["a", "b"])
        );
        for refused in [
            &[("if-match", "a")][..],
            &[("if-match", "W/\"a\"")],
            &[("if-match", "\"\"")],
            &[("if-none-match", "\"a\"")],
            &[("if-match", "*"), ("if-none-match", "*")],
        ] {
            assert_eq!(read(refused), None, "{refused:?}");
        }
    }
}
