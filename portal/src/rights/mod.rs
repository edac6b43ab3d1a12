//! `/account/rights`: what the law gives a citizen over what the hub holds about them, and how each right is
//! used: access, as one signed archive; rectification, erasure and objection, by requests that are followed until
//! they are answered; complaint, with what goes with it.
//!
//! | what | file |
//! |---|---|
//! | what a citizen asks, of whom, and what becomes of it | `requests.rs`, `addressee.rs`, `office.rs` |
//! | everything that is held, file by file | `holdings.rs` |
//! | the archive, packed and signed, and verified by anybody | `archive.rs`, `zip.rs` |
//! | how it leaves while it is made | `leaving.rs` |
//! | the public register of processing, from what runs | `register.rs` |

mod addressee;
mod archive;
mod holdings;
mod leaving;
mod office;
pub(crate) mod register;
pub(crate) mod requests;
mod zip;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{AuditEvent, EventKind, PersonId};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};

pub use archive::{ArchiveProblem, Listed, Manifest, verify_archive};
pub use office::{ANSWERED_WITHIN, OpenedRequest, RightsOffice, SETTLED_KEPT_FOR};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;
use crate::places::{NoPlace, Place};
use holdings::Holdings;

/// `GET /account/rights`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let csrf = person.map(|person| portal.own_token(&browser, person, ARCHIVE));
    let asked = match person {
        Some(person) => portal.asked(person, page.locale).await?,
        None => Vec::new(),
    };
    let data = context! {
        signed_in => person.is_some(),
        csrf,
        asked => Serde(&asked),
        evidence => portal.exchange.is_some(),
        authority => portal.authority.name.as_str(),
        authority_uri => portal.authority.uri.as_ref().map(url::Url::as_str),
        controller => portal.authority.controller.as_str(),
        contact => portal.authority.contact.as_str(),
    };
    let page = portal.in_room(page, Room::Rights);
    let answer = portal.pages.html(&page, "portal/rights.html", data);
    Ok(with_cookie(answer, cookie))
}

/// `POST /account/rights/archive`: everything, as a file. On record before it leaves.
pub(crate) async fn download(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let Some((person, _)) = portal.own_form(&headers, ARCHIVE, &posted).await? else {
        return Ok(Redirect::to(&portal.path("/account/rights")).into_response());
    };
    let place = portal.place_to_pack(person)?;
    let holdings = Holdings::of(&portal, person, &headers, page.locale).await?;
    let event = AuditEvent::new(EventKind::ArchiveMade, portal.clock.now()).person(person);
    leaving::archive(&portal, (holdings, place), event, "guichet-archive.zip").await
}

impl Portal {
    /// One archive of a citizen at a time, and so many at once: each reads all there is of somebody.
    fn place_to_pack(&self, person: PersonId) -> Result<Place, PageError> {
        self.packing.take(person).map_err(|why| match why {
            NoPlace::Theirs => PageError::new(StatusCode::TOO_MANY_REQUESTS, "archive-under-way"),
            NoPlace::Nodes => PageError::new(StatusCode::SERVICE_UNAVAILABLE, "archive-later"),
        })
    }
}

/// The name of the form in its CSRF token, about nothing in particular.
const ARCHIVE: (&str, &str) = ("rights-archive", "");
