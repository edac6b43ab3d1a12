//! Events that the hub sends (RFC 8935).

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::{EventReceiver, EventRefusal, SecurityEvent};

/// What goes back, and what to do.
pub struct Received {
    /// The answer, whole. To be sent once the event is kept or acted on: the hub forgets it then.
    pub response: Response<Vec<u8>>,
    /// What to act on; nothing when it was refused, or came before.
    pub event: Option<SecurityEvent>,
}

impl EventReceiver {
    /// Takes in a request to our `events_uri`.
    pub async fn receive(&self, head: &Parts, body: &[u8]) -> Received {
        match self.take(&head.headers, body).await {
            Ok(event) => Received {
                response: answer(StatusCode::ACCEPTED, Vec::new()),
                event,
            },
            Err(refusal) => {
                tracing::warn!(%refusal, "an event is refused");
                Received {
                    response: refused(refusal),
                    event: None,
                }
            }
        }
    }

    async fn take(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<SecurityEvent>, EventRefusal> {
        let is_token = headers.get(CONTENT_TYPE).is_some_and(|it| it == MEDIA_TYPE);
        let token = std::str::from_utf8(body).ok();
        let token = token.filter(|token| is_token && token.len() <= LONGEST);
        let event = self.verify(token.ok_or(EventRefusal::Malformed)?).await?;
        let is_new = self.is_new(&event).await?;
        Ok(is_new.then_some(event))
    }
}

/// RFC 8935 §2.3.
fn refused(refusal: EventRefusal) -> Response<Vec<u8>> {
    if refusal == EventRefusal::HubDown {
        return answer(StatusCode::SERVICE_UNAVAILABLE, Vec::new());
    }
    let body = json!({"err": refusal.code(), "description": refusal.to_string()});
    let mut response = answer(StatusCode::BAD_REQUEST, body.to_string().into_bytes());
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn answer(status: StatusCode, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const MEDIA_TYPE: &str = "application/secevent+jwt";
/// In bytes.
const LONGEST: usize = 16 * 1024;
