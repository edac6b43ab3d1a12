//! The support, for programs: a login by what a citizen reads out, masked; the citizen asked; somebody frozen; what
//! two members put right, proposed and taken back. Confirming is a person's: that is done at the console.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use guichet_domain::CorrectionId;
use guichet_store::durable::corrections::{Change, Correction};
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::Caller;
use super::intake::{Brought, JSON};
use super::operation::Operation;
use super::problem::{Problem, faulty};
use crate::people::{Action, Kind, Place};
use crate::support::{Looked, Opened, Step, SupportError, Why, Wished};

/// What somebody looks at, and why: it stands in the citizen's history.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// The reference of an error page, or the identification code of a visit.
    handle: String,
    /// `citizen_called`, `service_reported`, `fault` or `misuse`.
    purpose: String,
    /// The number of a ticket.
    #[serde(default)]
    ticket: String,
}

/// A login, masked.
#[derive(Serialize, JsonSchema)]
struct Login {
    /// What was read out.
    handle: String,
    /// Whether somebody was recognized; who, is not said.
    known: bool,
    /// What happened, oldest first.
    steps: Vec<Step>,
    /// What keeps them from acting.
    cases: Vec<OpenCase>,
    /// Where the latest request to the citizen stands: `waiting`, `agreed`, `refused`, `withdrawn` or `over`.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<&'static str>,
    /// What was hidden, as long as the citizen agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
}

/// What keeps somebody from acting.
#[derive(Serialize, JsonSchema)]
struct OpenCase {
    /// Which case.
    case: String,
    /// `freeze`, `closure` or `death`.
    kind: &'static str,
    /// Since when, RFC 3339.
    since: String,
}

/// What the citizen is asked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Request {
    /// As for a look.
    handle: String,
    /// Why, as the citizen reads it: 10 to 300 characters.
    words: String,
}

/// Something that was made.
#[derive(Serialize, JsonSchema)]
struct Made {
    /// Its identifier.
    id: String,
}

/// Who is frozen, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Freeze {
    /// As for a look.
    handle: String,
    /// 10 to 500 characters; nobody's personal data.
    reason: String,
}

/// What is proposed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Proposal {
    /// As for a look.
    handle: String,
    /// `merge`, `split` or `thaw`.
    change: String,
    /// Of a merge: what the other read out.
    #[serde(default)]
    other: String,
    /// Of a split: which row, from 1.
    #[serde(default)]
    row: usize,
    /// Of a thaw: which case.
    #[serde(default)]
    case: String,
    /// 10 to 500 characters; nobody's personal data.
    reason: String,
}

/// A correction of who is who, or of who may act.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Its identifier.
    id: String,
    /// `merge`, `split`, `part` or `thaw`.
    change: &'static str,
    /// Why.
    reason: String,
    /// Who proposed it.
    proposed_by: String,
    /// When, RFC 3339.
    proposed: String,
    /// When it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<String>,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone: Option<String>,
}

/// The latest.
#[derive(Serialize, JsonSchema)]
struct Corrections {
    /// The newest first.
    items: Vec<Shown>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let made = schemas.subschema_for::<Made>();
    let correction = schemas.subschema_for::<Shown>();
    vec![
        Operation::new(
            ("post", "/support/looks"),
            "look_at_a_login",
            "Shows what happened at a login, by what the citizen reads out; personal data is hidden until they \
             agree, and the look stands in their history",
            look,
        )
        .right(Action::Read, Kind::Support)
        .takes(JSON, schemas.subschema_for::<Look>())
        .gives(200, Some(schemas.subschema_for::<Login>())),
        Operation::new(
            ("post", "/support/requests"),
            "ask_a_citizen",
            "Asks the citizen to let the caller see for an hour what is hidden of a login",
            ask,
        )
        .right(Action::Change, Kind::Support)
        .takes(JSON, schemas.subschema_for::<Request>())
        .gives(201, Some(made.clone())),
        Operation::new(
            ("post", "/support/freezes"),
            "freeze_a_citizen",
            "Freezes whoever signed in at a login, on every node at once; the answer names the case",
            freeze,
        )
        .right(Action::Change, Kind::Support)
        .takes(JSON, schemas.subschema_for::<Freeze>())
        .gives(201, Some(made)),
        Operation::new(
            ("get", "/support/corrections"),
            "list_corrections",
            "Lists the latest corrections of who is who, and of who may act",
            list,
        )
        .right(Action::Read, Kind::Correction)
        .gives(200, Some(schemas.subschema_for::<Corrections>())),
        Operation::new(
            ("post", "/support/corrections"),
            "propose_a_correction",
            "Proposes a merge, a split or a thaw, which another member confirms at the console",
            propose,
        )
        .right(Action::Add, Kind::Correction)
        .takes(JSON, schemas.subschema_for::<Proposal>())
        .gives(201, Some(correction.clone())),
        Operation::new(
            ("post", "/support/corrections/{id}/undo"),
            "undo_a_correction",
            "Withdraws a proposal, or takes back what was confirmed not long ago",
            undo,
        )
        .right(Action::Change, Kind::Correction)
        .gives(200, Some(correction)),
    ]
}

async fn look(
    State(api): State<Arc<Api>>,
    caller: Caller,
    brought: Brought,
) -> Result<Json<Login>, Problem> {
    caller.here(&api, Action::Read, Kind::Support, &Place::Hub)?;
    let wanted: Look = brought.json().await?;
    let why = Why::new(&wanted.purpose, &wanted.ticket);
    let why = why.map_err(|invalid| Problem::member(&invalid))?;
    let looked = api
        .support
        .look(&wanted.handle, &why, &caller.actor())
        .await;
    let looked = looked.map_err(|error| said(&api, &error))?;
    Ok(Json(Login::from(looked)))
}

