//! The operations of a shelf. Who calls, and what is expected of the record, is asked before what they bring is read.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use serde_json::Value;

use super::{Shelf, desk, find, guarded, puttable, said, seen, tag};
use crate::api::caller::Caller;
use crate::api::conditions::{etag, expected, is_known};
use crate::api::intake::{Brought, JSON, MERGE_PATCH, metadata};
use crate::api::paging::{Page, Paging};
use crate::api::problem::Problem;
use crate::api::{Api, PATH};
use crate::changes::merged;
use crate::people::Action;
use crate::{Expected, Put};

pub(super) async fn list<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Page<S::Metadata>>, Problem> {
    let paging = Paging::of(&uri)?;
    let seen = seen::<S>(&api, &caller).await?;
    let page = Page::of(
        seen.into_iter(),
        &paging,
        |record| S::id_of(record),
        |record| S::shown(&api, record),
    );
    Ok(Json(page))
}

pub(super) async fn show<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = find::<S>(&api, &caller, &id, Action::Read).await?;
    let tag = tag::<S>(&api, &caller, &record)?;
    if is_known(&headers, &tag) {
        let unchanged = [(header::ETAG, etag(&tag))];
        return Ok((StatusCode::NOT_MODIFIED, unchanged).into_response());
    }
    answer::<S>(&api, &caller, StatusCode::OK, &record)
}

pub(super) async fn put<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    let known = puttable::<S>(&api, &caller, &id).await?;
    let expected = expected(&headers)?;
    met::<S>(&api, &caller, &id, known.as_deref(), &expected)?;
    let mut members = brought.members(JSON).await?;
    named(&mut members, S::NAME, &id)?;
    let metadata: S::Metadata = metadata(&members)?;
    guarded::<S>(&api, &caller, known.as_deref(), &metadata).await?;
    let expected = match &known {
        // Where it is another than asked for, the desk says that it must be stated.
        Some(_) if expected == Expected::Unstated => expected,
        Some(known) => as_judged::<S>(&api, &caller, known)?,
        None => Expected::Absent,
    };
    let put = desk::<S>(&api, &caller).put(&metadata, &expected).await;
    let (record, put) = put.map_err(|error| said(&api, &error))?;
    let status = match put {
        Put::Added => StatusCode::CREATED,
        Put::Changed | Put::Unchanged => StatusCode::OK,
    };
    let mut response = answer::<S>(&api, &caller, status, &record)?;
    if put == Put::Added
        && let Ok(location) = HeaderValue::from_str(&format!("{PATH}/{}/{id}", S::PLURAL))
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub(super) async fn patch_one<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    let known = find::<S>(&api, &caller, &id, Action::Change).await?;
    let expected = expected(&headers)?;
    if expected == Expected::Unstated {
        return Err(Problem::unstated());
    }
    met::<S>(&api, &caller, &id, Some(&*known), &expected)?;
    let changes = brought.members(MERGE_PATCH).await?;
    let mut after = merged(&S::metadata(&known), changes)
        .map_err(|_| Problem::of(StatusCode::INTERNAL_SERVER_ERROR))?;
    named(&mut after, S::NAME, &id)?;
    let metadata: S::Metadata = metadata(&after)?;
    guarded::<S>(&api, &caller, Some(&*known), &metadata).await?;
    let expected = as_judged::<S>(&api, &caller, &known)?;
    let put = desk::<S>(&api, &caller).put(&metadata, &expected).await;
    let (record, _) = put.map_err(|error| said(&api, &error))?;
    answer::<S>(&api, &caller, StatusCode::OK, &record)
}

pub(super) async fn disable<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let known = find::<S>(&api, &caller, &id, Action::Disable).await?;
    met::<S>(&api, &caller, &id, Some(&*known), &expected(&headers)?)?;
    let expected = as_judged::<S>(&api, &caller, &known)?;
    let disabled = desk::<S>(&api, &caller).disable(&id, &expected).await;
    disabled.map_err(|error| said(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the desk is to find when it writes: the record that the caller was let change, and none that came in its
/// place meanwhile.
fn as_judged<S: Shelf>(api: &Api, caller: &Caller, known: &S::Record) -> Result<Expected, Problem> {
    Ok(Expected::Tagged(vec![tag::<S>(api, caller, known)?]))
}

/// Before anything is read of what is asked: whoever knows another record asks for nothing of this one (RFC
/// 9110 §13.2.1).
pub(in crate::api) fn met<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
    known: Option<&S::Record>,
    expected: &Expected,
) -> Result<(), Problem> {
    let met = desk::<S>(api, caller).meets(id, known, expected);
    met.map_err(|error| said(api, &error))
}

/// The name in the path is the record's; one in the body must be the same.
fn named(
    members: &mut serde_json::Map<String, Value>,
    member: &'static str,
    id: &str,
) -> Result<(), Problem> {
    let there = members
        .entry(member)
        .or_insert_with(|| Value::String(id.to_owned()));
    if there.as_str() == Some(id) {
        Ok(())
    } else {
        let detail = "it is to be the one in the address";
        Err(Problem::pointed(
            StatusCode::UNPROCESSABLE_ENTITY,
            member,
            detail,
        ))
    }
}

fn answer<S: Shelf>(
    api: &Api,
    caller: &Caller,
    status: StatusCode,
    record: &S::Record,
) -> Result<Response, Problem> {
    let tag = etag(&tag::<S>(api, caller, record)?);
    let body = Json(S::shown(api, record));
    Ok((status, [(header::ETAG, tag)], body).into_response())
}
