//! Somebody: their roles, and what is to be changed of them.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::staff::{Role, Seat};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::operations::{Remove, Removed, Turn, Turned};
use super::{FORM, find, grounds, refused, row, seat};
use crate::console::Console;
use crate::console::confirm::{Proposal, Row};
use crate::people::{Action, Kind, SeatMetadata};

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
    let tag = console.people_desk(&present).tag_of(&member);
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
        let input = Removed {
            id: member.id.to_string(),
            tag: posted.tag,
        };
        let proposal = Proposal::<Remove>::new(input, what, back);
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
    let by = (&present.member.id, &present.rights);
    let turned = console.door.may_turn(by, (&member.seats, &seats), &grounds);
    turned.map_err(|error| refused(&console, &error))?;
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
    let what = ("console-propose-turn", name.as_str());
    let proposal = Proposal::<Turn>::new(turned, what, back);
    console
        .propose(&present, proposal.with_rows(vec![row]))
        .await
}
