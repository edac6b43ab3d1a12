//! The pages about people: who is in, who is invited, which roles they have, and the changes of all that.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::StaffId;
use guichet_domain::staff::{Role, Seat, StaffMember, Who};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::confirm::{Proposal, Row};
use super::turns::{Removal, Turn, Turned};
use super::{Console, Present};
use crate::people::{Action, Card, DoorError, Grounds, Kind, PersonMetadata, SeatMetadata};
use crate::{ChangeError, Expected, RecordDesk};

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

const FORM: &str = "console-people";

/// `GET /people`
pub(super) async fn list(
    State(console): State<Console>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Person)?;
    show_list(&console, page, &headers, &present, None).await
}

/// The list, with the link of an invitation that nobody carried.
async fn show_list(
    console: &Console,
    page: PageContext,
    headers: &HeaderMap,
    present: &Present,
    link: Option<String>,
) -> Result<Response, PageError> {
    let (browser, _) = console.browser(headers)?;
    let grounds = grounds(console).await?;
    let fault = |fault| console.fault("read the staff", &fault);
    let now = console.door.clock.now();
    let members = console.door.staff.members().await.map_err(fault)?;
    let people = members
        .iter()
        .filter(|member| is_seen(present, &member.seats, &grounds))
        .map(|member| row(member, console.door.card(member)));
    let people: Vec<PersonRow> = people.collect();
    let invitations = console.door.staff.invitations().await.map_err(fault)?;
    let invited = invitations
        .iter()
        .filter(|it| it.expires > now && is_seen(present, &it.seats, &grounds));
    let invited = invited.map(|invitation| {
        let card = console.door.card_of(invitation);
        PersonRow {
            id: invitation.id.to_string(),
            name: card.name,
            address: card.address,
            client: None,
            seats: invitation.seats.iter().map(SeatRow::of).collect(),
            expires: Some(invitation.expires.millis()),
        }
    });
    let invited: Vec<PersonRow> = invited.collect();
    let data = context! {
        people => Serde(&people),
        invited => Serde(&invited),
        roles => Serde(&Role::ALL.map(Role::as_str)),
        may_invite => present.rights.may_somewhere(Action::Add, Kind::Person),
        csrf => console.form_token(&browser, FORM, present),
        link,
    };
    let page = console.page(page, present, "/people");
    Ok(console.pages.html(&page, "admin/people.html", data))
}

/// Who is to be invited.
#[derive(Deserialize)]
pub(super) struct Invite {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    on: String,
}

/// `POST /people/invitations`
pub(super) async fn invite(
    State(console): State<Console>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Invite>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    console.must(&present, Action::Add, Kind::Person)?;
    let refused = |error: DoorError| refused(&console, &error);
    let card = Card::new(&posted.name, &posted.address).map_err(|error| refused(error.into()))?;
    let seat = seat(&posted.role, &posted.on)?;
    let by = (&present.member.id, &present.rights);
    let invited = console.door.invite(by, None, &card, vec![seat]).await;
    let invited = invited.map_err(refused)?;
    if invited.link.is_some() {
        // Shown in the answer itself: it stands nowhere else.
        return show_list(&console, page, &headers, &present, invited.link).await;
    }
    Ok(Redirect::to("/people").into_response())
}

/// Which client is to be let in, as what.
#[derive(Deserialize)]
pub(super) struct Program {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    on: String,
}

/// `POST /people/programs`: a client becomes a member.
pub(super) async fn let_in(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Program>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    console.must(&present, Action::Add, Kind::Person)?;
    let seat = seat(&posted.role, &posted.on)?;
    let grounds = grounds(&console).await?;
    if !present.rights.may_give(&seat, &grounds) {
        console
            .door
            .note_refused(&present.actor(), Action::Add, Kind::Person);
        return Err(refused(&console, &DoorError::Beyond(seat)));
    }
    let client = posted.client_id.trim().to_owned();
    let metadata = PersonMetadata {
        id: StaffId::random(&*console.door.entropy).to_string(),
        name: Some(client.clone()),
        client_id: Some(client),
        address: None,
        roles: vec![SeatMetadata::from(&seat)],
    };
    let desk = console.people_desk(&present);
    let put = desk.put(&metadata, &Expected::Absent).await;
    put.map_err(|error| match error {
        ChangeError::Invalid(_) | ChangeError::Overtaken(..) => {
            PageError::new(StatusCode::BAD_REQUEST, "console-no-program")
                .with_way_back("/people", None)
        }
        other => not_changed(&console, &other),
    })?;
    Ok(Redirect::to("/people").into_response())
}

/// `POST /people/invitations/{id}`: takes it back.
pub(super) async fn withdraw(
    State(console): State<Console>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Invite>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let id: StaffId = id.parse().map_err(|_| gone())?;
    let by = (&present.member.id, &present.rights);
    let withdrawn = console.door.withdraw(by, &id).await;
    withdrawn.map_err(|error| refused(&console, &error))?;
    Ok(Redirect::to("/people").into_response())
}