impl From<Looked> for Login {
    fn from(looked: Looked) -> Self {
        let cases = looked.barred.into_iter().map(|case| OpenCase {
            case: case.case.to_string(),
            kind: case.kind,
            since: case.since.to_string(),
        });
        Self {
            handle: looked.handle.to_string(),
            known: looked.known,
            cases: cases.collect(),
            asked: looked.asked.map(|asked| asked.state),
            opened: looked.opened,
            steps: looked.steps,
        }
    }
}

async fn ask(
    State(api): State<Arc<Api>>,
    caller: Caller,
    brought: Brought,
) -> Result<(StatusCode, Json<Made>), Problem> {
    caller.here(&api, Action::Change, Kind::Support, &Place::Hub)?;
    let wanted: Request = brought.json().await?;
    let (desk, by) = (&api.support, caller.actor());
    let asked = desk.ask(&wanted.handle, &wanted.words, &by).await;
    let id = asked.map_err(|error| said(&api, &error))?;
    Ok(made(&id))
}

async fn freeze(
    State(api): State<Arc<Api>>,
    caller: Caller,
    brought: Brought,
) -> Result<(StatusCode, Json<Made>), Problem> {
    caller.here(&api, Action::Change, Kind::Support, &Place::Hub)?;
    let wanted: Freeze = brought.json().await?;
    let (desk, by) = (&api.support, caller.actor());
    let frozen = desk.freeze(&wanted.handle, &wanted.reason, &by).await;
    let id = frozen.map_err(|error| said(&api, &error))?;
    Ok(made(&id))
}

fn made(id: &impl ToString) -> (StatusCode, Json<Made>) {
    let id = id.to_string();
    (StatusCode::CREATED, Json(Made { id }))
}

async fn list(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Corrections>, Problem> {
    caller.here(&api, Action::Read, Kind::Correction, &Place::Hub)?;
    let all = api.support.proposals().await;
    let all = all.map_err(faulty(&api, "read corrections"))?;
    let items = all.iter().map(Shown::from).collect();
    Ok(Json(Corrections { items }))
}

async fn propose(
    State(api): State<Arc<Api>>,
    caller: Caller,
    brought: Brought,
) -> Result<(StatusCode, Json<Shown>), Problem> {
    caller.here(&api, Action::Add, Kind::Correction, &Place::Hub)?;
    let wanted: Proposal = brought.json().await?;
    let wished = wanted.wished()?;
    let by = caller.actor();
    let proposed = api.support.propose(&wished, &wanted.reason, &by).await;
    let proposed = proposed.map_err(|error| said(&api, &error))?;
    Ok((StatusCode::CREATED, Json(Shown::from(&proposed))))
}

impl Proposal {
    fn wished(&self) -> Result<Wished, Problem> {
        let wrong = |member, text| Problem::pointed(StatusCode::UNPROCESSABLE_ENTITY, member, text);
        let handle = self.handle.clone();
        match self.change.as_str() {
            "merge" => {
                let other = self.other.clone();
                Ok(Wished::Merge { handle, other })
            }
            "split" => {
                let row = self.row;
                Ok(Wished::Split { handle, row })
            }
            "thaw" => {
                let case = self.case.parse();
                let case = case.map_err(|_| wrong("case", "the identifier of a case"))?;
                Ok(Wished::Thaw { handle, case })
            }
            _ => Err(wrong("change", "`merge`, `split` or `thaw`")),
        }
    }
}

async fn undo(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Shown>, Problem> {
    caller.here(&api, Action::Change, Kind::Correction, &Place::Hub)?;
    let id: CorrectionId = id.parse().map_err(|_| Problem::unknown())?;
    let undone = api.support.undo(id, &caller.actor()).await;
    let undone = undone.map_err(|error| said(&api, &error))?;
    Ok(Json(Shown::from(&undone)))
}

impl From<&Correction> for Shown {
    fn from(correction: &Correction) -> Self {
        let at = |act: &Option<guichet_store::durable::corrections::Act>| {
            act.as_ref().map(|act| act.at.to_string())
        };
        Self {
            id: correction.id.to_string(),
            change: match correction.change {
                Change::Merge { .. } => "merge",
                Change::Split { .. } => "split",
                Change::Part { .. } => "part",
                Change::Thaw { .. } => "thaw",
            },
            reason: correction.reason.clone(),
            proposed_by: correction.proposed.by.clone(),
            proposed: correction.proposed.at.to_string(),
            confirmed: at(&correction.confirmed),
            undone: at(&correction.undone),
        }
    }
}

fn said(api: &Api, error: &SupportError) -> Problem {
    match error {
        SupportError::Nothing => Problem::pointed(
            StatusCode::UNPROCESSABLE_ENTITY,
            "handle",
            "nothing is on record under it",
        ),
        SupportError::TooMany => Problem::said(StatusCode::TOO_MANY_REQUESTS, error.to_string()),
        SupportError::Nobody
        | SupportError::Several
        | SupportError::Enough
        | SupportError::Declined(_) => Problem::said(StatusCode::CONFLICT, error.to_string()),
        SupportError::Invalid(invalid) => Problem::member(invalid),
        SupportError::Fault(fault) => Problem::fault(api, "support", fault),
    }
}
