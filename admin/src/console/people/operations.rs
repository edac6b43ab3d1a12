//! Who is who, changed once it is confirmed: somebody let in, roles given and taken, members removed. What was allowed
//! when it was proposed is asked again.

use std::sync::Arc;

use async_trait::async_trait;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::ClientId;
use guichet_domain::staff::Seat;
use guichet_web::{PageContext, PageError, context};
use serde::{Deserialize, Serialize};

use super::{find, grounds, not_changed, refused};
use crate::api::Api;
use crate::console::confirm::{Confirmable, Dangerous};
use crate::console::{Console, Present};
use crate::people::{Action, Card, Kind, PersonMetadata, SeatMetadata};
use crate::{ChangeError, Expected, Records as _};

/// Every one of them.
pub(in crate::console) const OPERATIONS: &[&dyn Confirmable] = &[&Invite, &LetIn, &Turn, &Remove];

/// Somebody is sent an invitation.
pub(super) struct Invite;

/// Who is invited, as what.
#[derive(Serialize, Deserialize)]
pub(super) struct Invited {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) seat: SeatMetadata,
}

#[async_trait]
impl Dangerous for Invite {
    type Input = Invited;
    const NAME: &'static str = "person.invite";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        invited: Invited,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        console.must(&by, Action::Add, Kind::Person)?;
        let no = |error| refused(console, &error);
        let card = Card::new(&invited.name, &invited.address).map_err(|error| no(error.into()))?;
        let seat = invited.seat.check().map_err(|error| no(error.into()))?;
        let who = (&by.member.id, &by.rights);
        let invitation = console.door.invite(who, None, &card, vec![seat]);
        let Some(link) = invitation.await.map_err(no)?.link else {
            return Ok(Redirect::to("/people").into_response());
        };
        // Shown in the answer itself: it stands nowhere else.
        let data = context! { name => card.name.as_str(), link };
        let page = console.page(page, &by, "/people");
        Ok(console.pages.html(&page, "admin/invited.html", data))
    }
}

/// A client becomes a member.
pub(super) struct LetIn;

/// Which client, as what.
#[derive(Serialize, Deserialize)]
pub(super) struct Program {
    /// Whose it will be.
    pub(super) id: String,
    pub(super) client_id: String,
    pub(super) seat: SeatMetadata,
}

#[async_trait]
impl Dangerous for LetIn {
    type Input = Program;
    const NAME: &'static str = "person.let_in";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        program: Program,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        console.must(&by, Action::Add, Kind::Person)?;
        let seat = seat(console, &program.seat)?;
        let no = |error: ChangeError| not_changed(console, &error);
        let client: Result<ClientId, _> = program.client_id.parse();
        let invalid = |error| guichet_domain::InvalidMember::new("client_id", error);
        let client = client.map_err(|error| no(invalid(error).into()))?;
        let (who, grounds) = ((&by.member.id, &by.rights), grounds(console).await?);
        let given = console.door.may_let_in(who, (&client, &seat), &grounds);
        given.map_err(|error| refused(console, &error))?;
        let metadata = PersonMetadata {
            id: program.id,
            name: Some(program.client_id.clone()),
            client_id: Some(program.client_id),
            address: None,
            roles: vec![program.seat],
        };
        let desk = console.people_desk(&by);
        desk.put(&metadata, &Expected::Absent).await.map_err(no)?;
        Ok(Redirect::to("/people").into_response())
    }
}

/// Another set of roles.
pub(super) struct Turn;

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
    type Input = Turned;
    const NAME: &'static str = "person.turn";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        turned: Turned,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        let member = find(console, &by, &turned.id).await?;
        let seats: Result<Vec<Seat>, _> = turned.seats.iter().map(|it| seat(console, it)).collect();
        let (who, grounds) = ((&by.member.id, &by.rights), grounds(console).await?);
        let allowed = console
            .door
            .may_turn(who, (&member.seats, &seats?), &grounds);
        allowed.map_err(|error| refused(console, &error))?;
        let metadata = PersonMetadata {
            roles: turned.seats,
            ..crate::people::PeopleRecords::metadata(&member)
        };
        let expected = Expected::Tagged(vec![turned.tag]);
        let put = console.people_desk(&by).put(&metadata, &expected).await;
        put.map_err(|error| not_changed(console, &error))?;
        Ok(Redirect::to(&format!("/people/{}", member.id)).into_response())
    }
}

/// Nobody here any more.
pub(super) struct Remove;

/// Who goes.
#[derive(Serialize, Deserialize)]
pub(super) struct Removed {
    /// Who.
    pub(super) id: String,
    /// As they were when it was proposed.
    pub(super) tag: String,
}

#[async_trait]
impl Dangerous for Remove {
    type Input = Removed;
    const NAME: &'static str = "person.remove";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        removed: Removed,
    ) -> Result<Response, PageError> {
        let console = &api.console;
        let member = find(console, &by, &removed.id).await?;
        let desk = console.people_desk(&by);
        let expected = Expected::Tagged(vec![removed.tag]);
        let met = desk.meets(member.id.as_str(), Some(&member), &expected);
        met.map_err(|error| not_changed(console, &error))?;
        let gone = console
            .door
            .remove((&by.member.id, &by.rights), &member)
            .await;
        gone.map_err(|error| refused(console, &error))?;
        Ok(Redirect::to("/people").into_response())
    }
}

fn seat(console: &Console, seat: &SeatMetadata) -> Result<Seat, PageError> {
    seat.check()
        .map_err(|invalid| refused(console, &invalid.into()))
}
