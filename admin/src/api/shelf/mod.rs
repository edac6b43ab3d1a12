//! Every kind of records by one set of operations: list, show, put, patch, disable. `handlers` are they; `reach` is
//! what a caller finds and may do on a shelf, for pages as well.

mod handlers;
mod reach;

use std::sync::Arc;

use async_trait::async_trait;
use schemars::{JsonSchema, SchemaGenerator};

use super::Api;
use super::caller::Caller;
use super::intake::{JSON, MERGE_PATCH};
use super::operation::Operation;
use super::paging::Page;
use super::problem::Problem;
use crate::Records;
use crate::people::{Action, Grounds, Kind, Place};
use handlers::{disable, list, patch_one, put, show};

pub(super) use handlers::met;
pub(crate) use reach::{desk, find, guarded, puttable, said, seen, tag};

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
