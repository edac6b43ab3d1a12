//! Who operates the demo: `admin`, `partenaire` for the team of one service, and two reviewers. Known beforehand, as if they
//! had been invited.

use anyhow::{Context as _, Result};
use guichet_admin::people::{Card, PeopleRecords};
use guichet_broker::Hub;
use guichet_demo::cast::{Citizen, STAFF, Service};
use guichet_domain::staff::{On, Organisation, Role, Seat, StaffMember, Team, Who};
use guichet_domain::{PersonId, PivotIdentity, Sector};
use guichet_oidc::House as _;
use guichet_store::durable::people::Sighting;

use crate::node::Foundation;
use crate::node::houses::console;

/// The organisation that runs the services of the demo, and the team that looks after one of them.
const ORGANISATION: &str = "etat";
const TEAM: &str = "cartes-grises";

/// Puts them there, if they are not.
pub(super) async fn seat(ground: &Foundation, hub: &Hub) -> Result<()> {
    let now = ground.clock.now();
    let organisation = Organisation {
        id: ORGANISATION.parse()?,
        name: "Ministère de l’Intérieur".to_owned(),
        legal_id: Some("110 014 016".to_owned()),
        active: true,
    };
    let team = Team {
        id: TEAM.parse()?,
        name: "Cartes grises".to_owned(),
        organisation: organisation.id.clone(),
        clients: vec![Service::CarteGrise.member().slug().parse()?],
        active: true,
    };
    let teams = &ground.durable.teams;
    teams.replace_organisation(None, &organisation, now).await?;
    teams.replace_team(None, &team, now).await?;
    let people = PeopleRecords {
        staff: ground.durable.staff.clone(),
        cards: console::cards(&ground.keys),
        registry: ground.durable.registry.clone(),
    };
    for (citizen, seat) in STAFF.iter().zip([
        Seat::new(Role::Operator, On::Hub)?,
        Seat::new(Role::TeamOwner, On::Team(team.id.clone()))?,
        Seat::new(Role::Reviewer, On::Hub)?,
        Seat::new(Role::Reviewer, On::Hub)?,
    ]) {
        let member = member(ground, hub, &people, citizen, seat).await?;
        people.staff.replace_member(None, &member, now).await?;
    }
    Ok(())
}

/// Whoever signs in with this identity will be this member.
async fn member(
    ground: &Foundation,
    hub: &Hub,
    people: &PeopleRecords,
    citizen: &Citizen,
    seat: Seat,
) -> Result<StaffMember> {
    let now = ground.clock.now();
    let identity = PivotIdentity::from_claims(&citizen.claims())?;
    let index = ground.keys.matching_index(&identity);
    let sighting = Sighting {
        index: index.as_bytes(),
        stated: None,
        vouched: true,
    };
    let fresh = PersonId::random(&*ground.entropy);
    let found = ground
        .durable
        .people
        .recognize(sighting, fresh, now)
        .await?;
    let subject = hub.subject_in(&Sector::of_console(), found.person).await?;
    let name = format!("{} {}", citizen.given_names, citizen.family_name);
    let card = Card::new(&name, &citizen.email())?;
    let id = citizen.login.parse()?;
    Ok(StaffMember {
        card: people.sealed(&card, &id)?,
        id,
        who: Who::Person(subject.context("the hub names everybody")?),
        seats: vec![seat],
        since: now,
    })
}
