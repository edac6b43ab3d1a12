//! Every kind of records by one set of handlers: list, show, put, patch, disable.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

use super::caller::Caller;
use super::conditions::{etag, expected, is_known};
use super::intake::{JSON, MERGE_PATCH, members, metadata};
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::Problem;
use super::{Api, PATH};
use crate::people::{Action, Grounds, Kind, Place};
use crate::{ChangeError, Expected, Put, RecordDesk, Records};

/// A kind of records as the API serves it.
#[async_trait]
pub(crate) trait Shelf: Records<Metadata: JsonSchema + Clone> + Sized + 'static {
    /// Its path segment: the plural.
    const PLURAL: &'static str;
    /// One of them, in operation ids.
    const ONE: &'static str;
    /// The kind, as rights know it.
    const OF: Kind;

    /// The records, and those that the settings declare.
    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>);

    /// Where one lies.
    fn place(record: &Self::Record, grounds: &Grounds) -> Place;

    /// One as it is shown.
    fn shown(_api: &Api, record: &Self::Record) -> Self::Metadata {
        Self::metadata(record)
    }

    /// The members that a caller may change who may not change all of it.
    fn of_others() -> &'static [&'static str] {
        &[]
    }

    /// What a caller who may change some of it may not change, though they may change this record.
    async fn guard(
        _api: &Api,
        _caller: &Caller,
        _known: Option<&Self::Record>,
        _metadata: &Self::Metadata,
    ) -> Result<(), Problem> {
        Ok(())
    }
}

/// The operations of a shelf whose records are disabled by changing them.
pub(super) fn operations<S: Shelf>(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let mut all = without_disabling::<S>(schemas);
    all.push(
        Operation::new(
            ("delete", format!("/{}/{{id}}", S::PLURAL)),
            format!("disable_{}", S::ONE),
            format!(
                "Disables a {}: it stays, and nothing can be done with it",
                S::KIND
            ),
            disable::<S>,
        )
        .right(Action::Disable, S::OF)
        .conditional()
        .gives(204, None),
    );
    all
}

/// The others.
pub(super) fn without_disabling<S: Shelf>(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = schemas.subschema_for::<S::Metadata>();
    let page = schemas.subschema_for::<Page<S::Metadata>>();
    let patch = schemars::json_schema!({
        "type": "object",
        "description": "Members to change; null puts one back to its default (RFC 7396).",
    });
    let (many, one) = (format!("/{}", S::PLURAL), format!("/{}/{{id}}", S::PLURAL));
    vec![
        Operation::new(
            ("get", many),
            format!("list_{}", S::PLURAL.replace('-', "_")),
            format!("Lists every {} that you may see, by identifier", S::KIND),
            list::<S>,
        )
        .right(Action::Read, S::OF)
        .paged()
        .gives(200, Some(page)),
        Operation::new(
            ("get", one.clone()),
            format!("show_{}", S::ONE),
            format!("Shows a {}; secrets never come out", S::KIND),
            show::<S>,
        )
        .right(Action::Read, S::OF)
        .tagged()
        .gives(200, Some(shape.clone())),
        Operation::new(
            ("put", one.clone()),
            format!("put_{}", S::ONE),
            format!(
                "Puts a {} under this identifier, the same however often it is asked",
                S::KIND
            ),
            put::<S>,
        )
        .right(Action::Change, S::OF)
        .conditional()
        .tagged()
        .takes(JSON, shape.clone())
        .gives(200, Some(shape.clone()))
        .gives(201, Some(shape.clone())),
        Operation::new(
            ("patch", one),
            format!("change_{}", S::ONE),
            format!("Changes members of a {}", S::KIND),
            patch_one::<S>,
        )
        .right(Action::Change, S::OF)
        .conditional()
        .tagged()
        .takes(MERGE_PATCH, patch)
        .gives(200, Some(shape)),
    ]
}

/// A desk at which this caller changes records.
pub(crate) fn desk<S: Shelf>(api: &Api, caller: &Caller) -> RecordDesk<Arc<S>> {
    let (records, declared) = S::records(api);
    RecordDesk {
        records,
        ledger: api.console.door.ledger.clone(),
        declared,
        by: caller.actor(),
        clock: Arc::clone(&api.console.door.clock),
    }
}

async fn list<S: Shelf>(
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

/// Every record that this caller may see, in the order of names.
pub(crate) async fn seen<S: Shelf>(
    api: &Api,
    caller: &Caller,
) -> Result<Vec<Arc<S::Record>>, Problem> {
    caller.somewhere(api, Action::Read, S::OF)?;
    let (records, _) = S::records(api);
    let entropy = &*api.console.door.entropy;
    let all = records.all().await;
    let mut all = all.map_err(|fault| Problem::fault(entropy, "read records", &fault))?;
    all.sort_by(|one, other| S::id_of(one).cmp(S::id_of(other)));
    all.retain(|record| {
        let place = S::place(record, &caller.grounds);
        caller.rights.may(Action::Read, S::OF, &place)
    });
    Ok(all)
}

async fn show<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let record = find::<S>(&api, &caller, &id, Action::Read).await?;
    let tag = tag::<S>(&api, &record)?;
    if is_known(&headers, &tag) {
        let unchanged = [(header::ETAG, etag(&tag))];
        return Ok((StatusCode::NOT_MODIFIED, unchanged).into_response());
    }
    answer::<S>(&api, StatusCode::OK, &record)
}

