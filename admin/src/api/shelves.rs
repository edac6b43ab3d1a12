//! Which kinds of records there are.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use guichet_domain::staff::{Organisation, Seat, StaffMember, Team};
use guichet_domain::{Client, ClientMetadata, DataProvider, Provider};
use http::StatusCode;
use schemars::SchemaGenerator;

use super::Api;
use super::caller::Caller;
use super::of_teams;
use super::operation::Operation;
use super::problem::Problem;
use super::shelf::{self, Shelf};
use crate::people::{Action, DoorError, Grounds, Kind, PeopleRecords, PersonMetadata, Place};
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

    /// Where one of their seats lies: what lies beyond the caller's reach is not theirs to turn, whatever is.
    fn place(record: &StaffMember, grounds: &Grounds) -> Place {
        let mut places = record
            .seats
            .iter()
            .filter_map(|seat| grounds.place_of(&seat.on));
        places
            .find(|place| *place != Place::Hub)
            .unwrap_or(Place::Hub)
    }

    fn shown(api: &Api, record: &StaffMember) -> PersonMetadata {
        let card = api.console.door.card(record);
        PersonMetadata {
            name: Some(card.name),
            address: Some(card.address).filter(|address| !address.is_empty()),
            ..Self::metadata(record)
        }
    }

    /// Nobody gives, or takes, what exceeds their own (threat N-68).
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
        let before = known
            .map(|known| known.seats.as_slice())
            .unwrap_or_default();
        let now = api.console.door.clock.now();
        let turned = caller
            .rights
            .may_turn(before, &seats, (&caller.grounds, now));
        turned
            .map_err(|beyond| Problem::door(&*api.console.door.entropy, &DoorError::Beyond(beyond)))
    }
}

/// `DELETE /people/{id}`
async fn remove(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let member = shelf::find::<PeopleRecords>(&api, &caller, &id, Action::Disable).await?;
    let by = (&caller.member.id, &caller.rights);
    let removed = api.console.door.remove(by, &member).await;
    removed.map_err(|error| Problem::door(&*api.console.door.entropy, &error))?;
    Ok(StatusCode::NO_CONTENT)
}
