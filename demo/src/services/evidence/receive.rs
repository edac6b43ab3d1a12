//! Back from the hub: what the citizen granted is fetched from whoever holds it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_exchange_client::{FetchError, Fetched, HubError};
use guichet_web::{PageContext, Query};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Awaited, Missing, Office, PANEL, Paper, Trip};
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
        match self.granted(code, trip).await {
            Ok(Ok(awaited)) => {
                let fetched = self.client.fetch(&awaited.tokens, &awaited.granted).await;
                Self::paper_of(fetched, awaited)
            }
            Ok(Err(missing)) => Paper::Missing(missing),
            Err(error) => unavailable(&error),
        }
    }

    /// What the citizen granted: to the one who left, and of what was asked for.
    async fn granted(&self, code: &str, trip: &Trip) -> Result<Result<Awaited, Missing>, HubError> {
        let tokens = self.client.redeem(code, &trip.verifier).await?;
        if self.client.citizen(&tokens, &trip.nonce).await?.subject != trip.subject {
            return Ok(Err(Missing::SomebodyElse));
        }
        let is_wanted = |evidence_type: &str| evidence_type == self.wanted.evidence_type;
        let mut granted = tokens.granted.iter();
        let granted = granted.find(|granted| is_wanted(&granted.evidence_type));
        Ok(match granted.cloned() {
            Some(granted) => Ok(Awaited { tokens, granted }),
            None => Err(Missing::Refused),
        })
    }

    /// What an answer means for the file.
    pub(super) fn paper_of(fetched: Result<Fetched, FetchError>, awaited: Awaited) -> Paper {
        let missing = match fetched {
            Ok(Fetched::Evidence(evidence)) => return Paper::Evidence(evidence),
            Ok(Fetched::Later { .. }) => return Paper::Awaited(Box::new(awaited)),
            Ok(Fetched::NoMatch | Fetched::SeveralMatches) => Missing::NotFound,
            Ok(Fetched::Changed) => Missing::Changed,
            Ok(Fetched::NeedsLink { link }) => Missing::NeedsLink(link),
            // The citizen took it back in between.
            Err(FetchError::Hub(HubError::Refused { .. })) => Missing::Refused,
            Err(error) => return unavailable(&error),
        };
        Paper::Missing(missing)
    }
}

fn unavailable(error: &impl std::fmt::Display) -> Paper {
    tracing::warn!(%error, "evidence was not fetched");
    Paper::Missing(Missing::Unavailable)
}
