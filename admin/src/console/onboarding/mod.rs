//! The pages of onboarding: a team begins (`begin`), writes what it asks part by part (`parts`), tries out and
//! goes into production (`clients`); two persons review (`file`, `steps`). All of them work without script, and
//! whatever is typed is kept before anything is said about it.

mod begin;
mod clients;
mod compared;
mod file;
mod parts;
mod steps;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use guichet_web::{Form, Locale, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::Present;
use super::confirm::Confirmable;
use crate::ChangeError;
use crate::api::Api;
use crate::onboarding::{By, File, OnboardingError, Wrong};
use crate::people::{Action, Kind};

pub(super) use begin::FIRST_PAGE;

/// What is confirmed here.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&steps::Review, &clients::Produce];

/// Every path.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/onboarding", get(list).post(draft))
        .route(FIRST_PAGE, get(begin::show).post(begin::welcome))
        .route(
            "/onboarding/sandbox",
            get(clients::sandbox_form).post(clients::sandbox),
        )
        .route("/onboarding/{id}", get(file::show).post(steps::take))
        .route(
            "/onboarding/{id}/part/{part}",
            get(parts::show).post(parts::write),
        )
        .route(
            "/onboarding/{id}/production",
            get(clients::production_form).post(clients::production),
        )
}

/// The name of every form here, in its token.
const FORM: &str = "console-onboarding";

impl Present {
    /// As onboarding asks who it is.
    fn by(&self) -> By<'_> {
        By {
            member: &self.member,
            rights: &self.rights,
        }
    }
}

/// A file in the list.
#[derive(Serialize)]
struct FileRow {
    id: String,
    service: String,
    organisation: String,
    team: String,
    version: u32,
    state: &'static str,
    tone: &'static str,
    waits: bool,
}

impl FileRow {
    fn of(file: &File, by: &By<'_>) -> Option<Self> {
        let version = file.habilitation.latest()?;
        let state = version.standing.state();
        Some(Self {
            id: file.habilitation.id.to_string(),
            service: version.dossier.service.clone(),
            organisation: file.organisation.name.clone(),
            team: file.team.name.clone(),
            version: version.number,
            state: state.as_str(),
            tone: file::tone(state),
            waits: file
                .may(guichet_domain::habilitation::StepKind::Sign, by)
                .is_ok(),
        })
    }
}

/// A team, and what it tries out.
#[derive(Serialize)]
struct TeamRow {
    id: String,
    name: String,
    clients: Vec<ClientRow>,
}

#[derive(Serialize)]
struct ClientRow {
    id: String,
    name: String,
    sandbox: bool,
    active: bool,
}

/// `GET /onboarding`
async fn list(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let (by, refused) = (present.by(), |error| refused(&api, &present, error));
    let files = api.onboarding.files(&by).await.map_err(refused)?;
    let files: Vec<FileRow> = files
        .iter()
        .filter_map(|file| FileRow::of(file, &by))
        .collect();
    let may = (Action::Add, Kind::Sandbox);
    let teams = api.onboarding.teams_of(&by, may).await.map_err(refused)?;
    let clients = api.onboarding.clients.registry.clients().await;
    let clients = clients.map_err(|fault| console.fault("read clients", &fault))?;
    // Whoever operates the hub has every team: they come by its file.
    let is_of_a_team = present
        .rights
        .seats()
        .iter()
        .any(|seat| seat.role.is_of_team());
    let teams = teams.iter().filter(|_| is_of_a_team).map(|team| TeamRow {
        id: team.id.to_string(),
        name: team.name.clone(),
        clients: clients
            .iter()
            .filter(|client| team.clients.contains(&client.id))
            .map(|client| ClientRow {
                id: client.id.to_string(),
                name: client.name.clone(),
                sandbox: client.is_sandbox(),
                active: client.active,
            })
            .collect(),
    });
    let teams: Vec<TeamRow> = teams.collect();
    let (browser, _) = console.browser(&headers)?;
    let data = context! {
        files => Serde(&files),
        teams => Serde(&teams),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/onboarding");
    Ok(console
        .pages
        .html(&page, "admin/onboarding/files.html", data))
}

/// For which team.
#[derive(Deserialize)]
struct Begin {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    team: String,
}

/// `POST /onboarding`: a draft is begun.
async fn draft(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    Form(posted): Form<Begin>,
) -> Result<Response, PageError> {
    let present = api.console.own_form(&headers, FORM, &posted.csrf).await?;
    let team = posted.team.parse();
    let team = team.map_err(|_| refused(&api, &present, OnboardingError::Unknown))?;
    let begun = api.onboarding.begin(&team, None, &present.by()).await;
    let file = begun.map_err(|error| refused(&api, &present, error))?;
    let first = format!("/onboarding/{}/part/service", file.habilitation.id);
    Ok(Redirect::to(&first).into_response())
}

/// What is wrong, in words, by field; of every field named, nothing where nothing is.
fn in_words<'a>(
    api: &Api,
    locale: Locale,
    wrongs: &[Wrong],
    named: impl IntoIterator<Item = &'a str>,
) -> HashMap<String, String> {
    let pages = &api.console.pages;
    let named = named
        .into_iter()
        .map(|name| (name.to_owned(), String::new()));
    let mut words: HashMap<String, String> = named.collect();
    words.extend(wrongs.iter().map(|wrong| {
        let text = pages.text(locale, wrong.text, &[]);
        (wrong.member.clone(), text)
    }));
    words
}

/// No, as a page; what is not theirs to do is on record.
fn refused(api: &Api, present: &Present, error: OnboardingError) -> PageError {
    use guichet_domain::habilitation::NotNow;
    let console = &api.console;
    let (status, text) = match error {
        OnboardingError::Unknown => (StatusCode::NOT_FOUND, "onboarding-gone"),
        OnboardingError::Forbidden => {
            console
                .door
                .note_refused(&present.actor(), Action::Change, Kind::Habilitation);
            (StatusCode::FORBIDDEN, "console-forbidden")
        }
        OnboardingError::NotNow(why) => {
            console
                .door
                .note_refused(&present.actor(), Action::Change, Kind::Review);
            let text = match why {
                NotNow::State | NotNow::Outdated => "onboarding-not-now",
                NotNow::Involved => "onboarding-involved",
                NotNow::Twice => "onboarding-twice",
                NotNow::SameHand => "onboarding-same-hand",
            };
            (StatusCode::CONFLICT, text)
        }
        OnboardingError::Wrong(_) => (StatusCode::UNPROCESSABLE_ENTITY, "onboarding-unfinished"),
        OnboardingError::Overtaken => (StatusCode::CONFLICT, "console-overtaken"),
        OnboardingError::TooMany => (StatusCode::CONFLICT, "onboarding-too-many"),
        OnboardingError::Client(ChangeError::Overtaken(..)) => {
            (StatusCode::CONFLICT, "console-overtaken")
        }
        OnboardingError::Client(ChangeError::Client(_) | ChangeError::Invalid(_)) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "onboarding-no-such-client",
        ),
        OnboardingError::Client(error) => return console.fault("register a client", &error),
        OnboardingError::Fault(fault) => return console.fault("keep a habilitation", &fault),
    };
    PageError::new(status, text).with_way_back("/onboarding", None)
}
