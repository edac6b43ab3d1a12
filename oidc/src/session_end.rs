//! `/session/end`: a client, or the person, asks for a sign-out (OIDC RP-Initiated Logout §2).
//!
//! [`check`] is the order of the checks. Whether the browser has that session at all, and whether the
//! person must confirm, is the house's to know.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{Client, OAuthError, RedirectUri};

use crate::hint::IdTokenHint;
use crate::parameters::Parameters;
use crate::refusal::{self, Refusal};
use crate::routes::Rooms;
use crate::{Browser, Engine, SignOutRequest, form};

/// `GET /session/end`.
pub(crate) async fn get(State(rooms): State<Rooms>, request: Request) -> Response {
    let browser = request.into_parts().0;
    let query = browser.uri.query().unwrap_or_default();
    let checked = read(query.as_bytes()).and_then(|asked| check(&rooms.engine, &asked));
    match checked {
        Ok(request) => rooms.house.sign_out(request, browser).await,
        Err(refusal) => end(&rooms, refusal, browser).await,
    }
}

/// `POST /session/end`: the same, from a form body. What holds goes on by GET.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (browser, body) = request.into_parts();
    let checked = form::read(&browser.headers, body)
        .await
        .and_then(|text| read(&text))
        .and_then(|asked| {
            check(&rooms.engine, &asked)?;
            form::by_address(&rooms.engine.endpoints().end_session, &asked)
        });
    match checked {
        Ok(response) => response,
        Err(refusal) => end(&rooms, refusal, browser).await,
    }
}

fn read(text: &[u8]) -> Result<Parameters, Refusal> {
    let asked = Parameters::read(text, PARAMETERS)?;
    asked.each_once()?;
    Ok(asked)
}

/// The checks of a sign-out request, in order. What does not hold together ends on a page of the
/// house: nothing is ever redirected from here (threat N-26).
fn check(engine: &Engine, asked: &Parameters) -> Result<SignOutRequest, Refusal> {
    let hint = asked
        .get("id_token_hint")
        .map(|token| IdTokenHint::verify(engine, token))
        .transpose()?;
    let client = client(engine, asked, hint.as_ref())?;
    let return_to = return_to(client.as_deref(), asked)?;
    Ok(SignOutRequest {
        state: state(asked)?.filter(|_| return_to.is_some()),
        return_to,
        client: client.map(|client| client.id.clone()),
        sid: hint.and_then(|hint| hint.sid),
        ui_locales: asked
            .get("ui_locales")
            .filter(|locales| locales.len() <= 256)
            .map(str::to_owned),
    })
}

/// `logout_hint` is left out: a session is found by its cookie and by `sid`, never by a name.
const PARAMETERS: &[&str] = &[
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];

/// The client that asks: the audience of the hint, which `client_id` may repeat and not contradict. A
/// disabled client still gets the person signed out.
fn client(
    engine: &Engine,
    asked: &Parameters,
    hint: Option<&IdTokenHint>,
) -> Result<Option<Arc<Client>>, Refusal> {
    let named = asked.get("client_id");
    let audience = hint.map(|hint| hint.audience.as_str());
    if let (Some(named), Some(audience)) = (named, audience)
        && named != audience
    {
        return Err(refused("id_token_hint was issued to another client"));
    }
    let Some(id) = audience.or(named) else {
        return Ok(None);
    };
    match engine.parts().clients.client(id) {
        Some(client) => Ok(Some(client)),
        None => Err(refused("the client is not registered here")),
    }
}

/// Where the browser may go afterwards: registered by that very client, which must be active.
fn return_to(client: Option<&Client>, asked: &Parameters) -> Result<Option<RedirectUri>, Refusal> {
    let Some(uri) = asked.get("post_logout_redirect_uri") else {
        return Ok(None);
    };
    client
        .ok_or(refused(
            "post_logout_redirect_uri needs id_token_hint or client_id",
        ))?
        .post_logout_redirect_uri(uri)
        .filter(|_| client.is_some_and(|client| client.active))
        // The requested text, not the registered one: a native application's port may differ.
        .and_then(|_| uri.parse().ok())
        .map(Some)
        .ok_or(refused(
            "post_logout_redirect_uri is not registered for this client",
        ))
}

fn state(asked: &Parameters) -> Result<Option<String>, Refusal> {
    match asked.get("state") {
        Some(state) if state.len() > 2048 => Err(refused("state is longer than 2048 bytes")),
        state => Ok(state.map(str::to_owned)),
    }
}

async fn end(rooms: &Rooms, refusal: Refusal, browser: Browser) -> Response {
    let page = refusal::page(refusal, None);
    rooms.house.refuse(page, browser).await
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
