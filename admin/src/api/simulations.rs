//! Logins tried out: what would happen, rule by rule.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use guichet_domain::simulation::Simulation;
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::intake::{Brought, JSON};
use super::operation::Operation;
use super::problem::{Problem, faulty};
use crate::SimulationMetadata;
use crate::people::{Action, Kind, Place};

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    vec![
        Operation::new(
            ("post", "/simulations"),
            "simulate_login",
            "Says what would happen for a service, a provider and a citizen, rule by rule; keeps nothing",
            simulate,
        )
        .right(Action::Read, Kind::Provider)
        .takes(JSON, schemas.subschema_for::<SimulationMetadata>())
        .gives(200, Some(schemas.subschema_for::<Simulation>())),
    ]
}

async fn simulate(
    State(api): State<Arc<Api>>,
    caller: Caller,
    brought: Brought,
) -> Result<Json<Simulation>, Problem> {
    caller.here(&api, Action::Read, Kind::Provider, &Place::Hub)?;
    let wanted: SimulationMetadata = brought.json().await?;
    let clients = api.clients.registry.clients().await;
    let clients = clients.map_err(faulty(&api, "read clients"))?;
    let mut clients = clients.iter();
    let client = clients.find(|client| client.id.as_str() == wanted.client_id);
    let rehearsal = wanted.rehearsal(client.map(|client| &**client));
    let rehearsal = rehearsal.map_err(|invalid| Problem::member(&invalid))?;
    Ok(Json(api.simulator.simulate(&rehearsal)))
}
