//! `POST /exchange/deliveries`: each side confirms its half of a delivery.

use axum::extract::{Request, State};
use axum::response::Response;

use super::Counter;
use crate::delivery::Confirmed;

/// The form, authenticated as at `/token`: `exchange` (by the data provider) or `grant_id` (by the
/// service), `half`, `voucher`, `digest`, `receipt`. 204, however often it comes.
pub(super) async fn post(State(counter): State<Counter>, request: Request) -> Response {
    let form = match counter.said(request, MEMBERS).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let said = Confirmed {
        client: form.client(),
        exchange: form.exchange(),
        half: form.get("half"),
        voucher: form.get("voucher"),
        digest: form.get("digest"),
        receipt: form.get("receipt"),
    };
    let now = counter.desk.parts.clock.now();
    let noted = counter.desk.note_delivery(&said, now).await;
    counter.noted(noted, "a delivery was not noted")
}

const MEMBERS: &[&str] = &[
    "exchange", "grant_id", "half", "voucher", "digest", "receipt",
];