/// `GET /people/{id}`
pub(super) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    let member = find(&console, &present, &id).await?;
    let (browser, _) = console.browser(&headers)?;
    let person = row(&member, console.door.card(&member));
    let tag = RecordDesk::<std::sync::Arc<crate::people::PeopleRecords>>::tag_of(&member);
    let tag = tag.map_err(|error| console.fault("read a member", &error))?;
    let data = context! {
        person => Serde(&person),
        roles => Serde(&Role::ALL.map(Role::as_str)),
        may_change => present.rights.may_somewhere(Action::Change, Kind::Person),
        csrf => console.form_token(&browser, FORM, &present),
        tag,
    };
    let page = console.page(page, &present, "/people");
    Ok(console.pages.html(&page, "admin/person.html", data))
}

/// What is to be changed of somebody.
#[derive(Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    on: String,
}

/// `POST /people/{id}`: gives a role, takes one, or removes them: proposed, and done once it is confirmed.
pub(super) async fn change(
    State(console): State<Console>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Change>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let member = find(&console, &present, &id).await?;
    let name = console.door.card(&member).name;
    let back = format!("/people/{}", member.id);
    if posted.act == "remove" {
        let what = ("console-propose-remove", name.as_str());
        let proposal = Proposal::new(&Removal, member.id.as_str().into(), what, back);
        return console.propose(&present, proposal).await;
    }
    let seat = seat(&posted.role, &posted.on)?;
    let mut seats = member.seats.clone();
    match posted.act.as_str() {
        "give" if !seats.contains(&seat) => seats.push(seat),
        "take" => seats.retain(|it| (it.role, &it.on) != (seat.role, &seat.on)),
        _ => return Err(PageError::new(StatusCode::BAD_REQUEST, "error-bad-request")),
    }
    let grounds = grounds(&console).await?;
    let now = console.door.clock.now();
    if let Err(beyond) = present
        .rights
        .may_turn(&member.seats, &seats, (&grounds, now))
    {
        console
            .door
            .note_refused(&present.actor(), Action::Change, Kind::Person);
        return Err(refused(&console, &DoorError::Beyond(beyond)));
    }
    let words =
        |seats: &[Seat]| -> serde_json::Value { seats.iter().map(Seat::to_string).collect() };
    let row = Row {
        label: Some("console-roles".to_owned()),
        member: "roles".to_owned(),
        before: Some(words(&member.seats)),
        after: Some(words(&seats)),
    };
    let turned = Turned {
        id: member.id.to_string(),
        tag: posted.tag,
        seats: seats.iter().map(SeatMetadata::from).collect(),
    };
    let input = serde_json::to_value(turned).unwrap_or_default();
    let what = ("console-propose-turn", name.as_str());
    let proposal = Proposal::new(&Turn, input, what, back).with_rows(vec![row]);
    console.propose(&present, proposal).await
}

/// A member whom this one may see.
pub(super) async fn find(
    console: &Console,
    present: &Present,
    id: &str,
) -> Result<StaffMember, PageError> {
    console.must(present, Action::Read, Kind::Person)?;
    let grounds = grounds(console).await?;
    let members = console.door.staff.members().await;
    let members = members.map_err(|fault| console.fault("read the staff", &fault))?;
    let mut members = members.into_iter().filter(|it| it.id.as_str() == id);
    members
        .find(|member| is_seen(present, &member.seats, &grounds))
        .ok_or_else(gone)
}

/// Whether any seat lies within reach: whoever has none is seen by those who reach everything.
pub(crate) fn is_seen(present: &Present, seats: &[Seat], grounds: &Grounds) -> bool {
    let rights = &present.rights;
    let sees = |seat: &Seat| {
        let place = grounds.place_of(&seat.on);
        place.is_some_and(|place| rights.may(Action::Read, Kind::Person, &place))
    };
    seats.iter().any(sees) || rights.may(Action::Read, Kind::Person, &crate::people::Place::Hub)
}

pub(super) async fn grounds(console: &Console) -> Result<Grounds, PageError> {
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
        DoorError::Invalid(invalid) => (
            StatusCode::BAD_REQUEST,
            match invalid.member {
                "reason" => "console-no-reason",
                "address" | "name" => "console-no-card",
                _ => "console-last-operator",
            },
        ),
        DoorError::Keys(error) => return console.fault("seal a card", error),
        DoorError::Fault(fault) => return console.fault("change the staff", fault),
    };
    PageError::new(status, text).with_way_back("/people", None)
}

pub(super) fn not_changed(console: &Console, error: &ChangeError) -> PageError {
    let text = match error {
        ChangeError::Overtaken(..) => "console-overtaken",
        ChangeError::Invalid(_) => "console-last-operator",
        other => return console.fault("change a member", other),
    };
    PageError::new(StatusCode::CONFLICT, text).with_way_back("/people", None)
}
