//! "Envoyer un document": the way that is always there, whatever the citizen says at the hub.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{PANEL, Paper, SEND};
use crate::services::desk::Desk;

/// The form of the panel. It is not `multipart`, so browsers send the document's name alone: the demo
/// wants nobody's papers.
#[derive(Deserialize)]
pub(in crate::services) struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    document: String,
}

pub(in crate::services) async fn take(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    let browser = desk.cookies.browser(&headers);
    desk.csrf
        .verify(&headers, browser.as_ref(), SEND, &sent.csrf)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    let (Some(office), Some(session)) = (&desk.office, desk.session(&headers)) else {
        return Ok(Redirect::to("/").into_response());
    };
    let shown = |c: &char| !c.is_control();
    let name: String = sent.document.chars().filter(shown).take(120).collect();
    if !name.is_empty() {
        office.file(&desk, &session.subject, Paper::Document(name));
    }
    Ok(Redirect::to(PANEL).into_response())
}
