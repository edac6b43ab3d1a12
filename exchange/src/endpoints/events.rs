//! `POST /exchange/events`: a party fetches the events that wait for it and acknowledges those it has
//! (RFC 8936).

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header;

use super::{Counter, failed};
use crate::events::PollAsk;

/// JSON both ways. The client authenticates in the head of the request.
pub(super) async fn poll(State(counter): State<Counter>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let client = match counter.engine.client_of_head(&head).await {
        Ok(client) => client,
        Err(refused) => return refused,
    };
    let ask = to_bytes(body, LONGEST_ASK).await.ok();
    let ask = ask.and_then(|body| serde_json::from_slice::<PollAsk>(&body).ok());
    let Some(ask) = ask else {
        return counter
            .engine
            .refuse_form("the body is no poll request (RFC 8936)");
    };
    match counter.desk.events().poll(&client, &ask).await {
        Ok(answer) => ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response(),
        Err(fault) => failed(&fault, "events were not handed out"),
    }
}

/// In bytes: five hundred acknowledgements fit many times.
const LONGEST_ASK: usize = 64 * 1024;
