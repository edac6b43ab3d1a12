//! Kill switches: what is off, off, and on again.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use http::{HeaderMap, StatusCode};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::Caller;
use super::conditions::{answered, expected, meets, overtaken, shown_to, tag_of};
use super::intake::{Brought, JSON};
use super::operation::Operation;
use super::problem::{Problem, faulty};
use crate::people::{Action, Kind, Place};
use crate::{Actor, Expected, KnownSwitch, SwitchDesk, SwitchError, SwitchMetadata};

/// Everything that is off.
#[derive(Serialize, JsonSchema)]
struct Switches {
    /// The switches.
    items: Vec<SwitchMetadata>,
}

/// Why something is switched on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// Why: it stays on record.
    reason: String,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let one = schemas.subschema_for::<SwitchMetadata>();
    let reason = schemas.subschema_for::<Reason>();
    vec![
        Operation::new(
            ("get", "/switches"),
            "list_switches",
            "Lists what is switched off: the hub, services, identity providers",
            list,
        )
        .right(Action::Read, Kind::Switch)
        .gives(200, Some(schemas.subschema_for::<Switches>())),
        Operation::new(
            ("get", "/switches/{id}"),
            "show_switch",
            "Shows what is off: `hub`, `client:ID` or `provider:ID`",
            show,
        )
        .right(Action::Read, Kind::Switch)
        .tagged()
        .gives(200, Some(one.clone())),
        Operation::new(
            ("post", "/switches"),
            "switch_off",
            "Switches off the hub, a service or an identity provider, on every node within a second",
            off,
        )
        .right(Action::Change, Kind::Switch)
        .conditional()
        .tagged()
        .takes(JSON, one.clone())
        .gives(200, Some(one)),
        Operation::new(
            ("post", "/switches/{id}/on"),
            "switch_on",
            "Switches on again what is off: `hub`, `client:ID` or `provider:ID`",
            on,
        )
        .right(Action::Change, Kind::Switch)
        .conditional()
        .takes(JSON, reason)
        .gives(204, None),
    ]
}

impl Api {
    /// Where `by` throws switches.
    pub(crate) fn switches(&self, by: Actor) -> SwitchDesk {
        SwitchDesk {
            registry: Arc::clone(&self.clients.registry),
            ledger: self.console.door.ledger.clone(),
            by,
            clock: Arc::clone(&self.console.door.clock),
        }
    }
}

async fn list(State(api): State<Arc<Api>>, caller: Caller) -> Result<Json<Switches>, Problem> {
    caller.here(&api, Action::Read, Kind::Switch, &Place::Hub)?;
    let all = api.switches(caller.actor()).list().await;
    let all = all.map_err(faulty(&api, "read what is switched off"))?;
    Ok(Json(Switches {
        items: all.iter().map(SwitchMetadata::from).collect(),
    }))
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(target): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.here(&api, Action::Read, Kind::Switch, &Place::Hub)?;
    let target: SwitchTarget = target.parse().map_err(|_| Problem::unknown())?;
    let off = found(&api, &caller, &target).await?;
    let off = off.ok_or_else(Problem::unknown)?;
    let shown = SwitchMetadata::from(&off);
    Ok(shown_to(&headers, &tag(&api, &shown)?, &shown))
}

async fn off(
    State(api): State<Arc<Api>>,
    caller: Caller,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    caller.here(&api, Action::Change, Kind::Switch, &Place::Hub)?;
    let wanted: SwitchMetadata = brought.json().await?;
    let known = match expected(&headers)? {
        // An emergency waits for nobody to say what they know.
        Expected::Unstated => KnownSwitch::Whatever,
        expected => {
            let target: Result<SwitchTarget, _> = wanted.target.trim().parse();
            let target = target.map_err(|error| {
                Problem::member(&guichet_domain::InvalidMember::new("target", error))
            })?;
            as_expected(&api, &caller, &target, &expected).await?
        }
    };
    let off = api.switches(caller.actor()).off(&wanted, known).await;
    let off = off.map_err(|error| match error {
        SwitchError::Unknown => Problem::pointed(
            StatusCode::UNPROCESSABLE_ENTITY,
            "target",
            "there is none of this name",
        ),
        other => said(&api, &other),
    })?;
    let shown = SwitchMetadata::from(&off);
    Ok(answered(StatusCode::OK, &tag(&api, &shown)?, &shown))
}

async fn on(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(target): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<StatusCode, Problem> {
    caller.here(&api, Action::Change, Kind::Switch, &Place::Hub)?;
    let target: SwitchTarget = target.parse().map_err(|_| Problem::unknown())?;
    let Reason { reason } = brought.json().await?;
    let known = match expected(&headers)? {
        Expected::Unstated => KnownSwitch::Whatever,
        expected => as_expected(&api, &caller, &target, &expected).await?,
    };
    let desk = api.switches(caller.actor());
    let on = desk.on(&target, &reason, known).await;
    on.map_err(|error| said(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is off by this name, where that is as a request expects.
async fn as_expected(
    api: &Api,
    caller: &Caller,
    target: &SwitchTarget,
    expected: &Expected,
) -> Result<KnownSwitch, Problem> {
    let known = found(api, caller, target).await?;
    let tag = known
        .as_ref()
        .map(|off| tag(api, &SwitchMetadata::from(off)));
    meets(expected, tag.transpose()?.as_deref())?;
    Ok(known.map_or(KnownSwitch::On, KnownSwitch::Off))
}

async fn found(
    api: &Api,
    caller: &Caller,
    target: &SwitchTarget,
) -> Result<Option<SwitchedOff>, Problem> {
    let found = api.switches(caller.actor()).find(target).await;
    found.map_err(faulty(api, "read what is switched off"))
}

fn tag(api: &Api, shown: &SwitchMetadata) -> Result<String, Problem> {
    tag_of(shown).map_err(|error| Problem::fault(api, "tag a switch", &error))
}

fn said(api: &Api, error: &SwitchError) -> Problem {
    match error {
        SwitchError::Unknown => Problem::unknown(),
        SwitchError::Overtaken => overtaken(),
        SwitchError::Invalid(invalid) => Problem::member(invalid),
        SwitchError::Fault(fault) => Problem::fault(api, "throw a switch", fault),
    }
}
