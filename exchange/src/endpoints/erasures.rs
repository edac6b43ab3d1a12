//! `POST /exchange/erasures`: a party answers a citizen who wants erased what was sent.

use axum::extract::{Request, State};
use axum::response::Response;

use super::Counter;
use crate::erasure::Said;

/// The form, authenticated as at `/token`: `exchange` (by the data provider) or `grant_id` (by the
/// service), `outcome`, `ground` when it is refused, `statement`. 204, however often it comes.
pub(super) async fn post(State(counter): State<Counter>, request: Request) -> Response {
    let form = match counter.said(request, MEMBERS).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let said = Said {
        client: form.client(),
        exchange: form.exchange(),
        outcome: form.get("outcome"),
        ground: form.get("ground"),
        statement: form.get("statement"),
    };
    let now = counter.desk.parts.clock.now();
    let noted = counter.desk.note_erasure(&said, now).await;
    counter.noted(noted, "an answer on erasure was not noted")
}

const MEMBERS: &[&str] = &["exchange", "grant_id", "outcome", "ground", "statement"];
