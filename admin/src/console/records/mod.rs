//! The pages of records: services, identity providers, data providers, by one set of handlers.
//!
//! What the API knows of a kind (`api::shelf`) these pages know too, rights and refusals included; [`Sheet`]
//! adds what only pages need. `fields` are those of a form, made from the record's own JSON Schema in the order
//! of `groups`; `form` is text and members, both ways; `view` is what templates see of fields. `list`, `show`
//! and `edit` are the pages, `open` a form that somebody fills in; what they change is written by `operations`, once
//! it is confirmed. `catalogue` is for reading.

mod catalogue;
mod edit;
mod fields;
mod form;
mod groups;
mod links;
mod list;
mod open;
mod operations;
mod search;
mod sheet;
mod show;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use guichet_web::PageError;
use http::StatusCode;

use super::Present;
use super::reasons::because;
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::{ClientRecords, DataProviderRecords, ProviderRecords};
use sheet::Sheet;

pub(super) use operations::OPERATIONS;

/// Every path of them.
pub(super) fn routes() -> Router<Arc<Api>> {
    of::<ClientRecords>()
        .merge(of::<ProviderRecords>())
        .merge(of::<DataProviderRecords>())
        .route("/catalogue", get(catalogue::show))
        .route("/search", get(search::show))
}

fn of<S: Sheet>() -> Router<Arc<Api>> {
    let path = |rest: &str| format!("/{}{rest}", S::PLURAL);
    Router::new()
        .route(&path(""), get(list::show::<S>))
        .route(
            &format!("/new/{}", S::PLURAL),
            get(edit::blank::<S>).post(edit::add::<S>),
        )
        .route(&path("/{id}"), get(show::show::<S>).post(edit::turn::<S>))
        .route(
            &path("/{id}/edit"),
            get(edit::form::<S>).post(edit::change::<S>),
        )
        .route(&path("/{id}/check"), get(show::check::<S>))
}

/// Whoever is in, as the API sees callers.
pub(super) async fn caller(api: &Api, present: &Present) -> Result<Caller, PageError> {
    let caller = Caller::of_session(api, present).await;
    caller.map_err(|problem| page_error("/me", &problem))
}

/// A no of the API's, as a page.
fn refused<S: Sheet>(problem: &Problem) -> PageError {
    page_error(&list::home::<S>(), problem)
}

pub(super) fn page_error(back: &str, problem: &Problem) -> PageError {
    if let Some(reference) = problem.reference() {
        return PageError::fault(reference);
    }
    let text = match problem.status() {
        StatusCode::FORBIDDEN => "console-forbidden",
        StatusCode::NOT_FOUND => "record-gone",
        StatusCode::PRECONDITION_FAILED => "console-overtaken",
        _ => "record-not-written",
    };
    let status = match problem.status() {
        StatusCode::PRECONDITION_FAILED => StatusCode::CONFLICT,
        status => status,
    };
    let page = PageError::new(status, text).with_way_back(back, None);
    let wrong = problem.wrong().iter().find_map(|it| it.reason.as_ref());
    match wrong.or_else(|| problem.reason()) {
        Some(reason) => because(page, "detail", reason),
        None => page.with_argument("detail", problem.detail()),
    }
}
