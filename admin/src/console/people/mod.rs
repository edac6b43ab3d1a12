//! The pages about people: who is in and who is invited (`list`), somebody (`person`), who is to be let in (`admit`).
//! What changes who may what is proposed there, and done by `operations` once it is confirmed.

mod admit;
mod list;
mod operations;
mod person;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use guichet_domain::InvalidMember;
use guichet_domain::staff::{Seat, StaffMember, Who};
use guichet_web::PageError;
use http::StatusCode;
use serde::Serialize;

use super::{Console, Present};
use crate::ChangeError;
use crate::api::Api;
use crate::people::{Action, Card, DoorError, Grounds, Kind, SeatMetadata, last_operator};

pub(super) use operations::OPERATIONS;

/// Every path of them.
pub(super) fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/people", get(list::show))
        .route("/people/invitations", post(admit::invite))
        .route("/people/invitations/{id}", post(admit::withdraw))
        .route("/people/programs", post(admit::let_in))
        .route("/people/{id}", get(person::show).post(person::change))
}

/// The name of every form here, in its token.
const FORM: &str = "console-people";

/// A seat as pages show it.
#[derive(Serialize)]
pub(super) struct SeatRow {
    /// The end of a text's name.
    role: &'static str,
    on: String,
    until: Option<i64>,
}

impl SeatRow {
    pub(super) fn of(seat: &Seat) -> Self {
        Self {
            role: seat.role.as_str(),
            on: seat.on.to_string(),
            until: seat.until.map(guichet_domain::Timestamp::millis),
        }
    }
}

/// Somebody as the list shows them.
#[derive(Serialize)]
struct PersonRow {
    id: String,
    name: String,
    address: String,
    client: Option<String>,
    seats: Vec<SeatRow>,
    expires: Option<i64>,
}

/// A member whom this one may see.
async fn find(console: &Console, present: &Present, id: &str) -> Result<StaffMember, PageError> {
    console.must(present, Action::Read, Kind::Person)?;
    let grounds = grounds(console).await?;
    let members = console.door.staff.members().await;
    let members = members.map_err(|fault| console.fault("read the staff", &fault))?;
    let mut members = members.into_iter().filter(|it| it.id.as_str() == id);
    members
        .find(|member| present.rights.sees(&member.seats, &grounds))
        .ok_or_else(gone)
}

async fn grounds(console: &Console) -> Result<Grounds, PageError> {
    let grounds = Grounds::of(&*console.door.teams).await;
    grounds.map_err(|fault| console.fault("read teams", &fault))
}

fn row(member: &StaffMember, card: Card) -> PersonRow {
    PersonRow {
        id: member.id.to_string(),
        name: card.name,
        address: card.address,
        client: match &member.who {
            Who::Client(client) => Some(client.to_string()),
            Who::Person(_) => None,
        },
        seats: member.seats.iter().map(SeatRow::of).collect(),
        expires: None,
    }
}

fn seat(role: &str, on: &str) -> Result<Seat, PageError> {
    let declared = role.parse().map(|role| SeatMetadata {
        role,
        on: on.trim().to_owned(),
        until: None,
    });
    let seat = declared.ok().and_then(|declared| declared.check().ok());
    seat.ok_or_else(|| {
        PageError::new(StatusCode::BAD_REQUEST, "console-no-seat").with_way_back("/people", None)
    })
}

fn gone() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "console-gone").with_way_back("/people", None)
}

/// What the door says, as a page.
pub(super) fn refused(console: &Console, error: &DoorError) -> PageError {
    let (status, text) = match error {
        DoorError::Beyond(_) => (StatusCode::FORBIDDEN, "console-beyond"),
        DoorError::Gone => (StatusCode::NOT_FOUND, "console-gone"),
        DoorError::Taken => (StatusCode::CONFLICT, "console-overtaken"),
        DoorError::Invalid(invalid) => (StatusCode::BAD_REQUEST, wrong(invalid)),
        DoorError::Keys(error) => return console.fault("seal a card", error),
        DoorError::Fault(fault) => return console.fault("change the staff", fault),
    };
    PageError::new(status, text).with_way_back("/people", None)
}

/// What the desk says, as a page.
fn not_changed(console: &Console, error: &ChangeError) -> PageError {
    let text = match error {
        ChangeError::Overtaken(..) => "console-overtaken",
        ChangeError::Invalid(invalid) => wrong(invalid),
        other => return console.fault("change a member", other),
    };
    PageError::new(StatusCode::CONFLICT, text).with_way_back("/people", None)
}

/// The text that says what is wrong.
fn wrong(invalid: &InvalidMember) -> &'static str {
    match invalid.member {
        _ if *invalid == last_operator() => "console-last-operator",
        "reason" => "console-no-reason",
        "address" | "name" => "console-no-card",
        "client_id" => "console-no-program",
        _ => "console-no-seat",
    }
}
