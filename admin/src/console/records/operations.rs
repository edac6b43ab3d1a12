//! What writes records once it is confirmed: put, and disable. The desk is the API's, with its rights, its
//! refusals and its tags; whatever changed since is a refusal.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{PageContext, PageError, context};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::list::home;
use super::sheet::Sheet;
use super::{caller, refused};
use crate::api::{Api, intake, shelf};
use crate::console::Present;
use crate::console::confirm::{Confirmable, Dangerous};
use crate::people::Action;
use crate::{ClientRecords, DataProviderRecords, Expected, ProviderRecords};

/// Every one of them.
pub(in crate::console) const OPERATIONS: &[&dyn Confirmable] = &[
    &Put::<ClientRecords>(PhantomData),
    &Disable::<ClientRecords>(PhantomData),
    &Put::<ProviderRecords>(PhantomData),
    &Disable::<ProviderRecords>(PhantomData),
    &Put::<DataProviderRecords>(PhantomData),
    &Disable::<DataProviderRecords>(PhantomData),
];

/// The button that disables, and the operation behind it.
pub(super) const DISABLE: &str = "disable";

/// What a record is to be.
#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    /// Its members; a secret, where one comes with it, in clear.
    pub(super) members: Map<String, Value>,
    /// The tag of the one it replaces; none where there is none.
    pub(super) tag: Option<String>,
    /// Whether its secret was made here, and is shown once.
    pub(super) shows_secret: bool,
}

impl Written {
    fn expected(&self) -> Expected {
        match &self.tag {
            Some(tag) => Expected::Tagged(vec![tag.clone()]),
            None => Expected::Absent,
        }
    }
}

/// Puts a record: another, or in the place of one.
pub(super) struct Put<S>(PhantomData<fn() -> S>);

/// Puts a record out of use.
pub(super) struct Disable<S>(PhantomData<fn() -> S>);

#[async_trait]
impl<S: Sheet> Dangerous for Put<S> {
    type Input = Written;
    const NAME: &'static str = S::OPERATIONS[0];

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        written: Written,
    ) -> Result<Response, PageError> {
        let no = |problem| refused::<S>(&problem);
        let metadata: S::Metadata = intake::metadata(&written.members).map_err(no)?;
        let id = S::id(&metadata).to_owned();
        let caller = caller(api, &by).await?;
        let known = shelf::puttable::<S>(api, &caller, &id).await.map_err(no)?;
        let guarded = shelf::guarded::<S>(api, &caller, known.as_deref(), &metadata).await;
        guarded.map_err(no)?;
        let desk = shelf::desk::<S>(api, &caller);
        let put = desk.put(&metadata, &written.expected()).await;
        let (record, _) = put.map_err(|error| no(shelf::said(api, &error)))?;
        let at = format!("{}/{id}", home::<S>());
        if !written.shows_secret {
            return Ok(Redirect::to(&at).into_response());
        }
        let secret = written.members.get("client_secret").and_then(Value::as_str);
        let data = context! {
            word => S::WORD,
            home => home::<S>(),
            id,
            title => S::title(&record),
            issuer => api.engine.issuer(),
            secret,
        };
        let page = api.console.page(page, &by, &home::<S>());
        let page = guichet_web::LocalPath::parse(&at)
            .into_iter()
            .fold(page, PageContext::at);
        Ok(api.console.pages.html(&page, "admin/secret.html", data))
    }
}

#[async_trait]
impl<S: Sheet> Dangerous for Disable<S> {
    type Input = Written;
    const NAME: &'static str = S::OPERATIONS[1];

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        written: Written,
    ) -> Result<Response, PageError> {
        let no = |problem| refused::<S>(&problem);
        let metadata: S::Metadata = intake::metadata(&written.members).map_err(no)?;
        let id = S::id(&metadata);
        let caller = caller(api, &by).await?;
        let found = shelf::find::<S>(api, &caller, id, Action::Disable).await;
        found.map_err(no)?;
        let disabled = shelf::desk::<S>(api, &caller)
            .disable(id, &written.expected())
            .await;
        disabled.map_err(|error| no(shelf::said(api, &error)))?;
        Ok(Redirect::to(&format!("{}/{id}", home::<S>())).into_response())
    }
}
