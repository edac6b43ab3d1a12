//! The receipt of one decision, as a file: for its person alone.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::ExchangeId;
use guichet_exchange::Made;
use guichet_web::PageError;
use http::{HeaderMap, StatusCode, header};

use crate::Portal;

/// `GET /account/data/{id}/receipt`. Whoever is not signed in any more finds the list, which says so.
pub(crate) async fn download(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(Redirect::to(&portal.path("/account/data")).into_response());
    };
    let gone = || PageError::new(StatusCode::NOT_FOUND, "data-gone");
    let exchange: ExchangeId = id.parse().map_err(|_| gone())?;
    let desk = portal.exchange.as_ref().ok_or_else(gone)?;
    let made = desk.receipt(exchange, person, portal.clock.now()).await;
    match made.map_err(|fault| portal.fault("make a receipt", &fault))? {
        Made::Gone => Err(gone()),
        Made::NotYet => Err(PageError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "receipt-not-yet",
        )),
        Made::Receipt(text) => {
            let name = format!("attachment; filename=\"recu-{exchange}.jwt\"");
            let headers = [
                (header::CONTENT_TYPE, "application/jwt".to_owned()),
                (header::CONTENT_DISPOSITION, name),
            ];
            Ok((headers, text).into_response())
        }
    }
}
