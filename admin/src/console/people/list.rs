//! Who is in, who is invited, and the forms that let somebody in.

use axum::extract::State;
use axum::response::Response;
use guichet_domain::staff::Role;
use guichet_web::{PageContext, PageError, Serde, context};
use http::HeaderMap;

use super::{FORM, PersonRow, SeatRow, grounds, row};
use crate::console::Console;
use crate::people::{Action, Kind};

/// `GET /people`
pub(super) async fn show(
    State(console): State<Console>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Person)?;
    let (browser, _) = console.browser(&headers)?;
    let grounds = grounds(&console).await?;
    let fault = |fault| console.fault("read the staff", &fault);
    let now = console.door.clock.now();
    let members = console.door.staff.members().await.map_err(fault)?;
    let people = members
        .iter()
        .filter(|member| present.rights.sees(&member.seats, &grounds))
        .map(|member| row(member, console.door.card(member)));
    let people: Vec<PersonRow> = people.collect();
    let invitations = console.door.staff.invitations().await.map_err(fault)?;
    let invited = invitations
        .iter()
        .filter(|it| it.expires > now && present.rights.sees(&it.seats, &grounds));
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
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/people");
    Ok(console.pages.html(&page, "admin/people.html", data))
}
