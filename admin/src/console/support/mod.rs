//! `/support`: what a citizen reads out opens a case, named by it; below it what can be done. Each look is on record
//! before the page is made (`admin` support/look.rs); what is dangerous goes through `confirm`.

mod acts;
mod shown;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use guichet_domain::BrowserId;
use guichet_keys::same;
use guichet_web::{
    Form, LocalPath, PageContext, PageError, Purpose as FormPurpose, Query, Serde, context,
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::confirm::Confirmable;
use super::reasons::because;
use super::{Console, Present};
use crate::api::Api;
use crate::people::{Action, Kind, Place};
use crate::support::{Handle, Purpose, SupportError, Why};

use shown::Teller;

/// What is confirmed here.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&acts::Freeze, &acts::Propose, &acts::Settle];

pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route(PATH, get(show).post(open))
        .route("/support/{handle}", get(case).post(acts::act))
        .route("/support/corrections/{id}", post(acts::settle))
}

const PATH: &str = "/support";
const FORM: &str = "console-support";
/// The name of a case in the seal of its address.
const CASE: &str = "console-support-case";

/// What the address says was done.
#[derive(Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// `GET /support`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
    Query(done): Query<Done>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    may(console, &present, Action::Read, Kind::Support)?;
    let (browser, _) = console.browser(&headers)?;
    let proposals = api.support.proposals().await;
    let proposals = proposals.map_err(|fault| console.fault("read proposals", &fault))?;
    let by = present.actor().to_string();
    let proposals: Vec<_> = proposals
        .iter()
        .map(|it| shown::proposal(it, &by))
        .collect();
    let data = context! {
        purposes => Serde(&purposes(console, &page)),
        proposals => Serde(&proposals),
        may_settle => present.rights.may(Action::Change, Kind::Correction, &Place::Hub),
        done => acts::DONE.iter().copied().find(|it| *it == done.done),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/support.html", data))
}

/// What is looked for, and why.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    handle: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    ticket: String,
}

/// `POST /support`: to the case; nothing is looked at yet.
pub(super) async fn open(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    may(console, &present, Action::Read, Kind::Support)?;
    let why = Why::new(&posted.purpose, &posted.ticket);
    let why = why.map_err(|invalid| told(console, &invalid.into(), PATH))?;
    let handle = Handle::parse(&posted.handle);
    let handle = handle.ok_or_else(|| told(console, &SupportError::Nothing, PATH))?;
    let (browser, _) = console.browser(&headers)?;
    let address = Case { handle, why }.address(console, &browser, &present);
    Ok(Redirect::to(&address).into_response())
}

/// A case: what was read out, and why it is looked at.
struct Case {
    handle: Handle,
    why: Why,
}

/// The rest of its address.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Brought {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    seal: String,
}

impl Case {
    /// Where it is, for this member at this browser: an address that somebody else made opens nothing, so that
    /// nobody is led to look, and no look is put to their name (threat N-345).
    fn address(&self, console: &Console, browser: &BrowserId, by: &Present) -> String {
        let seal = self.seal(console, browser, by);
        let query = Serializer::new(String::new())
            .append_pair("purpose", self.why.purpose.as_str())
            .append_pair("ticket", &self.why.ticket)
            .append_pair("seal", &seal)
            .finish();
        format!("{PATH}/{}?{query}", self.handle)
    }

    fn seal(&self, console: &Console, browser: &BrowserId, by: &Present) -> String {
        let (purpose, ticket) = (self.why.purpose.as_str(), &self.why.ticket);
        let case = format!("{}.{}.{purpose}.{ticket}", by.member.id, self.handle);
        console.csrf.token(browser, FormPurpose::new(CASE, &case))
    }

    /// The case of an address that was made here.
    fn of(
        console: &Console,
        (browser, by): (&BrowserId, &Present),
        handle: &str,
        brought: &Brought,
    ) -> Option<Self> {
        let handle = Handle::parse(handle)?;
        let why = Why::new(&brought.purpose, &brought.ticket).ok()?;
        let case = Self { handle, why };
        let seal = case.seal(console, browser, by);
        same(seal.as_bytes(), brought.seal.as_bytes()).then_some(case)
    }
}

