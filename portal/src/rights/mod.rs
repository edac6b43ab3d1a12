//! `/account/rights`: what the law gives a citizen over what the hub holds about them, and how each right is
//! used: access, as one signed archive; rectification, where the source is; objection; erasure; complaint.
//!
//! | what | file |
//! |---|---|
//! | everything that is held, file by file | `holdings.rs` |
//! | the archive, packed and signed, and verified by anybody | `archive.rs`, `zip.rs` |
//! | the public register of processing, from what runs | `register.rs` |

mod archive;
mod holdings;
pub(crate) mod register;
mod zip;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{AuditEvent, EventKind};
use guichet_web::{Form, PageContext, PageError, context};
use http::{HeaderMap, StatusCode, header};

pub use archive::{ArchiveProblem, Listed, Manifest, verify_archive};

use crate::Portal;
use crate::account::{Posted, with_cookie};
use crate::nav::Room;

/// `GET /account/rights`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let csrf = person.map(|person| portal.own_token(&browser, person, ARCHIVE));
    let data = context! {
        signed_in => person.is_some(),
        csrf,
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
    let files = portal.holdings(person, &headers, page.locale).await?;
    let now = portal.clock.now();
    let packed = archive::pack(portal.keys.ring(), portal.engine.issuer(), now, &files);
    let packed = packed.map_err(|error| portal.fault("sign an archive", &error))?;
    let Some(packed) = packed else {
        return Err(PageError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "archive-too-long",
        ));
    };
    let event = AuditEvent::new(EventKind::ArchiveMade, now).person(person);
    let noted = portal
        .ledger
        .append(event.detail("files", files.len()))
        .await;
    noted.map_err(|fault| portal.fault("append to the audit log", &fault))?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"guichet-archive.zip\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, packed).into_response())
}

/// The name of the form in its CSRF token, about nothing in particular.
const ARCHIVE: (&str, &str) = ("rights-archive", "");
