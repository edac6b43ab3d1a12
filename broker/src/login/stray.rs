//! Whoever is not where they should be: another browser, a finished step, an old tab, a session that is
//! over.
//!
//! Each page says what happened and leads on: to the step the login waits in, or back to the service.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{EventKind, LoginId};
use guichet_store::short_lived::{Advance, Step};
use guichet_web::{Locale, PageError};
use http::{HeaderMap, StatusCode};

use super::{AwaitingConsent, Login, Trip};
use crate::hub::{Hub, Shown};
use crate::session::LiveSession;

/// `GET /login/{id}`: wherever this login is now.
pub(crate) async fn resume(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(login_id(&id)?, &headers).await?;
    Ok(hub.onward(&login))
}

/// The identifier in an address.
pub(crate) fn login_id(text: &str) -> Result<LoginId, PageError> {
    text.parse()
        .map_err(|_| PageError::new(StatusCode::NOT_FOUND, "error-not-found"))
}

/// The login expired, was finished, or never was.
pub(crate) fn gone(hub: &Hub, headers: &HeaderMap) -> PageError {
    tracing::info!("a login that is gone was asked for");
    let text = if hub.parts().cookies.browser(headers).is_some() {
        "login-gone"
    } else {
        "login-no-cookie"
    };
    PageError::new(StatusCode::GONE, text)
}

/// The login was started in another browser, or this one lost its cookie: which, `text` says.
pub(crate) fn elsewhere(hub: &Hub, login: &Login, text: &'static str) -> PageError {
    tracing::info!(login = %login.trip().id, text, "a login was asked for by another browser");
    hub.towards(PageError::new(StatusCode::FORBIDDEN, text), login.trip())
}

/// The page belongs to another step than the login waits in.
pub(crate) fn out_of_order(hub: &Hub, login: &Login, locale: Locale) -> PageError {
    tracing::info!(login = %login.trip().id, step = login.step_name(), "a step was asked for out of order");
    let label = hub.parts().pages.text(locale, "continue-login", &[]);
    hub.named(
        PageError::new(StatusCode::CONFLICT, "login-out-of-order"),
        login.trip(),
    )
    .with_way_back(hub.step_path(login), Some(label))
}

/// Someone else, most often the same person's second click, moved the login first.
pub(crate) fn moved_on(hub: &Hub, id: LoginId) -> PageError {
    tracing::info!(login = %id, "a login was moved by another request");
    PageError::new(StatusCode::CONFLICT, "login-moved-on")
        .with_way_back(hub.path(&format!("/login/{id}")), None)
}

/// Somebody was frozen, or their account was closed, while they were on their way.
pub(crate) fn barred(hub: &Hub, login: &Login) -> PageError {
    tracing::info!(login = %login.trip().id, "the person of a login may not act any more");
    hub.to_service(
        PageError::new(StatusCode::FORBIDDEN, "login-barred"),
        login.trip(),
    )
}

/// The session in which the login went on is over, in this browser at least.
pub(crate) fn session_ended(hub: &Hub, trip: &Trip) -> PageError {
    tracing::info!(login = %trip.id, "the session of a login ended before it did");
    hub.to_service(
        PageError::new(StatusCode::FORBIDDEN, "login-session-ended"),
        trip,
    )
}

impl Hub {
    /// The session that the person signed in in for `awaited`, or one in its place, if it is alive and this
    /// browser's: nothing is fetched, decided or sent for whoever signed out meanwhile, or signed somebody
    /// else in (threat N-52).
    pub(crate) async fn session_of(
        &self,
        awaited: &AwaitingConsent,
        headers: &HeaderMap,
    ) -> Result<LiveSession, PageError> {
        let live = self.live_session(headers).await?;
        let live = live.filter(|live| {
            live.session.person == awaited.person && live.is_or_continues(awaited.session)
        });
        live.ok_or_else(|| session_ended(self, &awaited.trip))
    }

    /// The word counts if it is the first: the login that says so, if it is; nothing comes of any other.
    pub(crate) async fn first_word(
        &self,
        from: Step,
        said: Login,
    ) -> Result<Option<Login>, PageError> {
        Ok(match self.try_advance(from, &said).await? {
            Advance::Done => Some(said),
            Advance::Moved => None,
        })
    }

    /// Whoever asks for the step `number`, where `login` does not wait as they think: on, when they are
    /// late (a second click, a page from before); else told so.
    pub(crate) fn led_on(
        &self,
        login: &Login,
        number: u8,
        locale: Locale,
    ) -> Result<Response, PageError> {
        if login.number() >= number {
            Ok(self.onward(login))
        } else {
            Err(out_of_order(self, login, locale))
        }
    }

    /// To the step that `login` waits in.
    pub(crate) fn onward(&self, login: &Login) -> Response {
        Redirect::to(&self.step_path(login)).into_response()
    }

    /// To wherever the login is by now, whoever moved it.
    pub(crate) fn resumed(&self, id: LoginId) -> Response {
        Redirect::to(&self.path(&format!("/login/{id}"))).into_response()
    }

    /// Nothing that is an answer to the page that `login` shows: nothing is assumed.
    pub(crate) fn no_decision(
        &self,
        text: &'static str,
        login: &Login,
        locale: Locale,
    ) -> PageError {
        let label = self.parts().pages.text(locale, "continue-login", &[]);
        let error = PageError::new(StatusCode::BAD_REQUEST, text);
        self.named(error, login.trip())
            .with_way_back(self.step_path(login), Some(label))
    }

    /// The page of the step that `login` waits in.
    pub(crate) fn step_path(&self, login: &Login) -> String {
        self.path(&format!("/login/{}{}", login.trip().id, login.page()))
    }

    /// With the code of the visit on it, and the service's name when it is still active.
    pub(crate) fn named(&self, error: PageError, trip: &Trip) -> PageError {
        let error = self.of_visit(error, trip);
        match self.parts().engine.client_of(&trip.request) {
            Some(client) => error.with_service(client.name.clone()),
            None => error,
        }
    }

    /// With the code of the visit, and the service's name and a link to its home page.
    pub(crate) fn to_service(&self, error: PageError, trip: &Trip) -> PageError {
        self.towards(self.of_visit(error, trip), trip)
    }

    /// With the code of the visit, and a reference by which the support finds the login.
    fn of_visit(&self, error: PageError, trip: &Trip) -> PageError {
        let event = trip.event(EventKind::ErrorShown, self.now());
        let sort = Shown::OfLogin(trip.id, error.text());
        self.referenced_at_times(sort, error, event)
            .with_visit(trip.browsing.to_string())
    }

    /// With the service's name and a link to its home page: also for a browser whose visit this is not.
    fn towards(&self, error: PageError, trip: &Trip) -> PageError {
        let Some(client) = self.parts().engine.client_of(&trip.request) else {
            return error;
        };
        let named = error.with_service(client.name.clone());
        match &client.client_uri {
            Some(home) => named.with_way_back(home.as_str(), None),
            None => named,
        }
    }
}
