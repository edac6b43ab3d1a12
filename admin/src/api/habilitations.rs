//! What organisations ask for, and the clients that teams try out: for programs of teams. Signing is a person's:
//! that is done at the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use guichet_domain::HabilitationId;
use guichet_domain::habilitation::{Dossier, NotNow, Remark, StepKind};
use guichet_web::Locale;
use http::{HeaderMap, StatusCode, Uri};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::Caller;
use super::conditions::{answered, expected, meets, overtaken, shown_to};
use super::intake::{Brought, JSON};
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::{Problem, faulty};
use crate::Expected;
use crate::onboarding::{By, Contacts, File, NewClient, OnboardingError, Wish, tag_of_all};
use crate::people::{Action, Kind};

/// A habilitation as a team's program writes it.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// The team that asks; it never changes.
    team: String,
    /// What is asked.
    dossier: Dossier,
    /// Whom to write to.
    #[serde(default)]
    contacts: Contacts,
}

/// A habilitation.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Its identifier.
    id: String,
    /// The legal entity.
    organisation: String,
    /// The team that asks.
    team: String,
    /// The number of its latest version.
    version: u32,
    /// Where that is.
    state: String,
    /// What it asks.
    dossier: Dossier,
    /// Whom to write to.
    contacts: Contacts,
    /// Scopes granted at this moment; nothing while nothing is.
    granted: Option<String>,
    /// Why two persons did not sign its latest version: a review tool outside approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_elsewhere: Option<ApprovedElsewhere>,
    /// What was done, oldest first.
    steps: Vec<Taken>,
}

/// A review tool's word.
#[derive(Serialize, JsonSchema)]
struct ApprovedElsewhere {
    /// Which tool.
    tool: String,
    /// The name of the habilitation there.
    reference: String,
    /// Who decided there; nothing where the tool does not say.
    by: String,
    /// When (RFC 3339).
    at: String,
}

/// A step that was taken.
#[derive(Serialize, JsonSchema)]
struct Taken {
    /// Which.
    step: StepKind,
    /// By whom.
    by: String,
    /// When (RFC 3339).
    at: String,
    /// What was said.
    text: String,
}

/// A client for trying out.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SandboxMetadata {
    /// The team that looks after it.
    team: String,
    /// The name citizens see.
    name: String,
    /// Where answers may go.
    redirect_uris: Vec<String>,
    /// `standard` (default) or `franceconnect`.
    #[serde(default = "standard")]
    profile: String,
}

fn standard() -> String {
    "standard".to_owned()
}

/// It was made.
#[derive(Serialize, JsonSchema)]
struct SandboxMade {
    /// Its identifier.
    client_id: String,
    /// Its secret, this once.
    client_secret: Option<String>,
    /// The hub.
    issuer: String,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let draft = schemas.subschema_for::<Draft>();
    let shown = schemas.subschema_for::<Shown>();
    let page = schemas.subschema_for::<Page<Shown>>();
    let sandbox = schemas.subschema_for::<SandboxMetadata>();
    let made = schemas.subschema_for::<SandboxMade>();
    vec![
        Operation::new(
            ("get", "/habilitations"),
            "list_habilitations",
            "Lists what is asked and granted, as far as you may see it",
            list,
        )
        .right(Action::Read, Kind::Habilitation)
        .paged()
        .gives(200, Some(page)),
        Operation::new(
            ("get", "/habilitations/{id}"),
            "show_habilitation",
            "Shows a habilitation with its latest version",
            show,
        )
        .right(Action::Read, Kind::Habilitation)
        .tagged()
        .gives(200, Some(shown.clone())),
        Operation::new(
            ("put", "/habilitations/{id}"),
            "write_habilitation",
            "Writes a draft under this identifier, the same however often it is asked; whatever stands in it is kept, and judged when it is submitted",
            put,
        )
        .right(Action::Change, Kind::Habilitation)
        .conditional()
        .tagged()
        .takes(JSON, draft)
        .gives(200, Some(shown.clone()))
        .gives(201, Some(shown.clone())),
        Operation::new(
            ("post", "/habilitations/{id}/submit"),
            "submit_habilitation",
            "Sends a draft to the reviewers: two persons sign at the console",
            submit,
        )
        .right(Action::Change, Kind::Habilitation)
        .gives(200, Some(shown)),
        Operation::new(
            ("put", "/sandbox-clients/{id}"),
            "make_sandbox_client",
            "Makes a client for trying out, good at once; its identifier begins with c-",
            sandbox_client,
        )
        .right(Action::Add, Kind::Sandbox)
        .takes(JSON, sandbox)
        .gives(201, Some(made)),
    ]
}

