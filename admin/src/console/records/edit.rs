//! The forms of records: for a new one, for one that is there, and the buttons that disable or enable it. Nothing is
//! written before it is confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_web::{Form, PageContext, PageError};
use http::HeaderMap;

use super::form::Draft;
use super::list::home;
use super::open::{Open, Told};
use super::operations::{DISABLE, Disable, Put, Written};
use super::sheet::Sheet;
use super::show::{FORM, find, members};
use super::{caller, refused, view};
use crate::api::Api;
use crate::console::Present;
use crate::console::confirm::{Proposal, Row};
use crate::people::Action;

/// What was posted, by the names of fields; `csrf`, `tag` and `act` among them.
pub(super) type Posted = BTreeMap<String, String>;

/// `GET /new/clients` and its like.
pub(super) async fn blank<S: Sheet>(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let allowed = caller.somewhere(&api, Action::Add, S::OF);
    allowed.map_err(|problem| refused::<S>(&problem))?;
    let sheet = Open::<S>::new(&api, &present, &caller, None)?;
    sheet.page(page, &headers, &Draft::default(), &Told::Nothing)
}

/// `GET /clients/{id}/edit` and its like.
pub(super) async fn form<S: Sheet>(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let known = find::<S>(&api, &caller, &id, Action::Change).await?;
    let sheet = Open::<S>::new(&api, &present, &caller, Some(&known))?;
    let draft = Draft::of(&sheet.members, S::fields());
    sheet.page(page, &headers, &draft, &Told::Nothing)
}

/// `POST /new/clients` and its like.
pub(super) async fn add<S: Sheet>(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = own(&api, &headers, &posted).await?;
    let caller = caller(&api, &present).await?;
    let allowed = caller.somewhere(&api, Action::Add, S::OF);
    allowed.map_err(|problem| refused::<S>(&problem))?;
    let sheet = Open::<S>::new(&api, &present, &caller, None)?;
    sheet.review(page, &headers, posted).await
}

/// `POST /clients/{id}/edit` and its like.
pub(super) async fn change<S: Sheet>(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = own(&api, &headers, &posted).await?;
    let caller = caller(&api, &present).await?;
    let known = find::<S>(&api, &caller, &id, Action::Change).await?;
    let sheet = Open::<S>::new(&api, &present, &caller, Some(&known))?;
    sheet.review(page, &headers, posted).await
}

/// `POST /clients/{id}` and its like: out of use, or in use again.
pub(super) async fn turn<S: Sheet>(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = own(&api, &headers, &posted).await?;
    let caller = caller(&api, &present).await?;
    let disables = posted.get("act").is_some_and(|act| act == DISABLE);
    let action = if disables {
        Action::Disable
    } else {
        Action::Change
    };
    let known = find::<S>(&api, &caller, &id, action).await?;
    let mut members = members::<S>(&api, &known);
    members.insert("active".to_owned(), (!disables).into());
    let row = Row {
        label: view::label_of::<S>(&api.console.pages, "active"),
        member: "active".to_owned(),
        before: Some(S::is_active(&known).into()),
        after: Some((!disables).into()),
    };
    let input = Written {
        members,
        tag: posted.get("tag").cloned(),
        shows_secret: false,
    };
    let (title, back) = (S::title(&known), format!("{}/{id}", home::<S>()));
    if disables {
        let says = format!("record-disable-{}", S::WORD);
        let proposal = Proposal::<Disable<S>>::new(input, (&says, title), back);
        api.console
            .propose(&present, proposal.with_rows(vec![row]))
            .await
    } else {
        let says = format!("record-enable-{}", S::WORD);
        let proposal = Proposal::<Put<S>>::new(input, (&says, title), back);
        api.console
            .propose(&present, proposal.with_rows(vec![row]))
            .await
    }
}

async fn own(api: &Api, headers: &HeaderMap, posted: &Posted) -> Result<Present, PageError> {
    let csrf = posted.get("csrf").map(String::as_str).unwrap_or_default();
    api.console.own_form(headers, FORM, csrf).await
}
