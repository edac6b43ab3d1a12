//! The page of providers, as it looks: order, names, reasons, banner.

use std::sync::Arc;

use axum::response::Response;
use guichet_domain::{Client, Provider, ProviderId};
use guichet_web::{PageContext, Purpose, Serde, context};
use http::StatusCode;
use serde::Serialize;

use super::{AwaitingProvider, EligibleProvider, FORM};
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::login::Login;

/// One row of the page.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    /// Why it cannot be used, if it cannot.
    reason: Option<String>,
}

pub(super) fn render(
    hub: &Hub,
    awaiting: AwaitingProvider,
    client: &Client,
    page: PageContext,
) -> Response {
    let pages = &hub.parts().pages;
    let required = RequiredLevel::of(&awaiting.trip, client);
    let now = hub.now();
    let row = |provider: &Arc<Provider>| Row {
        id: provider.id.to_string(),
        name: provider.name.clone(),
        reason: EligibleProvider::check(provider, client, &required, now)
            .err()
            .map(|why| pages.text(page.locale, why.text(), &[("service", &client.name)])),
    };
    let rows: Vec<Row> = hub.parts().providers.providers().iter().map(row).collect();
    let name_of = |id: &ProviderId| {
        let provider = hub.parts().providers.provider(id.as_str());
        provider.map_or_else(|| id.to_string(), |provider| provider.name.clone())
    };
    let banner = awaiting.notice.as_ref().map(|notice| {
        pages.text(
            page.locale,
            notice.what.text(),
            &[("provider", &name_of(&notice.provider))],
        )
    });
    let status = awaiting
        .notice
        .as_ref()
        .map_or(StatusCode::OK, |notice| notice.what.status());
    let id = awaiting.trip.id.to_string();
    let csrf = hub.form_token(awaiting.trip.browser, Purpose::new(FORM, &id));
    let shared_device = awaiting.trip.shared_device;
    let login = Login::AwaitingProvider(awaiting);
    let data = context! {
        none_eligible => rows.iter().all(|row| row.reason.is_some()),
        providers => Serde(&rows),
        banner,
        level => required.acr().as_str(),
        login => id,
        csrf,
        shared_device,
        abandon_csrf => hub.abandon_token(&login),
        deferred => login.trip().request.is_deferred(),
    };
    let page = page.with_service(client.name.clone());
    pages.html_with(status, &page, "broker/choose_provider.html", data)
}
