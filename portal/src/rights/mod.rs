//! `/account/rights`: what the law gives a citizen over what the hub holds about them, and how each right is
//! used: access, as one signed archive; rectification, erasure and objection, by requests that are followed until
//! they are answered; complaint, with what goes with it.
//!
//! | what | file |
//! |---|---|
//! | what a citizen asks, of whom, and what becomes of it | `requests.rs`, `addressee.rs`, `office.rs` |
//! | everything that is held, file by file | `holdings.rs` |
//! | the archive, packed and signed, and verified by anybody | `archive.rs`, `zip.rs` |
//! | the public register of processing, from what runs | `register.rs` |

mod addressee;
mod archive;
mod holdings;
mod office;
pub(crate) mod register;
pub(crate) mod requests;
mod zip;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{AuditEvent, EventKind, PersonId};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode, header};

pub use archive::{ArchiveProblem, Listed, Manifest, verify_archive};
pub use office::{ANSWERED_WITHIN, OpenedRequest, RightsOffice, SETTLED_KEPT_FOR};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;
use crate::places::Place;

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
    let _place = portal.place_to_pack(person)?;
    let files = portal.holdings(person, &headers, page.locale).await?;
    let event = AuditEvent::new(EventKind::ArchiveMade, portal.clock.now()).person(person);
    archived(&portal, files, event, "guichet-archive.zip").await
}

impl Portal {
    /// What is held about a citizen is whole in memory for a while: one archive of theirs at a time, and few at
    /// once.
    fn place_to_pack(&self, person: PersonId) -> Result<Place, PageError> {
        let place = self.packing.take(person);
        place.ok_or(PageError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "archive-under-way",
        ))
    }
}

/// These files, signed, as a file of this name; `event` is on record before it leaves.
async fn archived(
    portal: &Portal,
    files: Vec<holdings::File>,
    event: AuditEvent,
    name: &'static str,
) -> Result<Response, PageError> {
    let (now, count) = (portal.clock.now(), files.len());
    let (keys, issuer) = (portal.keys.clone(), portal.engine.issuer().to_owned());
    // Digests and checksums of all there is: not on a thread that answers others.
    let packing = move || archive::pack(keys.ring(), &issuer, now, &files);
    let packed = tokio::task::spawn_blocking(packing).await;
    let packed = packed.map_err(|error| portal.fault("pack an archive", &error))?;
    let packed = packed.map_err(|error| portal.fault("sign an archive", &error))?;
    let Some(packed) = packed else {
        return Err(PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "archive-too-long",
        ));
    };
    let noted = portal.ledger.append(event.detail("files", count)).await;
    noted.map_err(|fault| portal.fault("append to the audit log", &fault))?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, packed).into_response())
}

/// The name of the form in its CSRF token, about nothing in particular.
const ARCHIVE: (&str, &str) = ("rights-archive", "");
