//! What is dangerous in the account asks for a fresh sign-in: `/account/again` says so and why, and leads to it
//! and back. Whoever finds a browser open changes nothing there that keeps others out.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{Acr, BrowserId, PersonId, Timestamp};
use guichet_web::{PageContext, PageError, Query, context};
use http::HeaderMap;

use crate::Portal;
use crate::account::Posted;
use crate::sign_in::{From, Page};

/// Whether whoever is signed in did so lately and surely enough for what is dangerous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// They did.
    Fresh(PersonId),
    /// They are to sign in again.
    SignInAgain {
        /// At which level.
        level: Acr,
    },
    /// They came by a provider that is new to them, and are to come by one they are known by.
    TooNew {
        /// Until then.
        until: Timestamp,
    },
}

impl Portal {
    /// Who posts a form about one `thing` of theirs that only a fresh sign-in may: as
    /// [`own_form`](Self::own_form), and the answer that leads to one where there is none. `to` names the
    /// page that a sign-in leads back to, as at `/account/sign-in`.
    pub(crate) async fn fresh_form(
        &self,
        headers: &HeaderMap,
        own: (&'static str, &str),
        posted: &Posted,
        to: &str,
    ) -> Result<Result<(PersonId, BrowserId), Response>, PageError> {
        let Some((person, browser)) = self.own_form(headers, own, posted).await? else {
            let page = self.path(Page::named(to).path());
            return Ok(Err(Redirect::to(&page).into_response()));
        };
        Ok(match self.signed_in.fresh(headers).await? {
            Some(Freshness::Fresh(fresh)) if fresh == person => Ok((person, browser)),
            _ => Err(self.again(to)),
        })
    }

    /// To the page that asks for a fresh sign-in.
    pub(crate) fn again(&self, to: &str) -> Response {
        let to = Page::named(to).name();
        Redirect::to(&self.path(&format!("/account/again?to={to}"))).into_response()
    }
}

/// `GET /account/again?to=`: what is asked for is what the session lacks at this moment, whatever the address
/// says.
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(from): Query<From>,
) -> Result<Response, PageError> {
    let to = from.page();
    let back = portal.path(to.path());
    let (level, until) = match portal.signed_in.fresh(&headers).await? {
        Some(Freshness::SignInAgain { level }) => (Some(level), None),
        Some(Freshness::TooNew { until }) => (None, Some(until)),
        Some(Freshness::Fresh(_)) | None => return Ok(Redirect::to(&back).into_response()),
    };
    let data = context! {
        to => to.name(),
        back,
        level => level.map(Acr::as_str),
        until => until.map(Timestamp::millis),
    };
    Ok(portal.pages.html(&page, "portal/again.html", data))
}