async fn put<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let known = puttable::<S>(&api, &caller, &id).await?;
    let expected = expected(&headers)?;
    met::<S>(&api, &id, known.as_deref(), &expected)?;
    let mut members = members(&headers, JSON, body).await?;
    named(&mut members, S::NAME, &id)?;
    let metadata: S::Metadata = metadata(&members)?;
    guarded::<S>(&api, &caller, known.as_deref(), &metadata).await?;
    let expected = match &known {
        // Where it is another than asked for, the desk says that it must be stated.
        Some(_) if expected == Expected::Unstated => expected,
        Some(known) => as_judged::<S>(&api, known)?,
        None => Expected::Absent,
    };
    let put = desk::<S>(&api, &caller).put(&metadata, &expected).await;
    let (record, put) = put.map_err(|error| said(&api, &error))?;
    let status = match put {
        Put::Added => StatusCode::CREATED,
        Put::Changed | Put::Unchanged => StatusCode::OK,
    };
    let mut response = answer::<S>(&api, status, &record)?;
    if put == Put::Added
        && let Ok(location) = HeaderValue::from_str(&format!("{PATH}/{}/{id}", S::PLURAL))
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The record that this caller may put another in the place of; none where they may add one.
pub(crate) async fn puttable<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
) -> Result<Option<Arc<S::Record>>, Problem> {
    let known = known::<S>(api, caller, id).await;
    let known = known.map_err(|error| said(api, &error))?;
    match &known {
        Some(record) => {
            let place = S::place(record, &caller.grounds);
            caller.here(api, Action::Change, S::OF, &place)?;
        }
        None => caller.somewhere(api, Action::Add, S::OF)?,
    }
    Ok(known)
}

async fn patch_one<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let known = find::<S>(&api, &caller, &id, Action::Change).await?;
    let expected = expected(&headers)?;
    if expected == Expected::Unstated {
        return Err(Problem::unstated());
    }
    met::<S>(&api, &id, Some(&*known), &expected)?;
    let changes = members(&headers, MERGE_PATCH, body).await?;
    let before = serde_json::to_value(S::metadata(&known));
    let Ok(Value::Object(mut after)) = before else {
        return Err(Problem::of(StatusCode::INTERNAL_SERVER_ERROR));
    };
    after.extend(changes.clone());
    after.retain(|_, value| !value.is_null());
    named(&mut after, S::NAME, &id)?;
    let metadata: S::Metadata = metadata(&after)?;
    guarded::<S>(&api, &caller, Some(&*known), &metadata).await?;
    let expected = as_judged::<S>(&api, &known)?;
    let written = desk::<S>(&api, &caller).set(&id, changes, &expected).await;
    let record = written.map_err(|error| said(&api, &error))?;
    answer::<S>(&api, StatusCode::OK, &record)
}

async fn disable<S: Shelf>(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let known = find::<S>(&api, &caller, &id, Action::Disable).await?;
    met::<S>(&api, &id, Some(&*known), &expected(&headers)?)?;
    let expected = as_judged::<S>(&api, &known)?;
    let disabled = desk::<S>(&api, &caller).disable(&id, &expected).await;
    disabled.map_err(|error| said(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether this caller may have the record be so; what they may not is on record.
pub(crate) async fn guarded<S: Shelf>(
    api: &Api,
    caller: &Caller,
    known: Option<&S::Record>,
    metadata: &S::Metadata,
) -> Result<(), Problem> {
    let guarded = S::guard(api, caller, known, metadata).await;
    guarded.inspect_err(|problem| {
        if problem.status() == StatusCode::FORBIDDEN {
            caller.note_refused(api, Action::Change, S::OF);
        }
    })
}

/// What the desk is to find when it writes: the record that the caller was let change, and none that came in its
/// place meanwhile.
fn as_judged<S: Shelf>(api: &Api, known: &S::Record) -> Result<Expected, Problem> {
    Ok(Expected::Tagged(vec![tag::<S>(api, known)?]))
}

/// A record that this caller may do this to.
pub(crate) async fn find<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<Arc<S::Record>, Problem> {
    caller.somewhere(api, action, S::OF)?;
    let known = known::<S>(api, caller, id).await;
    let known = known.map_err(|error| said(api, &error))?;
    let known = known.ok_or_else(Problem::unknown)?;
    let place = S::place(&known, &caller.grounds);
    caller.here(api, action, S::OF, &place)?;
    Ok(known)
}

/// The record of this name, if there is one, whoever may see it.
pub(crate) async fn known<S: Shelf>(
    api: &Api,
    caller: &Caller,
    id: &str,
) -> Result<Option<Arc<S::Record>>, ChangeError> {
    match desk::<S>(api, caller).known(id).await {
        Ok(known) => Ok(Some(known)),
        Err(ChangeError::Unknown(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Before anything is read of what is asked: whoever knows another record asks for nothing of this one (RFC
/// 9110 §13.2.1).
fn met<S: Shelf>(
    api: &Api,
    id: &str,
    known: Option<&S::Record>,
    expected: &Expected,
) -> Result<(), Problem> {
    RecordDesk::<Arc<S>>::meets(id, known, expected).map_err(|error| said(api, &error))
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
    status: StatusCode,
    record: &S::Record,
) -> Result<Response, Problem> {
    let tag = etag(&tag::<S>(api, record)?);
    let body = Json(S::shown(api, record));
    Ok((status, [(header::ETAG, tag)], body).into_response())
}

/// The tag of a record.
pub(crate) fn tag<S: Shelf>(api: &Api, record: &S::Record) -> Result<String, Problem> {
    RecordDesk::<Arc<S>>::tag_of(record).map_err(|error| said(api, &error))
}

/// What a desk says, as a problem.
pub(crate) fn said(api: &Api, error: &ChangeError) -> Problem {
    Problem::change(&*api.console.door.entropy, error)
}
