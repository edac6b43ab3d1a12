//! A habilitation as its team and its reviewers see it: where it is, what is asked, what changed, what was said,
//! what can be done now.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::habilitation::{
    Difference, Granted, State as Stage, StepKind, Version, differences,
};
use guichet_web::{PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{FORM, in_words, refused};
use crate::api::Api;
use crate::console::Present;
use crate::onboarding::{File, Part, Wrong};
use crate::people::{Action, Kind};

/// A line of what is asked.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    name: Name,
    lines: Vec<String>,
}

/// A line that is not the same.
#[derive(Serialize)]
struct Changed {
    #[serde(flatten)]
    name: Name,
    before: Vec<String>,
    after: Vec<String>,
}

/// What a line is called: a text, and the names that go with it.
#[derive(Serialize)]
struct Name {
    label: String,
    codes: Vec<String>,
}

impl Name {
    fn of(name: &str) -> Self {
        let mut words = name.split(' ').map(str::to_owned);
        let first = words.next().unwrap_or_default();
        let codes: Vec<String> = words.collect();
        match (first.as_str(), codes.as_slice()) {
            ("contact", [role]) => Self {
                label: format!("onboarding-contact-{role}"),
                codes: Vec::new(),
            },
            (_, []) => Self {
                label: format!("onboarding-line-{first}"),
                codes,
            },
            _ => Self {
                label: format!("onboarding-asked-{first}"),
                codes,
            },
        }
    }
}

fn split(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// What was done, and said with it.
#[derive(Serialize)]
struct Said {
    version: u32,
    step: &'static str,
    by: String,
    at: i64,
    text: Vec<String>,
}

/// A version in the list of them.
#[derive(Serialize)]
struct VersionRow {
    number: u32,
    state: &'static str,
    tone: &'static str,
}

/// A service that lives by it.
#[derive(Serialize)]
struct ServiceRow {
    id: String,
    name: String,
    active: bool,
}

/// `GET /onboarding/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let file = api.onboarding.file(&id, &present.by()).await;
    let file = file.map_err(|error| refused(&api, &present, error))?;
    render(&api, page, &headers, (&present, &file), ("", &[])).await
}

