//! `/account/rights/ask/{right}` and `/account/rights/requests/{id}`: a citizen has something put right or erased,
//! objects, or complains; and follows what becomes of it. Their own alone (threat N-290).

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{AuditEvent, BrowserId, EventKind, PersonId};
use guichet_store::durable::RightKind;
use guichet_web::{Form, Locale, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::addressee::Addressee;
use super::holdings::Holdings;
use super::leaving;
use super::office::{LONGEST, OpenedRequest, is_late, is_settled};
use crate::Portal;
use crate::account::{Posted, not_found, with_cookie};
use crate::nav::Room;

/// A request as pages show it.
#[derive(Serialize)]
pub(super) struct Shown {
    id: String,
    kind: &'static str,
    to: String,
    /// `asked`, `late`, `passed_on`, `done`, `refused` or `withdrawn`: the end of a text's name.
    state: &'static str,
    /// When it came to that.
    at: i64,
    made: i64,
    due: i64,
    is_settled: bool,
    statement: String,
    answer: String,
    /// How the addressee deals with it: the end of a text's name.
    how: &'static str,
    page: Option<String>,
}

impl Shown {
    fn of(portal: &Portal, opened: OpenedRequest, locale: Locale) -> Self {
        let request = opened.request;
        let to = Addressee::parse(&request.addressee).unwrap_or(Addressee::Hub);
        let is_settled = is_settled(&request);
        let late = is_late(&request, portal.clock.now());
        let (state, at) = match &request.answer {
            Some(answer) if is_settled || !late => (answer.outcome.as_str(), answer.at),
            _ if late => ("late", request.due),
            _ => ("asked", request.made),
        };
        Self {
            id: request.id.to_string(),
            kind: request.kind.as_str(),
            to: portal.addressee_name(&to, locale),
            state,
            at: at.millis(),
            made: request.made.millis(),
            due: request.due.millis(),
            is_settled,
            statement: opened.statement,
            answer: opened.answer,
            how: to.kind(),
            page: portal.addressee_page(&to),
        }
    }
}

impl Portal {
    /// What a citizen asked, the newest first.
    pub(super) async fn asked(
        &self,
        person: PersonId,
        locale: Locale,
    ) -> Result<Vec<Shown>, PageError> {
        let all = self.rights.of(person).await;
        let all = all.map_err(|fault| self.fault("read a citizen's requests", &fault))?;
        Ok(all
            .into_iter()
            .map(|it| Shown::of(self, it, locale))
            .collect())
    }

    async fn own_request(&self, person: PersonId, id: &str) -> Result<OpenedRequest, PageError> {
        let own = self.rights.own(person, id).await;
        let own = own.map_err(|fault| self.fault("read a citizen's request", &fault))?;
        own.ok_or_else(not_found)
    }
}

/// `GET /account/rights/ask/{right}`
pub(crate) async fn form(
    State(portal): State<Portal>,
    Path(right): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let kind = RightKind::of_word(&right).ok_or_else(not_found)?;
    let (browser, cookie) = portal.browser(&headers)?;
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(to_rights(&portal));
    };
    let draft = Draft {
        kind,
        to: "",
        statement: "",
        error: None,
    };
    let answer = draft.page(&portal, page, &browser, person).await?;
    Ok(with_cookie(answer, cookie))
}

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    to: String,
    #[serde(default)]
    statement: String,
    #[serde(flatten)]
    posted: Posted,
}

/// `POST /account/rights/ask/{right}`
pub(crate) async fn ask(
    State(portal): State<Portal>,
    Path(right): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Result<Response, PageError> {
    let kind = RightKind::of_word(&right).ok_or_else(not_found)?;
    let form = portal.own_form(&headers, (ASK, kind.as_str()), &asked.posted);
    let Some((person, browser)) = form.await? else {
        return Ok(to_rights(&portal));
    };
    let fault = |fault| portal.fault("keep a citizen's request", &fault);
    let statement = asked.statement.trim();
    let offered = portal.addressees(person, kind).await.map_err(fault)?;
    let to = match kind {
        RightKind::Complaint => Some(Addressee::Authority),
        _ => Addressee::parse(&asked.to).filter(|to| offered.contains(to)),
    };
    let error = match &to {
        None => Some("rights-ask-no-addressee"),
        Some(_) if statement.is_empty() => Some("rights-ask-no-statement"),
        Some(_) if statement.chars().count() > LONGEST => Some("rights-ask-too-long"),
        Some(_) => None,
    };
    let mut draft = Draft {
        kind,
        to: &asked.to,
        statement,
        error,
    };
    let page = portal.answering(page, &format!("/account/rights/ask/{}", kind.as_str()));
    let (None, Some(to)) = (error, to) else {
        return draft.page(&portal, page, &browser, person).await;
    };
    let kept = portal.rights.ask(person, kind, to.text(), statement).await;
    if let Some(id) = kept.map_err(fault)? {
        let path = format!("/account/rights/requests/{id}");
        return Ok(Redirect::to(&portal.path(&path)).into_response());
    }
    draft.error = Some("rights-ask-too-many");
    draft.page(&portal, page, &browser, person).await
}

/// What a form holds.
struct Draft<'a> {
    kind: RightKind,
    to: &'a str,
    statement: &'a str,
    error: Option<&'static str>,
}