/// `GET /support/{handle}`: the case. That it is looked at is on record first.
pub(super) async fn case(
    State(api): State<Arc<Api>>,
    Path(handle): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    may(console, &present, Action::Read, Kind::Support)?;
    let (browser, _) = console.browser(&headers)?;
    let Some(case) = Case::of(console, (&browser, &present), &handle, &brought) else {
        return Ok(Redirect::to(PATH).into_response());
    };
    let looked = api
        .support
        .look(case.handle.as_str(), &case.why, &present.actor())
        .await;
    let looked = looked.map_err(|error| told(console, &error, PATH))?;
    let teller = Teller::of(&api, page.locale);
    let teller = teller
        .await
        .map_err(|fault| console.fault("read what is registered", &fault))?;
    let data = context! {
        handle => looked.handle.as_str(),
        purpose => brought.purpose.as_str(),
        ticket => brought.ticket.as_str(),
        seal => brought.seal.as_str(),
        known => looked.known,
        steps => Serde(&looked.steps.iter().map(|it| teller.line(it)).collect::<Vec<_>>()),
        hides => looked.steps.iter().any(|it| it.hidden),
        barred => Serde(&looked.barred.iter().map(shown::barred).collect::<Vec<_>>()),
        asked => Serde(&looked.asked.map(|it| shown::asked(&it))),
        opened => Serde(&looked.opened.as_ref().map(|it| teller.opened(it))),
        opened_rows => Serde(&looked.opened.as_ref().map(|it| teller.rows(it))),
        opened_names => Serde(&looked.opened.as_ref().map(shown::names)),
        may_act => present.rights.may(Action::Change, Kind::Support, &Place::Hub),
        may_propose => present.rights.may(Action::Add, Kind::Correction, &Place::Hub),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = match LocalPath::parse(&case.address(console, &browser, &present)) {
        Some(here) => page.at(here),
        None => page,
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/support_case.html", data))
}

/// A choice of a drop-down.
#[derive(serde::Serialize)]
struct Choice {
    value: &'static str,
    label: String,
}

fn purposes(console: &Console, page: &PageContext) -> Vec<Choice> {
    let choice = |purpose: Purpose| Choice {
        value: purpose.as_str(),
        label: console.pages.text(
            page.locale,
            &format!("console-support-purpose-{}", purpose.as_str()),
            &[],
        ),
    };
    Purpose::ALL.into_iter().map(choice).collect()
}

/// Whether they may; what they may not is on record.
fn may(console: &Console, by: &Present, action: Action, kind: Kind) -> Result<(), PageError> {
    if by.rights.may(action, kind, &Place::Hub) {
        return Ok(());
    }
    console.door.note_refused(&by.actor(), action, kind);
    Err(Console::forbidden())
}

/// Why not, as a page.
fn told(console: &Console, error: &SupportError, back: &str) -> PageError {
    let page = |status, text| PageError::new(status, text).with_way_back(back, None);
    match error {
        SupportError::Nothing => page(StatusCode::NOT_FOUND, "console-support-nothing"),
        SupportError::TooMany => page(StatusCode::TOO_MANY_REQUESTS, "console-support-too-many"),
        SupportError::Nobody => page(StatusCode::CONFLICT, "console-support-nobody"),
        SupportError::Enough => page(StatusCode::CONFLICT, "console-support-enough"),
        SupportError::Invalid(invalid) => because(
            page(StatusCode::BAD_REQUEST, "console-support-invalid"),
            "what",
            &invalid.reason,
        ),
        SupportError::Declined(why) => page(StatusCode::CONFLICT, "console-support-declined")
            .with_argument("what", why.clone()),
        SupportError::Fault(fault) => console.fault("support", fault),
    }
}