/// The page, with what somebody typed who is to type it again.
pub(super) async fn render(
    api: &Api,
    page: PageContext,
    headers: &HeaderMap,
    (present, file): (&Present, &File),
    (typed, wrongs): (&str, &[Wrong]),
) -> Result<Response, PageError> {
    let console = &api.console;
    let by = present.by();
    let gone = || refused(api, present, crate::onboarding::OnboardingError::Unknown);
    let version = file.habilitation.latest().ok_or_else(gone)?;
    let clients = api.onboarding.clients_of(&file.habilitation).await;
    let clients = clients.map_err(|error| refused(api, present, error))?;
    let clients: Vec<ServiceRow> = clients
        .iter()
        .map(|client| ServiceRow {
            id: client.id.to_string(),
            name: client.name.clone(),
            active: client.active,
        })
        .collect();
    let steps = StepKind::ALL
        .into_iter()
        .filter(|step| file.may(*step, &by).is_ok());
    let steps: Vec<&str> = steps.map(StepKind::as_str).collect();
    let contacts = api.onboarding.contacts_of(&file.habilitation, version);
    let missing = api.onboarding.wrongs(&version.dossier, &contacts);
    let parts = Part::ALL.map(|part| {
        let is_sound = !missing.iter().any(|wrong| part.holds(&wrong.member));
        (part.as_str(), is_sound)
    });
    let tag = crate::onboarding::tag_of(version);
    let tag = tag.map_err(|fault| console.fault("read a habilitation", &fault))?;
    let state = version.standing.state();
    let (browser, _) = console.browser(headers)?;
    let is_granted = file.habilitation.granted().is_some();
    let may_go = present
        .rights
        .may(Action::Add, Kind::Production, &file.place());
    let lines = lines_of(api, file, version)
        .into_iter()
        .map(|(name, text)| Line {
            name: Name::of(&name),
            lines: split(&text),
        });
    let lines: Vec<Line> = lines.collect();
    let changed = differences_of(api, file).into_iter().map(|it| Changed {
        name: Name::of(&it.name),
        before: split(it.before.as_deref().unwrap_or("–")),
        after: split(it.after.as_deref().unwrap_or("–")),
    });
    let changed: Vec<Changed> = changed.collect();
    let is_own = |step: &&str| matches!(*step, "submit" | "take_back" | "renew");
    let is_said = |step: &&str| !is_own(step) && !matches!(*step, "edit" | "sign");
    let data = context! {
        own => Serde(steps.iter().copied().filter(is_own).collect::<Vec<_>>()),
        says => Serde(steps.iter().copied().filter(is_said).collect::<Vec<_>>()),
        id => file.habilitation.id.as_str(),
        service => version.dossier.service.as_str(),
        organisation => file.organisation.name.as_str(),
        legal_id => file.organisation.legal_id.clone().unwrap_or_default(),
        team => file.team.name.as_str(),
        number => version.number,
        state => state.as_str(),
        tone => tone(state),
        signatures => version.standing.signatures().len(),
        granted_entry => file.habilitation.registered().map(|(_, granted)| granted.entry),
        elsewhere => version.standing.granted().and_then(Granted::elsewhere).map(Serde),
        lines => Serde(&lines),
        differences => Serde(&changed),
        before => before(file).map(|version| version.number),
        versions => Serde(versions(file)),
        said => Serde(said(file)),
        steps => Serde(&steps),
        parts => Serde(parts),
        complete => missing.is_empty(),
        clients => Serde(&clients),
        may_go => may_go && is_granted,
        typed,
        errors => Serde(in_words(api, page.locale, wrongs, ["text"])),
        tag,
        csrf => console.form_token(&browser, FORM, present),
    };
    let page = console.page(page, present, "/onboarding");
    let mut answer = console
        .pages
        .html(&page, "admin/onboarding/file.html", data);
    if !wrongs.is_empty() {
        *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(answer)
}

/// What a version asks, contacts included, line by line.
fn lines_of(api: &Api, file: &File, version: &Version) -> Vec<(String, String)> {
    let mut lines = version.dossier.lines();
    let contacts = api.onboarding.contacts_of(&file.habilitation, version);
    lines.extend(contacts.lines());
    lines
}

/// The version that the latest is compared with: the one that was granted last, or the one before it.
fn before(file: &File) -> Option<&Version> {
    let latest = file.habilitation.latest()?;
    let earlier = |version: &&Version| version.number < latest.number;
    let granting = file.habilitation.granting().filter(earlier);
    granting.or_else(|| file.habilitation.versions.iter().rev().find(earlier))
}

/// What changed since then.
pub(super) fn differences_of(api: &Api, file: &File) -> Vec<Difference> {
    match (before(file), file.habilitation.latest()) {
        (Some(before), Some(latest)) => {
            differences(&lines_of(api, file, before), &lines_of(api, file, latest))
        }
        _ => Vec::new(),
    }
}

fn versions(file: &File) -> Vec<VersionRow> {
    let rows = file
        .habilitation
        .versions
        .iter()
        .rev()
        .map(|version| VersionRow {
            number: version.number,
            state: version.standing.state().as_str(),
            tone: tone(version.standing.state()),
        });
    rows.collect()
}

/// Newest first.
fn said(file: &File) -> Vec<Said> {
    let mut all: Vec<Said> = Vec::new();
    for version in &file.habilitation.versions {
        all.extend(version.remarks.iter().map(|remark| Said {
            version: version.number,
            step: remark.step.as_str(),
            by: remark.by.to_string(),
            at: remark.at.millis(),
            text: split(&remark.text),
        }));
    }
    all.sort_by_key(|said| std::cmp::Reverse(said.at));
    all
}

/// How a state is coloured; its name stands beside it.
pub(super) const fn tone(state: Stage) -> &'static str {
    match state {
        Stage::Draft | Stage::Superseded => "neutral",
        Stage::Submitted => "accent",
        Stage::ChangesRequested | Stage::Suspended => "warning",
        Stage::Validated => "success",
        Stage::Refused | Stage::Revoked => "error",
    }
}
