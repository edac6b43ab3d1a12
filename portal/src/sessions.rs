//! The person's open sessions, in this browser and in others, each with the way to close it (threat
//! N-67: nobody sees or closes another's).

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{PersonId, Timestamp};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;

/// An open session, as its person sees it.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// What it is called here; opens nothing.
    pub handle: String,
    /// Whether it is this browser's.
    pub is_here: bool,
    /// The name of the provider the person signed in with.
    pub provider: String,
    /// The level reached: the end of a text's name.
    pub level: &'static str,
    /// When they signed in.
    pub since: Timestamp,
    /// When a service was last entered with it.
    pub used: Timestamp,
    /// What the device is called, as far as its browser says.
    pub device: Option<String>,
    /// The code of the visit.
    pub browsing: String,
    /// The names of the services signed in to.
    pub services: Vec<String>,
    /// Who said what of the person.
    pub told: Vec<Statement>,
}

/// What somebody said of a person in a session, without the values.
#[derive(Clone, Debug, Serialize)]
pub struct Statement {
    /// The name of the provider that said so; of the civil register there is none.
    pub by: Option<String>,
    /// When, in milliseconds as pages write dates: for a provider, when the person signed in there.
    pub at: i64,
    /// The level of that sign-in: the end of a text's name.
    pub level: Option<&'static str>,
    /// By which methods: the ends of texts' names.
    pub methods: Vec<&'static str>,
    /// What was said: names of texts.
    pub claims: Vec<&'static str>,
}

/// Who has which sessions. The hub knows; the binary wires it.
#[async_trait]
pub trait OpenSessions: Send + Sync {
    /// Who is signed in at the browser that sent `headers`, and their sessions, this browser's first;
    /// `None` where nobody is.
    async fn list(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<(PersonId, Vec<OpenSession>)>, PageError>;

    /// Closes all of them but this browser's own; how many.
    async fn close_others(&self, headers: &HeaderMap) -> Result<usize, PageError>;

    /// Closes one of them, if it is theirs who ask: its tokens die, its services are told.
    async fn close(&self, headers: &HeaderMap, handle: &str) -> Result<Closed, PageError>;
}

/// What became of a session that somebody closes.
#[derive(Debug)]
pub enum Closed {
    /// It was this browser's; the cookie that forgets it.
    Here(HeaderValue),
    /// It was another browser's.
    Elsewhere,
    /// No open session of theirs is called so, or none any more.
    Gone,
}

/// `GET /account/sessions`
pub(crate) async fn list(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let mine = portal.sessions.list(&headers).await?;
    let signed_in = mine.is_some();
    let others_csrf = mine
        .as_ref()
        .map(|(person, _)| portal.own_token(&browser, *person, (CLOSE, OTHERS)));
    let cards: Vec<Card> = mine
        .into_iter()
        .flat_map(|(person, open)| open.into_iter().map(move |session| (person, session)))
        .map(|(person, session)| {
            let csrf = portal.own_token(&browser, person, (CLOSE, &session.handle));
            Card::new(session, csrf)
        })
        .collect();
    let others = cards.iter().filter(|card| !card.is_here).count();
    let data = context! { signed_in, sessions => Serde(&cards), others, others_csrf };
    let page = portal.in_room(page, Room::Sessions);
    let answer = portal.pages.html(&page, "portal/sessions.html", data);
    Ok(with_cookie(answer, cookie))
}

/// A session as its page shows it.
#[derive(Serialize)]
struct Card {
    handle: String,
    is_here: bool,
    provider: String,
    level: &'static str,
    since: i64,
    used: i64,
    device: Option<String>,
    browsing: String,
    services: String,
    told: Vec<Statement>,
    csrf: String,
}

impl Card {
    fn new(session: OpenSession, csrf: String) -> Self {
        Self {
            handle: session.handle,
            is_here: session.is_here,
            provider: session.provider,
            level: session.level,
            since: session.since.millis(),
            used: session.used.millis(),
            device: session.device,
            browsing: session.browsing,
            services: session.services.join(", "),
            told: session.told,
            csrf,
        }
    }
}

/// `POST /account/sessions/{handle}`: whoever is not signed in any more finds the list as it is. Whoever closes
/// what is no open session of theirs reads that nothing was closed: they may have meant one that is open.
pub(crate) async fn close(
    State(portal): State<Portal>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let list = portal.path("/account/sessions");
    let mut answer = Redirect::to(&list).into_response();
    let form = portal.own_form(&headers, (CLOSE, &handle), &posted);
    if form.await?.is_none() {
        return Ok(answer);
    }
    match portal.sessions.close(&headers, &handle).await? {
        Closed::Here(forget) => answer.headers_mut().extend([(SET_COOKIE, forget)]),
        Closed::Elsewhere => {}
        Closed::Gone => {
            let gone = PageError::new(StatusCode::NOT_FOUND, "sessions-gone");
            return Err(gone.with_way_back(list, None));
        }
    }
    Ok(answer)
}

/// `POST /account/sessions/others`: every other browser is signed out.
pub(crate) async fn close_others(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (CLOSE, OTHERS), &posted);
    if form.await?.is_some() {
        portal.sessions.close_others(&headers).await?;
    }
    Ok(Redirect::to(&portal.path("/account/sessions")).into_response())
}

/// The name of the form in its CSRF token.
const CLOSE: &str = "session-close";
/// What stands there for all other sessions: no handle is so short.
const OTHERS: &str = "others";
