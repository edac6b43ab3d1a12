//! Which evidence there is, for reading.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use guichet_web::{PageContext, PageError, Serde, context};
use http::HeaderMap;

use crate::api::Api;
use crate::people::{Action, Kind};

/// `GET /catalogue`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Catalogue)?;
    let data = context! { catalogue => Serde(&*api.catalogue) };
    let page = console.page(page, &present, "/catalogue");
    Ok(console.pages.html(&page, "admin/catalogue.html", data))
}