async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Page<Shown>>, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Habilitation)?;
    let paging = Paging::of(&uri)?;
    let files = api.onboarding.files(&by(&caller)).await;
    let files = files.map_err(|error| said(&api, &caller, error))?;
    Ok(Json(Page::of(
        files.into_iter(),
        &paging,
        |file| file.habilitation.id.as_str(),
        |file| shown(&api, file),
    )))
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Habilitation)?;
    let file = api.onboarding.file(&id, &by(&caller)).await;
    let file = file.map_err(|error| said(&api, &caller, error))?;
    Ok(shown_to(&headers, &tag(&api, &file)?, &shown(&api, &file)))
}

async fn put(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Change, Kind::Habilitation)?;
    let draft: Draft = brought.json().await?;
    let no = |error| said(&api, &caller, error);
    let named: Result<HabilitationId, _> = id.parse();
    let named = named.ok().filter(|it| it.as_str().starts_with("h-"));
    let named = named.ok_or_else(|| {
        Problem::said(
            StatusCode::UNPROCESSABLE_ENTITY,
            "an identifier here begins with h-",
        )
    })?;
    let by = by(&caller);
    let expected = expected(&headers)?;
    let (known, status) = match api.onboarding.file(&id, &by).await {
        Ok(file) if file.team.id.as_str() == draft.team => {
            meets(&expected, Some(&tag(&api, &file)?))?;
            if draft.is(&api, &file) {
                return answer(&api, StatusCode::OK, &file);
            }
            if expected == Expected::Unstated {
                return Err(Problem::unstated());
            }
            (file, StatusCode::OK)
        }
        Ok(_) => {
            let detail = "the team of a habilitation never changes";
            return Err(Problem::pointed(
                StatusCode::UNPROCESSABLE_ENTITY,
                "team",
                detail,
            ));
        }
        Err(OnboardingError::Unknown) => {
            meets(&expected, None)?;
            let team = draft.team.parse().map_err(|_| Problem::unknown())?;
            let begun = api.onboarding.begin(&team, Some(named), &by).await;
            (begun.map_err(no)?, StatusCode::CREATED)
        }
        Err(error) => return Err(no(error)),
    };
    // Whoever comes in between is not written over.
    let tag = tag(&api, &known)?;
    let wish = Wish::Put(Box::new(draft.dossier), Box::new(draft.contacts), tag);
    let file = api.onboarding.take(&id, &wish, &by).await;
    let file = file.map_err(|error| match error {
        OnboardingError::Overtaken => overtaken(),
        error => no(error),
    })?;
    answer(&api, status, &file)
}

impl Draft {
    /// Whether it says what stands there already.
    fn is(&self, api: &Api, file: &File) -> bool {
        file.habilitation.latest().is_some_and(|version| {
            version.dossier == self.dossier
                && api.onboarding.contacts_of(&file.habilitation, version) == self.contacts
        })
    }
}

async fn submit(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    caller.somewhere(&api, Action::Change, Kind::Habilitation)?;
    let file = api.onboarding.take(&id, &Wish::Submit, &by(&caller)).await;
    let file = file.map_err(|error| said(&api, &caller, error))?;
    Ok(Json(shown(&api, &file)))
}

