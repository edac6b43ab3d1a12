//! The page on which a citizen sees what would leave, before they decide at the hub.
//!
//! The hub sends the browser here with a ticket nobody can guess, good for a few minutes; the hub itself
//! never learns the values, only their digests.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_exchange_client::{Answer, AskedEvidence, Fields};
use guichet_web::{PageContext, PageError, Query, Value, context};
use http::StatusCode;
use serde::Deserialize;

use super::site::Site;

/// What a ticket shows.
#[derive(Clone)]
pub(super) struct Shown {
    fields: Fields,
}

#[derive(Deserialize)]
pub(super) struct Visit {
    #[serde(default)]
    return_to: Option<String>,
}

/// The answer that sends the citizen here to see those of `fields` that are asked for.
pub(super) fn answer(site: &Site, asked: &AskedEvidence, mut fields: Fields) -> Answer {
    fields.retain(|name, _| asked.fields.contains(name));
    let ticket = site.secret();
    let Some(page) = site.at(&format!("/preview/{ticket}")) else {
        return Answer::NoMatch;
    };
    let shown = Shown {
        fields: fields.clone(),
    };
    site.shown.insert(&ticket, shown, site.now());
    Answer::OwnPage { page, fields }
}

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    page: PageContext,
    Path(ticket): Path<String>,
    Query(visit): Query<Visit>,
) -> Result<Response, PageError> {
    let gone = || PageError::new(StatusCode::NOT_FOUND, "error-not-found");
    let shown = site.shown.get(&ticket, site.now()).ok_or_else(gone)?;
    let rows = shown.fields.iter().map(|(name, value)| {
        context! {
            label => site.pages.text(page.locale, &format!("demo-field-{name}"), &[]),
            value => value.to_string(),
        }
    });
    let data = context! {
        provider => format!("demo-{}", site.provider.id()),
        values => rows.collect::<Value>(),
        back => site.way_back(visit.return_to.as_deref()).map(String::from),
    };
    Ok(site
        .pages
        .html(&page, "demo/data_provider_preview.html", data))
}
