//! Events that the hub sends (RFC 8935).

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::{EventReceiver, EventRefusal, SecurityEvent};

impl EventReceiver {
    /// Takes in a request to our `events_uri`; what comes back is the answer, whole. `act` is handed an event
    /// that was not acted on before, and says whether it is now, or kept safely: if not, the hub sends it
    /// again. Two requests at once may both be handed it.
    pub async fn receive<Acting>(
        &self,
        head: &Parts,
        body: &[u8],
        act: impl FnOnce(SecurityEvent) -> Acting,
    ) -> Response<Vec<u8>>
    where
        Acting: Future<Output = bool>,
    {
        let event = match self.read(&head.headers, body).await {
            Ok(event) => event,
            Err(refusal) => {
                tracing::warn!(%refusal, "an event is refused");
                return refused(refusal);
            }
        };
        match self.act_once(event, act).await {
            Ok(true) => answer(StatusCode::ACCEPTED, Vec::new()),
            Ok(false) => refused(EventRefusal::NotNow),
            Err(refusal) => refused(refusal),
        }
    }

    /// Whether the event was acted on, now or before.
    async fn act_once<Acting>(
        &self,
        event: SecurityEvent,
        act: impl FnOnce(SecurityEvent) -> Acting,
    ) -> Result<bool, EventRefusal>
    where
        Acting: Future<Output = bool>,
    {
        if self.was_taken(&event).await? {
            return Ok(true);
        }
        let (name, at) = (event.name.clone(), event.at);
        if !act(event).await {
            return Ok(false);
        }
        self.remember(&name, at).await?;
        Ok(true)
    }

    async fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<SecurityEvent, EventRefusal> {
        let is_token = headers.get(CONTENT_TYPE).is_some_and(|it| it == MEDIA_TYPE);
        let token = std::str::from_utf8(body).ok();
        let token = token.filter(|token| is_token && token.len() <= LONGEST);
        self.verify(token.ok_or(EventRefusal::Malformed)?).await
    }
}

/// RFC 8935 §2.3.
fn refused(refusal: EventRefusal) -> Response<Vec<u8>> {
    if refusal == EventRefusal::NotNow {
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
