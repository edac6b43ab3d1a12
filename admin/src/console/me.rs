//! Who I am here, what I may, and the glass to break in an emergency.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde::Deserialize;

use super::confirm::{Confirmable, Dangerous, Proposal, Row};
use super::people::SeatRow;
use super::sign_in::LEAVE;
use super::{Console, Present, people};
use crate::api::Api;
use crate::people::StaffDoor;

const GLASS: &str = "console-glass";

/// `GET /me`
pub(super) async fn show(
    State(console): State<Console>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    let (browser, _) = console.browser(&headers)?;
    let card = console.door.card(&present.member);
    let seats: Vec<SeatRow> = present.rights.seats().iter().map(SeatRow::of).collect();
    let data = context! {
        name => card.name.as_str(),
        address => card.address.as_str(),
        id => present.member.id.as_str(),
        seats => Serde(&seats),
        may_break => StaffDoor::may_break_glass(&present.rights),
        leave => console.form_token(&browser, LEAVE, &present),
        glass => console.form_token(&browser, GLASS, &present),
    };
    let page = console.page(page, &present, "/me");
    Ok(console.pages.html(&page, "admin/me.html", data))
}

/// Why the glass is broken.
#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    reason: String,
}

/// `POST /me/glass`: nothing is broken yet. Whoever has only the cookie of somebody does not come further.
pub(super) async fn propose_glass(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Reason>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, GLASS, &posted.csrf).await?;
    let reason = console
        .door
        .may_break_for(&present.member.id, &present.rights, &posted.reason);
    let reason = reason.map_err(|error| people::refused(&console, &error))?;
    let row = Row::said("console-glass-reason", "reason", reason);
    let title = ("console-glass-break", "");
    let proposal = Proposal::<BreakGlass>::new(reason.to_owned(), title, "/me".to_owned());
    console
        .propose(&present, proposal.with_rows(vec![row]))
        .await
}

/// What is confirmed of these pages.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&BreakGlass];

/// The operator's role for an hour. The session goes on as it was, and ends when it would have.
struct BreakGlass;

#[async_trait]
impl Dangerous for BreakGlass {
    type Input = String;
    const NAME: &'static str = "break_glass";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        reason: String,
    ) -> Result<Response, PageError> {
        let door = &api.console.door;
        let broken = door.break_glass(&by.member, &by.rights, &reason).await;
        broken.map_err(|error| people::refused(&api.console, &error))?;
        Ok(Redirect::to("/me").into_response())
    }
}
