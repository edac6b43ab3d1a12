//! "Récupérer mon justificatif": off to the hub, which asks the citizen.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_exchange_client::{AuthorizationAsk, EvidenceAsk};
use guichet_web::{Form, PageContext, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{FETCH, Missing, Office, PANEL, Paper, Trip};
use crate::services::desk::Desk;

/// The form of the panel.
#[derive(Deserialize)]
pub(in crate::services) struct Fetch {
    #[serde(default)]
    csrf: String,
}

pub(in crate::services) async fn depart(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
    Form(form): Form<Fetch>,
) -> Result<Response, PageError> {
    let browser = desk.cookies.browser(&headers);
    desk.csrf
        .verify(&headers, browser.as_ref(), FETCH, &form.csrf)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    let (Some(office), Some(session), Some(browser)) =
        (&desk.office, desk.session(&headers), browser)
    else {
        return Ok(Redirect::to("/").into_response());
    };
    let trip = Trip {
        browser,
        subject: session.subject.clone(),
        nonce: desk.secret(),
        verifier: desk.secret(),
    };
    let state = desk.secret();
    if let Some(url) = ask(office, &desk, &page, &state, &trip).await {
        office.on_the_way.insert(&state, trip, desk.now());
        return Ok(Redirect::to(&url).into_response());
    }
    let paper = Paper::Missing(Missing::Unavailable);
    office.file(&desk, &session.subject, paper);
    Ok(Redirect::to(PANEL).into_response())
}

async fn ask(
    office: &Office,
    desk: &Desk,
    page: &PageContext,
    state: &str,
    trip: &Trip,
) -> Option<String> {
    let wanted = EvidenceAsk {
        evidence_type: office.wanted.evidence_type.to_owned(),
        purpose: office.wanted.purpose.to_owned(),
        ..EvidenceAsk::default()
    };
    let ask = AuthorizationAsk {
        evidence: &[wanted],
        scope: "openid",
        state,
        nonce: &trip.nonce,
        verifier: &trip.verifier,
        further: &[
            ("ui_locales", page.locale.tag()),
            ("acr_values", desk.service.acr().as_str()),
        ],
    };
    let url = office.client.authorization_url(&ask).await;
    url.inspect_err(|error| tracing::warn!(%error, "evidence could not be asked for"))
        .ok()
        .map(String::from)
}
