//! What an invitation is for, and the form that accepts it. Whoever is led here by somebody else accepts nothing before
//! they have seen what, and said so at this browser (threat N-71).

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::staff::Invitation;
use guichet_web::{Form, PageContext, PageError, Purpose, Serde, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::people::SeatRow;
use super::{Console, sign_in};
use crate::people::Card;

const FORM: &str = "console-invitation";

/// `GET /invitation/{text}`: opening it spends nothing, since mail programs do that.
pub(super) async fn show(
    State(console): State<Console>,
    Path(text): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (invitation, card) = good(&console, &text).await?;
    let (browser, cookie) = console.browser(&headers)?;
    let seats: Vec<SeatRow> = invitation.seats.iter().map(SeatRow::of).collect();
    let data = context! {
        name => card.name.as_str(),
        text => text.as_str(),
        seats => Serde(&seats),
        expires => invitation.expires.millis(),
        csrf => console.csrf.token(&browser, purpose(&invitation)),
    };
    let mut response = console.pages.html(&page, "admin/invitation.html", data);
    let cookies = cookie.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(cookies);
    Ok(response)
}

/// The form says nothing but that it is ours.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
}

/// `POST /invitation/{text}`: to the hub. Who they are there is who is let in.
pub(super) async fn accept(
    State(console): State<Console>,
    Path(text): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let (invitation, _) = good(&console, &text).await?;
    let browser = console.cookies.browser(&headers);
    let purpose = purpose(&invitation);
    console
        .csrf
        .check(&headers, browser.as_ref(), purpose, &posted.csrf)?;
    sign_in::to_accept(&console, &headers, text).await
}

async fn good(console: &Console, text: &str) -> Result<(Invitation, Card), PageError> {
    let found = console.door.look(text).await;
    let found = found.map_err(|fault| console.fault("read an invitation", &fault))?;
    found.ok_or_else(|| PageError::new(StatusCode::GONE, "console-invitation-over"))
}

/// The token is good for this invitation alone.
fn purpose(invitation: &Invitation) -> Purpose<'_> {
    Purpose::new(FORM, invitation.id.as_str())
}
