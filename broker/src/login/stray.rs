//! Pages for whoever is not where they should be: another browser, a finished step, an old tab.
//!
//! Each says what happened and leads on: to the step the login waits in, or back to the service.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::LoginId;
use guichet_web::{Locale, PageError};
use http::{HeaderMap, StatusCode};

use super::{Login, Trip};
use crate::hub::Hub;

/// `GET /login/{id}`: wherever this login is now.
pub(crate) async fn resume(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(login_id(&id)?, &headers).await?;
    Ok(Redirect::to(&hub.step_path(&login)).into_response())
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

impl Hub {
    /// The page of the step that `login` waits in.
    pub(crate) fn step_path(&self, login: &Login) -> String {
        self.path(&format!("/login/{}{}", login.trip().id, login.page()))
    }

    /// With the code of the visit on it, and the service's name when it is still active.
    pub(crate) fn named(&self, error: PageError, trip: &Trip) -> PageError {
        let error = error.with_visit(trip.browsing.to_string());
        match self.parts().engine.client_of(&trip.request) {
            Some(client) => error.with_service(client.name.clone()),
            None => error,
        }
    }

    /// With the code of the visit, and the service's name and a link to its home page.
    pub(crate) fn to_service(&self, error: PageError, trip: &Trip) -> PageError {
        self.towards(error.with_visit(trip.browsing.to_string()), trip)
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
