//! The mailbox: every mail the demo sends ends here, taken by a real SMTP listener and shown on
//! pages. Nothing is ever sent on.

mod inbox;
mod mail;
mod mime;
mod smtp;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use guichet_web::{Accent, Csrf, PageContext, PageError, Pages, Serde, Value, context};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::cast::Member;
use crate::{DemoError, Surroundings};

pub use inbox::Inbox;
pub use mail::Mail;
pub use smtp::{Limits, serve};

/// The pages of the mailbox and its API for tests: `GET /api/mails`, newest first.
pub fn router(inbox: &Inbox, surroundings: &Surroundings) -> Result<Router, DemoError> {
    let pages = surroundings.pages(Member::Mailbox, Accent::Teal)?;
    let public_url = Url::parse(surroundings.addresses.of(Member::Mailbox))?;
    let csrf = Csrf::new(surroundings.entropy.bytes32(), &public_url);
    let mailbox = Arc::new(Mailbox {
        pages: pages.clone(),
        csrf,
        inbox: inbox.clone(),
    });
    let routes = Router::new()
        .route("/", get(list))
        .route("/mails/{id}", get(show))
        .route("/empty", post(empty))
        .route("/api/mails", get(mails))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(mailbox);
    Ok(pages.wrap(routes.merge(pages.common_routes())))
}

struct Mailbox {
    pages: Pages,
    csrf: Csrf,
    inbox: Inbox,
}

async fn list(State(mailbox): State<Arc<Mailbox>>, page: PageContext) -> Response {
    let mails: Value = mailbox
        .inbox
        .newest_first()
        .iter()
        .map(|mail| shown(mail))
        .collect();
    mailbox
        .pages
        .html(&page, "demo/mailbox.html", context!(mails))
}

async fn show(
    State(mailbox): State<Arc<Mailbox>>,
    page: PageContext,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let mail = id.parse().ok().and_then(|id| mailbox.inbox.get(id));
    let mail = mail.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "error-not-found"))?;
    Ok(mailbox
        .pages
        .html(&page, "demo/mail.html", context!(mail => shown(&mail))))
}

async fn mails(State(mailbox): State<Arc<Mailbox>>) -> Response {
    let mails = mailbox.inbox.newest_first();
    Json(mails.iter().map(|mail| &**mail).collect::<Vec<_>>()).into_response()
}

/// Anyone on this machine may empty it; another site's page may not.
async fn empty(
    State(mailbox): State<Arc<Mailbox>>,
    headers: HeaderMap,
) -> Result<Redirect, PageError> {
    mailbox
        .csrf
        .check_source(&headers)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    mailbox.inbox.empty();
    Ok(Redirect::to("/"))
}

fn shown(mail: &Mail) -> Value {
    context! {
        id => mail.id,
        received => mail.received.millis(),
        from => mail.from.clone(),
        to => mail.to.clone(),
        subject => mail.subject.clone(),
        paragraphs => Serde(mail.paragraphs()),
    }
}

#[cfg(test)]
mod tests;
