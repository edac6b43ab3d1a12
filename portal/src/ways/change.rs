//! What the forms of `/account/ways` post. Each is bound to its person and to one thing; whoever is not
//! signed in any more finds the page as it is.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_web::{Form, PageContext, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Preferences, WayChange, WayOutcome, saved};
use crate::Portal;
use crate::account;

/// What any of the forms posts.
#[derive(Deserialize)]
pub(crate) struct Posted {
    /// `open` or `close`.
    #[serde(default)]
    way: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    code: String,
    #[serde(flatten)]
    own: account::Posted,
}

/// What the form of providers and alerts posts: each choice, and beside it what the page showed.
#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(flatten)]
    own: account::Posted,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

/// `POST /account/ways`: providers and alerts, all in one save.
pub(crate) async fn save(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageError> {
    let change = || {
        let said = saved::read(&chosen.fields).ok_or_else(no_choice)?;
        Ok((WayChange::Preferences(said), SAVED))
    };
    let own = (form::PREFERENCES, "");
    portal.change_ways(&headers, own, &chosen.own, change).await
}

/// `POST /account/ways/address`: a code is sent there.
pub(crate) async fn address(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let (address, locale) = (posted.email, page.locale);
    let change = || Ok((WayChange::AskAddress { address, locale }, SAVED));
    let own = (form::ADDRESS, "");
    portal.change_ways(&headers, own, &posted.own, change).await
}

/// `POST /account/ways/address/code`: it comes back.
pub(crate) async fn code(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let change = || Ok((WayChange::ConfirmAddress { code: posted.code }, CONFIRMED));
    let own = (form::ADDRESS, "");
    portal.change_ways(&headers, own, &posted.own, change).await
}

/// `POST /account/ways/address/forget`
pub(crate) async fn forget_address(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let change = || Ok((WayChange::ForgetAddress, FORGOTTEN));
    let own = (form::ADDRESS, "");
    portal.change_ways(&headers, own, &posted.own, change).await
}

/// `POST /account/ways/aliases/{handle}`
pub(crate) async fn alias(
    State(portal): State<Portal>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let change = || {
        let open = saved::either(&posted.way, "open", "close").ok_or_else(no_choice)?;
        let done = if open { JOINED } else { CUT };
        let handle = handle.clone();
        Ok((WayChange::Alias { handle, open }, done))
    };
    let own = (form::ALIAS, handle.as_str());
    portal.change_ways(&headers, own, &posted.own, change).await
}

/// `POST /account/ways/devices/{handle}`
pub(crate) async fn forget_device(
    State(portal): State<Portal>,
    Path(handle): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let own = (form::DEVICE, handle.as_str());
    let change = || {
        let handle = handle.clone();
        Ok((WayChange::ForgetDevice { handle }, FORGOTTEN))
    };
    portal.change_ways(&headers, own, &posted.own, change).await
}

/// What is to be changed, and what the page says of it then.
type Asked = Result<(WayChange, &'static str), PageError>;

impl Portal {
    /// Makes a change that whoever is signed in asked for by the form `own`; nothing is read of what anybody
    /// else posts.
    async fn change_ways(
        &self,
        headers: &HeaderMap,
        own: (&'static str, &str),
        posted: &account::Posted,
        change: impl FnOnce() -> Asked,
    ) -> Result<Response, PageError> {
        let as_it_is = || Redirect::to(&self.path("/account/ways")).into_response();
        if self.own_form(headers, own, posted).await?.is_none() {
            return Ok(as_it_is());
        }
        let (change, done) = change()?;
        if change == WayChange::Preferences(Preferences::default()) {
            return Ok(self.done(UNCHANGED));
        }
        let done = match self.ways.change(headers, change).await? {
            Some(WayOutcome::Changed) => done,
            Some(WayOutcome::Unchanged) => UNCHANGED,
            Some(WayOutcome::Asked) => ASKED,
            Some(WayOutcome::NotAnAddress) => NOT_AN_ADDRESS,
            Some(WayOutcome::WrongCode) => WRONG_CODE,
            Some(WayOutcome::TooMany) => TOO_MANY,
            Some(WayOutcome::NotFresh) => return Ok(self.again("ways")),
            Some(WayOutcome::InUse) => {
                let refused = PageError::new(StatusCode::CONFLICT, "ways-in-use");
                return Err(refused.with_way_back(self.path("/account/ways"), None));
            }
            Some(WayOutcome::Unknown) => {
                let unknown = PageError::new(StatusCode::NOT_FOUND, "ways-unknown");
                return Err(unknown.with_way_back(self.path("/account/ways"), None));
            }
            None => return Ok(as_it_is()),
        };
        Ok(self.done(done))
    }

    /// Back to the page, which says what was done.
    fn done(&self, what: &str) -> Response {
        let page = self.path(&format!("/account/ways?done={what}"));
        Redirect::to(&page).into_response()
    }
}

fn no_choice() -> PageError {
    PageError::new(StatusCode::BAD_REQUEST, "account-no-decision")
}

const SAVED: &str = "saved";
const UNCHANGED: &str = "unchanged";
const ASKED: &str = "asked";
const CONFIRMED: &str = "confirmed";
const FORGOTTEN: &str = "forgotten";
const CUT: &str = "cut";
const JOINED: &str = "joined";
const NOT_AN_ADDRESS: &str = "not-an-address";
const WRONG_CODE: &str = "wrong-code";
const TOO_MANY: &str = "too-many";
/// What the page may say was done: each the end of a text's name.
pub(super) const DONE: [&str; 10] = [
    SAVED,
    UNCHANGED,
    ASKED,
    CONFIRMED,
    FORGOTTEN,
    CUT,
    JOINED,
    NOT_AN_ADDRESS,
    WRONG_CODE,
    TOO_MANY,
];

/// The names of the forms in their CSRF tokens.
pub(super) mod form {
    pub(crate) const PREFERENCES: &str = "way-preferences";
    pub(crate) const ADDRESS: &str = "way-address";
    pub(crate) const ALIAS: &str = "way-alias";
    pub(crate) const DEVICE: &str = "way-device";
}
