//! Who is who, changed once it is confirmed: roles given and taken, members removed. What was allowed when it
//! was proposed is asked again.

use std::sync::Arc;

use async_trait::async_trait;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::staff::{Seat, Who};
use guichet_web::{PageContext, PageError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::confirm::Dangerous;
use super::people::{find, grounds, not_changed, refused};
use super::{Console, Present};
use crate::Expected;
use crate::api::Api;
use crate::people::{DoorError, PersonMetadata, SeatMetadata};

/// Every one of them.
pub(super) const OPERATIONS: &[&dyn Dangerous] = &[&Turn, &Removal];

/// Another set of roles.
pub(super) struct Turn;

/// Nobody here any more.
pub(super) struct Removal;

/// Whose roles become which.
#[derive(Serialize, Deserialize)]
pub(super) struct Turned {
    /// Who.
    pub(super) id: String,
    /// As they were when it was proposed.
    pub(super) tag: String,
    /// What they are to have.
    pub(super) seats: Vec<SeatMetadata>,
}

#[async_trait]
impl Dangerous for Turn {
    fn name(&self) -> &'static str {
        "person.turn"
    }

    async fn carry_out(
        &self,
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Value,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        let turned: Turned = read(console, input)?;
        let member = find(console, &by, &turned.id).await?;
        let seats: Result<Vec<Seat>, _> = turned.seats.iter().map(SeatMetadata::check).collect();
        let seats = seats.map_err(|invalid| refused(console, &invalid.into()))?;
        let (grounds, now) = (grounds(console).await?, console.door.clock.now());
        let allowed = by.rights.may_turn(&member.seats, &seats, (&grounds, now));
        allowed.map_err(|beyond| refused(console, &DoorError::Beyond(beyond)))?;
        let metadata = PersonMetadata {
            id: member.id.to_string(),
            client_id: match &member.who {
                Who::Client(client) => Some(client.to_string()),
                Who::Person(_) => None,
            },
            name: None,
            address: None,
            roles: turned.seats,
        };
        let expected = Expected::Tagged(vec![turned.tag]);
        let put = console.people_desk(&by).put(&metadata, &expected).await;
        put.map_err(|error| not_changed(console, &error))?;
        Ok(Redirect::to(&format!("/people/{}", member.id)).into_response())
    }
}

#[async_trait]
impl Dangerous for Removal {
    fn name(&self) -> &'static str {
        "person.remove"
    }

    async fn carry_out(
        &self,
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Value,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        let id: String = read(console, input)?;
        let member = find(console, &by, &id).await?;
        let who = (&by.member.id, &by.rights);
        let removed = console.door.remove(who, &member).await;
        removed.map_err(|error| refused(console, &error))?;
        Ok(Redirect::to("/people").into_response())
    }
}

fn read<T: serde::de::DeserializeOwned>(console: &Console, input: Value) -> Result<T, PageError> {
    let read = serde_json::from_value(input);
    read.map_err(|error| console.fault("read a proposal", &error))
}
