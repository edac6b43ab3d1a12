//! `POST /exchange/erasures`: a party answers a citizen who wants erased what was sent.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::{Counter, named};
use crate::erasure::Said;

/// The form, authenticated as at `/token`: `exchange` (by the data provider) or `grant_id` (by the
/// service), `outcome`, `ground` when it is refused, `statement`. 204, however often it comes.
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
    let said = Said {
        client: &form.client,
        exchange,
        outcome: form.get("outcome").unwrap_or_default(),
        ground: form.get("ground").unwrap_or_default(),
        statement: form.get("statement").unwrap_or_default(),
    };
    let now = counter.desk.parts.clock.now();
    match counter.desk.note_erasure(&said, now).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => counter.engine.refuse_form(why),
        Err(fault) => {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(error, "an answer on erasure was not noted");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const MEMBERS: &[&str] = &["exchange", "grant_id", "outcome", "ground", "statement"];
