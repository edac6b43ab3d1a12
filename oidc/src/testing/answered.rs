//! What came back, as a test reads it.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use url::Url;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answered {
    pub(super) async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn location(&self) -> Url {
        Url::parse(self.header("location").unwrap()).unwrap()
    }

    pub(crate) fn location_parameter(&self, name: &str) -> Option<String> {
        self.location()
            .query_pairs()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The error a client is told, wherever it stands.
    pub(crate) fn error(&self) -> Option<String> {
        if self.header("location").is_some() {
            return self.location_parameter("error");
        }
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body["error"].as_str().map(str::to_owned)
    }

    /// A page of the house, and no way to any client.
    pub(crate) fn is_page(&self, error: &str) -> bool {
        self.header("location").is_none()
            && self.status == StatusCode::BAD_REQUEST
            && self.body.starts_with(&format!("page {error} "))
    }
}
