//! Who I am here, what I may, and the glass to break in an emergency.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::staff::Role;
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde::Deserialize;

use super::people::SeatRow;
use super::sign_in::LEAVE;
use super::{Console, people};

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
    let may_break = Role::ALL
        .into_iter()
        .any(|role| !role.is_of_team() && present.rights.holds(role));
    let data = context! {
        name => card.name.as_str(),
        address => card.address.as_str(),
        id => present.member.id.as_str(),
        seats => Serde(&seats),
        may_break => may_break && !present.rights.holds(Role::Operator),
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

/// `POST /me/glass`
pub(super) async fn break_glass(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Reason>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, GLASS, &posted.csrf).await?;
    let broken = console
        .door
        .break_glass(&present.member, &present.rights, &posted.reason)
        .await;
    broken.map_err(|error| people::refused(&console, &error))?;
    // Another role is another session.
    let cookie = console
        .begin_session(present.member.who.clone(), &headers)
        .await?;
    Ok(([(http::header::SET_COOKIE, cookie)], Redirect::to("/me")).into_response())
}
