//! Reading what a request brings: all of it before anything else is asked, bounded in length and time; JSON of
//! the right type, the member at fault named.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use guichet_domain::{InvalidMember, Timestamp, told};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::problem::Problem;

/// The media type of records.
pub(crate) const JSON: &str = "application/json";
/// The media type of changes (RFC 7396).
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

pub(super) const LONGEST: usize = 64 * 1024;
/// Of a body that is too long no more than this is waited for.
const READ_ON: usize = 1024 * 1024;
/// How long a body may take: those that are read here are short.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has every request wait until all of it is there. Who calls, and what they may, is asked after that: otherwise
/// whoever sends the body late has it done with rights they had when they began (threat N-320).
pub(super) async fn whole(request: Request, next: Next) -> Response {
    match gathered(request, PATIENCE).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn gathered(request: Request, patience: Duration) -> Result<Request, Problem> {
    let (head, body) = request.into_parts();
    let read = timeout(patience, read(body)).await;
    let read = read.map_err(|_| {
        let detail = "the body did not come in time";
        Problem::said(StatusCode::REQUEST_TIMEOUT, detail)
    })?;
    Ok(Request::from_parts(head, Body::from(read?)))
}

/// What is too long is read on for a while and not kept: whoever is still sending would see the connection break
/// in place of the answer.
async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let mut parts = body.into_data_stream();
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| too_long())?;
        length += part.len();
        if length <= LONGEST {
            kept.extend_from_slice(&part);
        } else if length > READ_ON {
            break;
        }
    }
    if length > LONGEST {
        return Err(too_long());
    }
    Ok(kept)
}

/// What a request brings: a handler opens it once it knows that its caller may do what they ask.
pub(super) struct Brought {
    headers: HeaderMap,
    body: Body,
}

impl<S: Send + Sync> FromRequest<S> for Brought {
    type Rejection = Infallible;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Infallible> {
        let (head, body) = request.into_parts();
        let headers = head.headers;
        Ok(Self { headers, body })
    }
}

impl Brought {
    /// JSON of this shape.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T, Problem> {
        metadata(&self.members(JSON).await?)
    }

    /// The members of an object, of this media type.
    pub(super) async fn members(self, media_type: &str) -> Result<Map<String, Value>, Problem> {
        if !is_of(&self.headers, media_type) {
            let detail = format!("the body is to be {media_type}");
            return Err(Problem::said(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = axum::body::to_bytes(self.body, LONGEST).await;
        let body = body.map_err(|_| too_long())?;
        serde_json::from_slice(&body)
            .map_err(|_| Problem::said(StatusCode::BAD_REQUEST, "the body is not a JSON object"))
    }
}

/// The members as a record's metadata; the one that is wrong is named where one alone is.
pub(crate) fn metadata<T: DeserializeOwned>(members: &Map<String, Value>) -> Result<T, Problem> {
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

/// A moment in a body, where one is said (RFC 3339).
pub(super) fn moment(
    member: &'static str,
    text: Option<&str>,
) -> Result<Option<Timestamp>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error: guichet_domain::time::NotADateTime| {
        Problem::member(&InvalidMember::new(member, error))
    })
}

fn too_long() -> Problem {
    let detail = "the body is longer than 64 KiB, or was cut off";
    Problem::said(StatusCode::PAYLOAD_TOO_LARGE, detail)
}

/// Anything else a page of another site could post without asking.
pub(super) fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(media_type)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;

    async fn gathered_of(body: Body) -> Result<Bytes, String> {
        let request = Request::put("/").body(body).unwrap();
        match gathered(request, Duration::ZERO).await {
            Ok(request) => Ok(axum::body::to_bytes(request.into_body(), LONGEST)
                .await
                .unwrap()),
            Err(problem) => Err(problem.into_response().status().to_string()),
        }
    }

    #[tokio::test]
    async fn a_body_that_never_ends_or_is_too_long_reaches_nobody() {
        assert_eq!(gathered_of(Body::from("{}")).await.unwrap(), "{}");
        let long = Body::from(vec![b' '; LONGEST + 1]);
        let refused = gathered_of(long).await.unwrap_err();
        assert_eq!(refused, "413 Payload Too Large");
        let never = stream::pending::<Result<Bytes, std::io::Error>>();
        let refused = gathered_of(Body::from_stream(never)).await.unwrap_err();
        assert_eq!(refused, "408 Request Timeout");
    }
}
