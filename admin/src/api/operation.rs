//! One operation of the API: a line of the table.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::Schema;

use super::Api;
use crate::people::{Action, Kind};

/// An operation.
pub(super) struct Operation {
    /// Its `operationId`.
    pub(super) id: String,
    /// Its method, in lower case.
    pub(super) method: &'static str,
    /// Its path below the API's.
    pub(super) path: String,
    /// What it does, in a line.
    pub(super) summary: String,
    /// What is done, and to what kind of thing: who may, follows from it.
    pub(super) right: Option<(Action, Kind)>,
    /// What it takes.
    pub(super) takes: Option<(&'static str, Schema)>,
    /// What it answers when it does what was asked: status and shape.
    pub(super) gives: Vec<(u16, Option<Schema>)>,
    /// Whether it reads `If-Match` and `If-None-Match`.
    pub(super) conditional: bool,
    /// Whether its answers have an `ETag`.
    pub(super) tagged: bool,
    /// Whether its answer is a page of a list.
    pub(super) paged: bool,
    /// What else it reads of the query: names, and what each says.
    pub(super) asks: Vec<(&'static str, &'static str)>,
    /// What does it.
    pub(super) handler: MethodRouter<Arc<Api>>,
}

impl Operation {
    /// An operation that anybody who is anybody may do; see [`Self::right`].
    pub(super) fn new<H, T>(
        (method, path): (&'static str, impl Into<String>),
        id: impl Into<String>,
        summary: impl Into<String>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, Arc<Api>>,
        T: 'static,
    {
        Self {
            id: id.into(),
            method,
            path: path.into(),
            summary: summary.into(),
            right: None,
            takes: None,
            gives: Vec::new(),
            conditional: false,
            tagged: false,
            paged: false,
            asks: Vec::new(),
            handler: on(filter(method), handler),
        }
    }

    /// That takes this right.
    pub(super) fn right(mut self, action: Action, kind: Kind) -> Self {
        self.right = Some((action, kind));
        self
    }

    /// With a body of this media type and shape.
    pub(super) fn takes(mut self, media_type: &'static str, schema: Schema) -> Self {
        self.takes = Some((media_type, schema));
        self
    }

    /// That answers so.
    pub(super) fn gives(mut self, status: u16, schema: Option<Schema>) -> Self {
        self.gives.push((status, schema));
        self
    }

    /// That reads `If-Match` and `If-None-Match`.
    pub(super) fn conditional(mut self) -> Self {
        self.conditional = true;
        self
    }

    /// Whose answers have an `ETag`.
    pub(super) fn tagged(mut self) -> Self {
        self.tagged = true;
        self
    }

    /// That reads this of the query.
    pub(super) fn asks(mut self, name: &'static str, says: &'static str) -> Self {
        self.asks.push((name, says));
        self
    }

    /// That reads `cursor` and `limit`.
    pub(super) fn paged(mut self) -> Self {
        self.paged = true;
        self
    }
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "put" => MethodFilter::PUT,
        "post" => MethodFilter::POST,
        "patch" => MethodFilter::PATCH,
        "delete" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}
