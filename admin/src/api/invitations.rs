//! Invitations: who is to be let in, as what.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::staff::{Invitation, Seat};
use guichet_domain::{InvalidMember, StaffId};
use http::{HeaderMap, StatusCode, Uri};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::Caller;
use super::conditions::{answered, expected, meets, shown_to, tag_of};
use super::intake::{Brought, JSON};
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::{Problem, faulty};
use crate::people::{Action, Card, Kind, SeatMetadata};

/// Somebody to be let in.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InvitationMetadata {
    /// Their name, 1 to 200 characters.
    name: String,
    /// Where the link goes. Never changed: another address is another invitation.
    address: String,
    /// The roles that it gives.
    roles: Vec<SeatMetadata>,
}

/// An invitation that waits.
#[derive(Serialize, JsonSchema)]
struct Waiting {
    /// Whose it will be.
    id: String,
    /// Who is meant.
    #[serde(flatten)]
    of: InvitationMetadata,
    /// Until when (RFC 3339).
    expires: String,
    /// The link, this once, where nobody carried it to its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let shape = schemas.subschema_for::<InvitationMetadata>();
    let waiting = schemas.subschema_for::<Waiting>();
    let page = schemas.subschema_for::<Page<Waiting>>();
    vec![
        Operation::new(
            ("get", "/invitations"),
            "list_invitations",
            "Lists the invitations that nobody accepted yet",
            list,
        )
        .right(Action::Read, Kind::Person)
        .paged()
        .gives(200, Some(page)),
        Operation::new(
            ("get", "/invitations/{id}"),
            "show_invitation",
            "Shows an invitation that nobody accepted yet",
            show,
        )
        .right(Action::Read, Kind::Person)
        .tagged()
        .gives(200, Some(waiting.clone())),
        Operation::new(
            ("put", "/invitations/{id}"),
            "invite",
            "Invites somebody, who will have this identifier; asked again, it is the same invitation",
            put,
        )
        .right(Action::Add, Kind::Person)
        .conditional()
        .tagged()
        .takes(JSON, shape)
        .gives(200, Some(waiting.clone()))
        .gives(201, Some(waiting)),
        Operation::new(
            ("delete", "/invitations/{id}"),
            "withdraw_invitation",
            "Takes an invitation back",
            withdraw,
        )
        .right(Action::Disable, Kind::Person)
        .conditional()
        .gives(204, None),
    ]
}

async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    uri: Uri,
) -> Result<Json<Page<Waiting>>, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Person)?;
    let paging = Paging::of(&uri)?;
    let waiting = waiting(&api).await?;
    let seen = waiting
        .into_iter()
        .filter(|it| caller.rights.sees(&it.seats, &caller.grounds));
    Ok(Json(Page::of(
        seen,
        &paging,
        |invitation| invitation.id.as_str(),
        |invitation| shown(&api, invitation, None),
    )))
}

async fn show(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Read, Kind::Person)?;
    let all = waiting(&api).await?;
    let known = seen(&all, &caller, &id).ok_or_else(Problem::unknown)?;
    let shown = shown(&api, known, None);
    Ok(shown_to(&headers, &tag(&api, known)?, &shown))
}

async fn put(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    brought: Brought,
) -> Result<Response, Problem> {
    caller.somewhere(&api, Action::Add, Kind::Person)?;
    let id: StaffId = id
        .parse()
        .map_err(|error| Problem::member(&InvalidMember::new("id", error)))?;
    let asked: InvitationMetadata = brought.json().await?;
    let refused = |invalid: InvalidMember| Problem::member(&invalid);
    let card = Card::new(&asked.name, &asked.address).map_err(refused)?;
    let seats: Result<Vec<Seat>, _> = asked.roles.iter().map(SeatMetadata::check).collect();
    let seats = seats.map_err(refused)?;
    if seats.iter().any(|seat| seat.until.is_some()) {
        return Err(refused(InvalidMember::new("roles", "`until` is only read")));
    }
    let all = waiting(&api).await?;
    let known = seen(&all, &caller, id.as_str());
    let known_tag = known.map(|known| tag(&api, known)).transpose()?;
    meets(&expected(&headers)?, known_tag.as_deref())?;
    if let (Some(known), Some(tag)) = (known, known_tag) {
        let is_same = api.console.door.card_of(known) == card && known.seats == seats;
        return if is_same {
            Ok(answered(StatusCode::OK, &tag, &shown(&api, known, None)))
        } else {
            let detail = "there is another invitation of this identifier: take it back first";
            Err(Problem::said(StatusCode::CONFLICT, detail))
        };
    }
    let door = &api.console.door;
    let by = (&caller.member.id, &caller.rights);
    let invited = door.invite(by, Some(id.clone()), &card, seats).await;
    let invited = invited.map_err(|error| Problem::door(&api, &error))?;
    let all = waiting(&api).await?;
    let made = all.iter().find(|it| it.id == id);
    let made = made.ok_or_else(Problem::unknown)?;
    let body = shown(&api, made, invited.link);
    Ok(answered(StatusCode::CREATED, &tag(&api, made)?, &body))
}

async fn withdraw(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    caller.somewhere(&api, Action::Disable, Kind::Person)?;
    let all = waiting(&api).await?;
    let known = seen(&all, &caller, &id).ok_or_else(Problem::unknown)?;
    meets(&expected(&headers)?, Some(&tag(&api, known)?))?;
    let door = &api.console.door;
    let by = (&caller.member.id, &caller.rights);
    let withdrawn = door.withdraw(by, &known.id).await;
    withdrawn.map_err(|error| Problem::door(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// The invitation of this identifier, where the caller may see it.
fn seen<'a>(all: &'a [Invitation], caller: &Caller, id: &str) -> Option<&'a Invitation> {
    let known = all.iter().find(|it| it.id.as_str() == id);
    known.filter(|it| caller.rights.sees(&it.seats, &caller.grounds))
}

/// What tells an invitation from another one of the same identifier: it never changes itself.
fn tag(api: &Api, invitation: &Invitation) -> Result<String, Problem> {
    let shown = shown(api, invitation, None);
    let tag = tag_of(&(&shown.id, &shown.expires, &shown.of));
    tag.map_err(|error| Problem::fault(api, "tag an invitation", &error))
}

/// Those that are still good.
async fn waiting(api: &Api) -> Result<Vec<Invitation>, Problem> {
    let door = &api.console.door;
    let all = door.staff.invitations().await;
    let mut all = all.map_err(faulty(api, "read invitations"))?;
    let now = door.clock.now();
    all.retain(|invitation| now < invitation.expires);
    Ok(all)
}

fn shown(api: &Api, invitation: &Invitation, link: Option<String>) -> Waiting {
    let card = api.console.door.card_of(invitation);
    Waiting {
        id: invitation.id.to_string(),
        of: InvitationMetadata {
            name: card.name,
            address: card.address,
            roles: invitation.seats.iter().map(SeatMetadata::from).collect(),
        },
        expires: invitation.expires.to_string(),
        link,
    }
}
