//! The page that shows what is about to happen, the way to the hub, and what becomes of whoever comes back.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, EventKind};
use guichet_web::{LocalPath, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{Row, operation};
use crate::api::Api;
use crate::console::front_door::Arrival;
use crate::console::shown::Shown;
use crate::console::{Console, sign_in};

/// A row as its page shows it.
#[derive(Serialize)]
struct ShownRow {
    label: Option<String>,
    member: String,
    before: Option<Shown>,
    after: Option<Shown>,
}

impl ShownRow {
    fn of(row: Row) -> Self {
        Self {
            label: row.label,
            member: row.member,
            before: row.before.as_ref().map(Shown::of),
            after: row.after.as_ref().map(Shown::of),
        }
    }
}

/// `GET /confirm/{id}`: what is about to happen.
pub(in crate::console) async fn show(
    State(console): State<Console>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    let (id, kept) = console.proposal(&present, &id).await?;
    let announced = kept.announced;
    let rows: Vec<ShownRow> = announced.rows.into_iter().map(ShownRow::of).collect();
    let data = context! {
        id => id.to_string(),
        title => announced.title.as_str(),
        name => announced.name.as_str(),
        back => announced.back.as_str(),
        rows => Serde(&rows),
        warnings => Serde(&announced.warnings),
    };
    let page = console.page(page, &present, "");
    Ok(console.pages.html(&page, "admin/confirm.html", data))
}

/// `GET /confirm/{id}/sign-in`: to the hub, to sign in anew. Whoever is led here by somebody else signs in, and
/// nothing more: they see what they confirm on the page before.
pub(in crate::console) async fn go(
    State(console): State<Console>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = console.present(&headers).await?;
    let (id, _) = console.proposal(&present, &id).await?;
    sign_in::to_confirm(&console, &headers, &id.to_string()).await
}

/// Back from the hub, as `arrival`: what was proposed under `id` is done, once.
pub(in crate::console) async fn confirmed(
    api: &Arc<Api>,
    page: PageContext,
    headers: &HeaderMap,
    (id, arrival): (&str, &Arrival),
) -> Result<Response, PageError> {
    let console = &api.console;
    let (by, kept) = console.take_confirmed(headers, id, arrival).await?;
    let Some(operation) = operation(&kept.operation) else {
        // Proposed on a node of another release.
        return Err(PageError::new(StatusCode::GONE, "console-proposal-gone"));
    };
    let event = AuditEvent::new(EventKind::StaffConfirmed, console.door.clock.now())
        .detail("staff", &by.member.id)
        .detail("operation", operation.name());
    let appended = console.door.ledger.append(event).await;
    appended.map_err(|fault| console.fault("record a confirmation", &fault))?;
    // The address of this answer is good once: the page leads back to where it was asked for.
    let page = match LocalPath::parse(&kept.announced.back) {
        Some(back) => page.at(back),
        None => page,
    };
    operation.carry_out_kept(api, by, page, kept.input).await
}
