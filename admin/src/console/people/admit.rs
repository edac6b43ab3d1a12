//! Who is to be let in: somebody by invitation, a program at once. Proposed here; taking an invitation back needs no
//! confirmation.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{ClientId, StaffId};
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::operations::{Invite, Invited, LetIn, Program};
use super::{FORM, gone, grounds, refused, seat};
use crate::console::Console;
use crate::console::confirm::{Proposal, Row};
use crate::people::{Action, Card, Kind, SeatMetadata};

/// What is posted.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    on: String,
}

/// `POST /people/invitations`
pub(super) async fn invite(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    console.must(&present, Action::Add, Kind::Person)?;
    let card = Card::new(&posted.name, &posted.address);
    let card = card.map_err(|error| refused(&console, &error.into()))?;
    let seat = seat(&posted.role, &posted.on)?;
    let by = (&present.member.id, &present.rights);
    let given = console.door.may_give(by, &seat, &grounds(&console).await?);
    given.map_err(|error| refused(&console, &error))?;
    let rows = vec![
        Row::said("console-address", "address", card.address.as_str()),
        Row::said("console-roles", "roles", seat.to_string()),
    ];
    let invited = Invited {
        name: card.name.clone(),
        address: card.address,
        seat: SeatMetadata::from(&seat),
    };
    let what = ("console-propose-invite", card.name.as_str());
    let proposal = Proposal::<Invite>::new(invited, what, "/people".to_owned());
    console.propose(&present, proposal.with_rows(rows)).await
}

/// `POST /people/programs`: a client becomes a member.
pub(super) async fn let_in(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    console.must(&present, Action::Add, Kind::Person)?;
    let seat = seat(&posted.role, &posted.on)?;
    let client: Result<ClientId, _> = posted.client_id.trim().parse();
    let client = client.map_err(|_| {
        PageError::new(StatusCode::BAD_REQUEST, "console-no-program").with_way_back("/people", None)
    })?;
    let by = (&present.member.id, &present.rights);
    let grounds = grounds(&console).await?;
    let given = console.door.may_let_in(by, (&client, &seat), &grounds);
    given.map_err(|error| refused(&console, &error))?;
    let rows = vec![
        Row::said("console-program-client", "client_id", client.as_str()),
        Row::said("console-roles", "roles", seat.to_string()),
    ];
    let program = Program {
        id: StaffId::random(&*console.door.entropy).to_string(),
        client_id: client.to_string(),
        seat: SeatMetadata::from(&seat),
    };
    let what = ("console-propose-program", client.as_str());
    let proposal = Proposal::<LetIn>::new(program, what, "/people".to_owned());
    console.propose(&present, proposal.with_rows(rows)).await
}

/// `POST /people/invitations/{id}`: takes it back.
pub(super) async fn withdraw(
    State(console): State<Console>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let id: StaffId = id.parse().map_err(|_| gone())?;
    let by = (&present.member.id, &present.rights);
    let withdrawn = console.door.withdraw(by, &id).await;
    withdrawn.map_err(|error| refused(&console, &error))?;
    Ok(Redirect::to("/people").into_response())
}
