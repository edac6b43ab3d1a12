//! Back from the hub: what the citizen granted is fetched from whoever holds it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_exchange_client::{FetchError, Fetched, HubError};
use guichet_web::{PageContext, Query};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Missing, Office, PANEL, Paper, Trip};
use crate::services::desk::Desk;
use crate::services::refused::{Refused, refuse};

/// The hub's answer (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(in crate::services) struct Answer {
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    code: Option<String>,
}

pub(in crate::services) async fn receive(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Response {
    let lost = |code| refuse(&desk, &page, Refused::ours(StatusCode::BAD_REQUEST, code));
    let Some(office) = &desk.office else {
        return lost("invalid_state");
    };
    let Some(trip) = office.on_the_way.take(&answer.state, desk.now()) else {
        return lost("invalid_state");
    };
    if desk.cookies.browser(&headers) != Some(trip.browser) {
        return lost("wrong_browser");
    }
    if answer.iss != desk.hub.issuer() {
        return lost("wrong_issuer");
    }
    let paper = match answer.code {
        Some(code) => office.fetch(&code, &trip).await,
        None => Paper::Missing(Missing::Refused),
    };
    office.file(&desk, &trip.subject, paper);
    Redirect::to(PANEL).into_response()
}

impl Office {
    /// What there is for the file.
    async fn fetch(&self, code: &str, trip: &Trip) -> Paper {
        match self.try_to_fetch(code, trip).await {
            Ok(paper) => paper,
            Err(error) => {
                tracing::warn!(%error, "evidence was not fetched");
                Paper::Missing(Missing::Unavailable)
            }
        }
    }

    async fn try_to_fetch(&self, code: &str, trip: &Trip) -> Result<Paper, FetchError> {
        let tokens = self.client.redeem(code, &trip.verifier).await?;
        if self.client.citizen(&tokens, &trip.nonce).await?.subject != trip.subject {
            return Ok(Paper::Missing(Missing::SomebodyElse));
        }
        let is_wanted = |evidence_type: &str| evidence_type == self.wanted.evidence_type;
        let mut granted = tokens.granted.iter();
        let Some(granted) = granted.find(|granted| is_wanted(&granted.evidence_type)) else {
            return Ok(Paper::Missing(Missing::Refused));
        };
        let missing = match self.client.fetch(&tokens, granted).await {
            Ok(Fetched::Evidence(evidence)) => return Ok(Paper::Evidence(evidence)),
            Ok(Fetched::Later { .. }) => Missing::Later,
            Ok(Fetched::NoMatch | Fetched::SeveralMatches) => Missing::NotFound,
            Ok(Fetched::Changed) => Missing::Changed,
            Ok(Fetched::NeedsLink { link }) => Missing::NeedsLink(link),
            // The citizen took it back in between.
            Err(FetchError::Hub(HubError::Refused { .. })) => Missing::Refused,
            Err(error) => return Err(error),
        };
        Ok(Paper::Missing(missing))
    }
}
