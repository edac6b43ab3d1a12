//! "Voir s’il est arrivé": what was granted and was not ready is asked for again.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Awaited, FETCH, Office, PANEL, Paper};
use crate::services::desk::Desk;

/// The form of the panel.
#[derive(Deserialize)]
pub(in crate::services) struct PickUp {
    #[serde(default)]
    csrf: String,
}

pub(in crate::services) async fn again(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(form): Form<PickUp>,
) -> Result<Response, PageError> {
    let browser = desk.cookies.browser(&headers);
    desk.csrf
        .verify(&headers, browser.as_ref(), FETCH, &form.csrf)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    let (Some(office), Some(session)) = (&desk.office, desk.session(&headers)) else {
        return Ok(Redirect::to("/").into_response());
    };
    // Taken out first: of two clicks one uses the tokens, which are good once.
    if let Some(paper) = office.papers.take(&session.subject, desk.now()) {
        let paper = match paper {
            Paper::Awaited(awaited) => office.pick_up(*awaited).await,
            other => other,
        };
        office.file(&desk, &session.subject, paper);
    }
    Ok(Redirect::to(PANEL).into_response())
}

impl Office {
    async fn pick_up(&self, mut awaited: Awaited) -> Paper {
        let Awaited { tokens, granted } = &mut awaited;
        let fetched = self.client.pick_up(tokens, granted).await;
        Self::paper_of(fetched, awaited)
    }
}