impl Draft<'_> {
    async fn page(
        &self,
        portal: &Portal,
        page: PageContext,
        browser: &BrowserId,
        person: PersonId,
    ) -> Result<Response, PageError> {
        let offered = portal.addressees(person, self.kind).await;
        let offered = offered.map_err(|fault| portal.fault("read who knows a citizen", &fault))?;
        let complains = self.kind == RightKind::Complaint;
        let data = context! {
            kind => self.kind.as_str(),
            complains,
            offered => Serde(&portal.choices(&offered, page.locale)),
            to => self.to,
            statement => self.statement,
            error => self.error,
            authority => portal.addressee_name(&Addressee::Authority, page.locale),
            csrf => portal.own_token(browser, person, (ASK, self.kind.as_str())),
        };
        let status = match self.error {
            None => StatusCode::OK,
            Some(_) => StatusCode::BAD_REQUEST,
        };
        let page = portal.in_room(page, Room::Rights);
        let pages = &portal.pages;
        Ok(pages.html_with(status, &page, "portal/rights_ask.html", data))
    }
}

/// `GET /account/rights/requests/{id}`
pub(crate) async fn show(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(to_rights(&portal));
    };
    let own = portal.own_request(person, &id).await?;
    let complains = own.request.kind == RightKind::Complaint;
    let data = context! {
        request => Serde(&Shown::of(&portal, own, page.locale)),
        complains,
        withdraw => portal.own_token(&browser, person, (WITHDRAW, &id)),
        bundle => portal.own_token(&browser, person, (BUNDLE, &id)),
    };
    let page = portal.in_room(page, Room::Rights);
    let answer = portal.pages.html(&page, "portal/rights_request.html", data);
    Ok(with_cookie(answer, cookie))
}

/// `POST /account/rights/requests/{id}/withdraw`
pub(crate) async fn withdraw(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (WITHDRAW, &id), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(to_rights(&portal));
    };
    let own = portal.own_request(person, &id).await?;
    if !is_settled(&own.request) {
        let withdrawn = portal.rights.withdraw(&own.request).await;
        withdrawn.map_err(|fault| portal.fault("take a request back", &fault))?;
    }
    let path = format!("/account/rights/requests/{id}");
    Ok(Redirect::to(&portal.path(&path)).into_response())
}

/// `POST /account/rights/requests/{id}/bundle`: what goes with a complaint to the authority: what is complained
/// about, every other request with its answers, and everything that is held, signed by the hub.
pub(crate) async fn bundle(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (BUNDLE, &id), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(to_rights(&portal));
    };
    let own = portal.own_request(person, &id).await?;
    if own.request.kind != RightKind::Complaint {
        return Err(not_found());
    }
    let complaint = json!({
        "complaint": own.statement,
        "made_at": own.request.made.to_string(),
        "to": portal.addressee_name(&Addressee::Authority, page.locale),
        "about": portal.addressee_name(&Addressee::Hub, page.locale),
        "contact": portal.authority.contact,
        "processing_register": format!("{}/processing-register", portal.engine.issuer()),
    });
    let place = portal.place_to_pack(person)?;
    let mut holdings = Holdings::of(&portal, person, &headers, page.locale).await?;
    holdings.first("complaint.json", &complaint);
    let event = AuditEvent::new(EventKind::ComplaintMade, portal.clock.now()).person(person);
    let event = event.detail("request", own.request.id);
    leaving::archive(&portal, (holdings, place), event, "guichet-complaint.zip").await
}

/// Every request, for the archive.
pub(super) fn as_json(shown: &[Shown]) -> Value {
    let time = |millis: i64| guichet_domain::Timestamp::from_millis(millis).to_string();
    let one = |it: &Shown| {
        json!({
            "right": it.kind,
            "to": it.to,
            "statement": it.statement,
            "made_at": time(it.made),
            "due": time(it.due),
            "state": it.state,
            "since": time(it.at),
            "answer": it.answer,
        })
    };
    json!({ "requests": shown.iter().map(one).collect::<Vec<_>>() })
}

fn to_rights(portal: &Portal) -> Response {
    Redirect::to(&portal.path("/account/rights")).into_response()
}

/// The names of the forms in their CSRF tokens.
const ASK: &str = "rights-ask";
const WITHDRAW: &str = "rights-withdraw";
const BUNDLE: &str = "rights-bundle";
