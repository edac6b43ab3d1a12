//! One record, for reading: what stands in it, where else it leads, and what may be done to it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_web::{PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde_json::{Map, Value};

use super::list::home;
use super::sheet::Sheet;
use super::{caller, links, refused, view};
use crate::api::Api;
use crate::api::caller::Caller;
use crate::api::shelf;
use crate::checks::Finding;
use crate::console::Present;
use crate::people::Action;

/// The forms of a record's page.
pub(super) const FORM: &str = "console-record";

/// `GET /clients/{id}` and its like.
pub(super) async fn show<S: Sheet>(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let record = find::<S>(&api, &caller, &id, Action::Read).await?;
    shown::<S>(&api, (&present, &caller), (page, &headers), (&record, None))
}

/// `GET /clients/{id}/check` and its like: what the record points to is asked.
pub(super) async fn check<S: Sheet>(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let record = find::<S>(&api, &caller, &id, Action::Change).await?;
    let findings = S::look(&api, &record).await;
    let record = (&*record, Some(findings));
    shown::<S>(&api, (&present, &caller), (page, &headers), record)
}

fn shown<S: Sheet>(
    api: &Api,
    (present, caller): (&Present, &Caller),
    (page, headers): (PageContext, &HeaderMap),
    (record, findings): (&S::Record, Option<Vec<Finding>>),
) -> Result<Response, PageError> {
    let console = &api.console;
    let (browser, _) = console.browser(headers)?;
    let id = S::id_of(record);
    let place = S::place(record, &caller.grounds);
    let may = |action| caller.rights.may(action, S::OF, &place);
    let tag = shelf::tag::<S>(api, caller, record).map_err(|problem| refused::<S>(&problem))?;
    let (_, declared) = S::records(api);
    let members = members::<S>(api, record);
    let data = context! {
        word => S::WORD,
        home => home::<S>(),
        id,
        title => S::title(record),
        active => S::is_active(record),
        declared => declared.iter().any(|it| it == id),
        groups => Serde(view::record::<S>(&console.pages, page.locale, &members)),
        links => Serde(links::of(S::OF, id, &members)),
        findings => findings.map(Serde),
        may_change => may(Action::Change),
        may_disable => may(Action::Disable),
        csrf => console.form_token(&browser, FORM, present),
        tag,
    };
    let page = console.page(page, present, &home::<S>());
    Ok(console.pages.html(&page, "admin/record.html", data))
}

/// A record that this member may do this to.
pub(super) async fn find<S: Sheet>(
    api: &Api,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<Arc<S::Record>, PageError> {
    let found = shelf::find::<S>(api, caller, id, action).await;
    found.map_err(|problem| refused::<S>(&problem))
}

/// A record's members, as they are shown: no secret is among them.
pub(super) fn members<S: Sheet>(api: &Api, record: &S::Record) -> Map<String, Value> {
    match serde_json::to_value(S::shown(api, record)) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
