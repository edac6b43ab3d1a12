//! Which kinds of records there are.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use guichet_domain::staff::{Organisation, Seat, StaffMember, Team};
use guichet_domain::{Client, ClientMetadata, DataProvider, Provider};
use http::{HeaderMap, StatusCode};
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::conditions::expected;
use super::of_teams;
use super::operation::Operation;
use super::problem::Problem;
use super::shelf::{self, Shelf};
use crate::people::{
    Action, DoorError, Grounds, Kind, NO_CLIENT, PeopleRecords, PersonMetadata, Place,
};
use crate::teams::{OrganisationRecords, TeamRecords};
use crate::{ClientRecords, DataProviderRecords, ProviderRecords, Records as _};

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let mut all = shelf::operations::<ClientRecords>(schemas);
    all.extend(shelf::operations::<ProviderRecords>(schemas));
    all.extend(shelf::operations::<DataProviderRecords>(schemas));
    all.extend(shelf::operations::<OrganisationRecords>(schemas));
    all.extend(shelf::operations::<TeamRecords>(schemas));
    all.extend(shelf::without_disabling::<PeopleRecords>(schemas));
    all.push(
        Operation::new(
            ("delete", "/people/{id}"),
            "remove_person",
            "Removes somebody from the staff: their sessions and tokens open nothing any more",
            remove,
        )
        .right(Action::Disable, Kind::Person)
        .conditional()
        .gives(204, None),
    );
    all
}

#[async_trait]
impl Shelf for ClientRecords {
    const PLURAL: &'static str = "clients";
    const ONE: &'static str = "client";
    const OF: Kind = Kind::Client;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (Arc::clone(&api.clients), Arc::clone(&api.declared.clients))
    }

    fn place(record: &Client, grounds: &Grounds) -> Place {
        grounds.client(&record.id)
    }

    fn of_others() -> &'static [&'static str] {
        of_teams::MEMBERS
    }

    async fn guard(
        api: &Api,
        caller: &Caller,
        known: Option<&Client>,
        metadata: &ClientMetadata,
    ) -> Result<(), Problem> {
        if api
            .reserved
            .iter()
            .any(|it| it.as_str() == metadata.client_id)
        {
            let detail = "this name is the hub's own";
            return Err(Problem::said(StatusCode::CONFLICT, detail));
        }
        let Some(known) = known else {
            return Ok(());
        };
        if of_teams::proves_otherwise(known, metadata) {
            caller.may_prove(api, &known.id).await?;
        }
        if caller.rights.may(Action::Add, Kind::Client, &Place::Hub) {
            return Ok(());
        }
        of_teams::check(known, metadata)
            .map_err(|(member, detail)| Problem::pointed(StatusCode::FORBIDDEN, &member, detail))
    }
}

impl Shelf for ProviderRecords {
    const PLURAL: &'static str = "providers";
    const ONE: &'static str = "provider";
    const OF: Kind = Kind::Provider;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (
            Arc::clone(&api.providers),
            Arc::clone(&api.declared.providers),
        )
    }

    fn place(_record: &Provider, _grounds: &Grounds) -> Place {
        Place::Hub
    }
}

impl Shelf for DataProviderRecords {
    const PLURAL: &'static str = "data-providers";
    const ONE: &'static str = "data_provider";
    const OF: Kind = Kind::DataProvider;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        let declared = Arc::clone(&api.declared.data_providers);
        (Arc::clone(&api.data_providers), declared)
    }

    fn place(_record: &DataProvider, _grounds: &Grounds) -> Place {
        Place::Hub
    }
}

impl Shelf for OrganisationRecords {
    const PLURAL: &'static str = "organisations";
    const ONE: &'static str = "organisation";
    const OF: Kind = Kind::Organisation;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (Arc::clone(&api.organisations), Arc::new([]))
    }

    fn place(record: &Organisation, _grounds: &Grounds) -> Place {
        Place::Organisation(record.id.clone())
    }
}

impl Shelf for TeamRecords {
    const PLURAL: &'static str = "teams";
    const ONE: &'static str = "team";
    const OF: Kind = Kind::Team;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (Arc::clone(&api.teams), Arc::new([]))
    }

    fn place(record: &Team, _grounds: &Grounds) -> Place {
        Grounds::team(record)
    }
}

#[async_trait]
impl Shelf for PeopleRecords {
    const PLURAL: &'static str = "people";
    const ONE: &'static str = "person";
    const OF: Kind = Kind::Person;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (Arc::clone(&api.people), Arc::new([]))
    }

    /// Wherever they have a role. Which of their roles are the caller's to turn, the guard says.
    fn place(record: &StaffMember, grounds: &Grounds) -> Place {
        grounds.of_seats(&record.seats)
    }

    fn shown(api: &Api, record: &StaffMember) -> PersonMetadata {
        let card = api.console.door.card(record);
        PersonMetadata {
            name: Some(card.name),
            address: Some(card.address).filter(|address| !address.is_empty()),
            ..Self::metadata(record)
        }
    }

    /// Nobody gives, or takes, what exceeds their own (threat N-68); nobody lets in a client that is not theirs, or
    /// renames who is somebody else's as well.
    async fn guard(
        api: &Api,
        caller: &Caller,
        known: Option<&StaffMember>,
        metadata: &PersonMetadata,
    ) -> Result<(), Problem> {
        let seats: Result<Vec<Seat>, _> = metadata
            .roles
            .iter()
            .map(crate::people::SeatMetadata::check)
            .collect();
        let seats = seats.map_err(|invalid| Problem::member(&invalid))?;
        let door = &api.console.door;
        let (rights, at) = (&caller.rights, (&caller.grounds, door.clock.now()));
        let before = known.map_or(&[][..], |known| &known.seats);
        let turned = rights.may_turn(before, &seats, at);
        turned.map_err(|beyond| Problem::door(api, &DoorError::Beyond(beyond)))?;
        let Some(known) = known else {
            let client = metadata.client_id.as_deref().map(str::parse);
            return match client {
                Some(Ok(client)) if !rights.may_let_in(&client, &caller.grounds) => Err(
                    Problem::pointed(StatusCode::FORBIDDEN, "client_id", NO_CLIENT),
                ),
                // What is none, the desk says.
                _ => Ok(()),
            };
        };
        let is_renamed = metadata
            .name
            .as_ref()
            .is_some_and(|name| *name != door.card(known).name);
        if is_renamed && !rights.may_take_all(&known.seats, at) {
            let detail = "they have a role that is not yours to take";
            return Err(Problem::pointed(StatusCode::FORBIDDEN, "name", detail));
        }
        Ok(())
    }
}

/// `DELETE /people/{id}`
async fn remove(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let member = shelf::find::<PeopleRecords>(&api, &caller, &id, Action::Disable).await?;
    let expected = expected(&headers)?;
    shelf::met::<PeopleRecords>(&api, &caller, &id, Some(&*member), &expected)?;
    let by = (&caller.member.id, &caller.rights);
    let removed = api.console.door.remove(by, &member).await;
    removed.map_err(|error| Problem::door(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}
