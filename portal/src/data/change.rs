//! Fields taken away from a decision that stands: less leaves from now on, and nobody need be asked.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use guichet_domain::{BrowserId, FieldName, PersonId};
use guichet_exchange::{Desk, Held, Narrowed, Standing};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::{back, decision, gone};
use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;

/// A field of the form.
#[derive(Serialize)]
struct Field {
    name: String,
    label: String,
}

/// `GET /account/data/{id}/change`. Whoever is not signed in any more finds the list, which says so.
pub(crate) async fn form(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(back(&portal));
    };
    let changing = Changing::find(&portal, &id, person).await?;
    let answer = changing.page(&portal, page, &browser, None);
    Ok(with_cookie(answer, cookie))
}

/// What the page posts: each field that may go on leaving, by name.
#[derive(Deserialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    posted: Posted,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

/// `POST /account/data/{id}/change`
pub(crate) async fn change(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(kept): Form<Kept>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (CHANGE, &id), &kept.posted);
    let Some((person, browser)) = form.await? else {
        return Ok(back(&portal));
    };
    let changing = Changing::find(&portal, &id, person).await?;
    let is_kept = |field: &&FieldName| kept.fields.contains_key(&format!("field-{field}"));
    let fields: Vec<FieldName> = changing
        .held
        .fields
        .iter()
        .filter(is_kept)
        .cloned()
        .collect();
    let exchange = changing.held.exchange;
    let narrowed = changing
        .desk
        .narrow(exchange, person, &fields, portal.clock.now());
    let narrowed = narrowed.await;
    let narrowed = narrowed.map_err(|fault| portal.fault("change a decision", &fault))?;
    match narrowed {
        Narrowed::Done => Ok(back(&portal)),
        Narrowed::Gone | Narrowed::NotTheirs => Err(gone()),
        Narrowed::NothingToDo => {
            let error = if fields.is_empty() {
                "change-nothing-left"
            } else {
                "change-nothing-taken"
            };
            let page = portal.answering(page, &format!("/account/data/{id}/change"));
            Ok(changing
                .page(&portal, page, &browser, Some(error))
                .into_response())
        }
    }
}

/// What there is to take away.
struct Changing<'a> {
    desk: &'a Desk,
    person: PersonId,
    held: Held,
}

impl<'a> Changing<'a> {
    /// Nobody else's, and only what stands and no law orders.
    async fn find(portal: &'a Portal, id: &str, person: PersonId) -> Result<Self, PageError> {
        let desk = portal.exchange.as_deref().ok_or_else(gone)?;
        let held = decision(portal, desk, id, person).await?;
        if held.standing != Standing::Open || !held.ask.may_be_refused() {
            return Err(gone());
        }
        Ok(Self { desk, person, held })
    }

    fn page(
        &self,
        portal: &Portal,
        page: PageContext,
        browser: &BrowserId,
        error: Option<&'static str>,
    ) -> Response {
        let (held, lang) = (&self.held, page.locale.tag());
        let evidence = held.ask.evidence_type();
        let field = |field: &FieldName| Field {
            name: format!("field-{field}"),
            label: self.desk.field_label(evidence, field, lang),
        };
        let fields: Vec<Field> = held.fields.iter().map(field).collect();
        let id = held.exchange.to_string();
        let data = context! {
            evidence => self.desk.evidence_label(evidence, lang),
            service => portal.service_name(&held.client),
            fields => Serde(&fields),
            error,
            csrf => portal.own_token(browser, self.person, (CHANGE, &id)),
            id,
        };
        let status = error.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        let page = portal.in_room(page, Room::Data);
        portal
            .pages
            .html_with(status, &page, "portal/data_change.html", data)
    }
}

/// The name of the form in its CSRF token.
const CHANGE: &str = "evidence-change";
