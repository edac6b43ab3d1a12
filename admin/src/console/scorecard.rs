//! `/clients/{id}/scorecard`: how well a client does what the standards advise.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_web::{PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};

use super::one_client::OneClient;
use crate::api::Api;
use crate::scorecard::Scorecard;

/// `GET /clients/{id}/scorecard`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let fault = |fault| console.fault("read a scorecard", &fault);
    let unknown = || PageError::new(StatusCode::NOT_FOUND, "scorecard-nobody");
    let seen = OneClient::seen(&api, &present, &id).await?;
    let client = seen.ok_or_else(unknown)?.client;
    let now = console.door.clock.now();
    let card = Scorecard::of(&api.statistics, &client, now).await;
    let data = context! {
        name => client.name.as_str(),
        id => client.id.as_str(),
        card => Serde(&card.map_err(fault)?),
    };
    let page = console.page(page, &present, "/clients");
    Ok(console.pages.html(&page, "admin/scorecard.html", data))
}