async fn sandbox_client(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Add, Kind::Sandbox)?;
    let asked: SandboxMetadata = brought.json().await?;
    let new = NewClient {
        id,
        name: asked.name,
        redirect_uris: asked.redirect_uris,
        profile: asked.profile,
        ..NewClient::default()
    };
    let made = api
        .onboarding
        .sandbox(&asked.team, &new, &by(&caller))
        .await;
    let made = made.map_err(|error| said(&api, &caller, error))?;
    let body = SandboxMade {
        client_id: made.metadata.client_id,
        client_secret: made.secret,
        issuer: api.onboarding.issuer.clone(),
    };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

fn answer(api: &Api, status: StatusCode, file: &File) -> Result<Response, Problem> {
    Ok(answered(status, &tag(api, file)?, &shown(api, file)))
}

/// What tells it from the same after any step.
fn tag(api: &Api, file: &File) -> Result<String, Problem> {
    tag_of_all(&file.habilitation).map_err(faulty(api, "tag a habilitation"))
}

fn by(caller: &Caller) -> By<'_> {
    By {
        member: &caller.member,
        rights: &caller.rights,
    }
}

fn shown(api: &Api, file: &File) -> Shown {
    let habilitation = &file.habilitation;
    let latest = habilitation.latest();
    let contacts = latest.map(|version| api.onboarding.contacts_of(habilitation, version));
    let steps = habilitation
        .versions
        .iter()
        .flat_map(|version| &version.remarks);
    Shown {
        id: habilitation.id.to_string(),
        organisation: habilitation.organisation.to_string(),
        team: habilitation.team.to_string(),
        version: latest.map_or(0, |version| version.number),
        state: latest.map_or_else(String::new, |it| it.standing.state().as_str().to_owned()),
        dossier: latest
            .map(|version| version.dossier.clone())
            .unwrap_or_default(),
        contacts: contacts.unwrap_or_default(),
        granted: habilitation.granted().map(|it| it.terms.scopes.to_string()),
        approved_elsewhere: latest
            .and_then(|version| version.standing.granted()?.elsewhere())
            .map(|approval| ApprovedElsewhere {
                tool: approval.tool.clone(),
                reference: approval.reference.clone(),
                by: approval.by.clone(),
                at: approval.at.to_string(),
            }),
        steps: steps.map(taken).collect(),
    }
}

fn taken(remark: &Remark) -> Taken {
    Taken {
        step: remark.step,
        by: remark.by.to_string(),
        at: remark.at.to_string(),
        text: remark.text.clone(),
    }
}

/// No, and everything that is wrong. What is not theirs to do is on record.
fn said(api: &Api, caller: &Caller, error: OnboardingError) -> Problem {
    match error {
        OnboardingError::Unknown => Problem::unknown(),
        OnboardingError::Forbidden => {
            caller.note_refused(api, Action::Change, Kind::Habilitation);
            Problem::forbidden()
        }
        OnboardingError::NotNow(NotNow::State) => {
            Problem::said(StatusCode::CONFLICT, NotNow::State.to_string())
        }
        OnboardingError::NotNow(why) => {
            caller.note_refused(api, Action::Change, Kind::Review);
            Problem::said(StatusCode::FORBIDDEN, why.to_string())
        }
        OnboardingError::Wrong(wrongs) => {
            let pages = &api.console.pages;
            let wrongs = wrongs.iter().map(|wrong| {
                let text = pages.text(Locale::English, wrong.text, &[]);
                (wrong.member.clone(), text)
            });
            Problem::several(wrongs.collect())
        }
        OnboardingError::Overtaken => Problem::said(
            StatusCode::CONFLICT,
            "there is one, or it changed meanwhile: look again",
        ),
        OnboardingError::TooMany => Problem::said(StatusCode::CONFLICT, "there are ten already"),
        OnboardingError::Client(error) => Problem::change(api, &error),
        OnboardingError::Fault(fault) => Problem::fault(api, "keep a habilitation", &fault),
    }
}
