//! `POST /exchange/deliveries`: each side confirms its half of a delivery.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::{Counter, named};
use crate::delivery::Confirmed;

/// The form, authenticated as at `/token`: `exchange` (by the data provider) or `grant_id` (by the
/// service), `half`, `digest`, `receipt`. 204, however often it comes.
pub(super) async fn post(State(counter): State<Counter>, request: Request) -> Response {
    let form = match counter.engine.client_form(request, MEMBERS).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let Some(exchange) = named(&form) else {
        return counter
            .engine
            .refuse_form("exchange or grant_id says which one");
    };
    let said = Confirmed {
        client: &form.client,
        exchange,
        half: form.get("half").unwrap_or_default(),
        digest: form.get("digest").unwrap_or_default(),
        receipt: form.get("receipt").unwrap_or_default(),
    };
    let now = counter.desk.parts.clock.now();
    match counter.desk.note_delivery(&said, now).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => counter.engine.refuse_form(why),
        Err(fault) => {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(error, "a delivery was not noted");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const MEMBERS: &[&str] = &["exchange", "grant_id", "half", "digest", "receipt"];
