//! What the hub tells the service about evidence it fetched: the citizen took it back, or wants it erased.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use guichet_exchange_client::{ErasureOutcome, ErasureReply, Happened, SecurityEvent};
use http::StatusCode;

use super::{Office, Paper};
use crate::party;
use crate::services::desk::Desk;

/// What the citizen reads of it at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing is fetched any more.
    Ended,
    /// What was fetched is erased.
    Erased,
}

impl Told {
    /// The name of its text.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Ended => "demo-told-ended",
            Self::Erased => "demo-told-erased",
        }
    }
}

/// The service's `events_uri`.
pub(in crate::services) async fn receive(
    State(desk): State<Arc<Desk>>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Some(office) = &desk.office else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Ok(body) = to_bytes(body, LONGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let acting = |event| {
        office.act_on(&desk, event);
        std::future::ready(true)
    };
    let response = office.receiver.receive(&head, &body, acting).await;
    response.map(Body::from)
}

impl Office {
    fn act_on(&self, desk: &Desk, event: SecurityEvent) {
        let Some(subject) = event.subject else { return };
        tracing::info!(service = desk.service.client_id(), event = ?event.happened, "told by the hub");
        match event.happened {
            Happened::GrantRevoked { .. } => self.note(desk, &subject, Told::Ended),
            Happened::ErasureRequested { exchange, .. } => {
                self.erase(desk, &subject);
                self.note(desk, &subject, Told::Erased);
                let reply = ErasureReply {
                    exchange,
                    outcome: ErasureOutcome::Done,
                };
                let hub = self.client.hub().clone();
                tokio::spawn(party::answer_erasure(hub, reply));
            }
            _ => {}
        }
    }

    /// What was fetched goes; a document that the citizen sent by themselves stays.
    fn erase(&self, desk: &Desk, subject: &str) {
        let paper = self.papers.get(subject, desk.now());
        if matches!(paper, Some(Paper::Evidence(_))) {
            self.papers.take(subject, desk.now());
        }
    }

    fn note(&self, desk: &Desk, subject: &str, told: Told) {
        self.told.take(subject, desk.now());
        self.told.insert(subject, told, desk.now());
    }
}

/// In bytes.
const LONGEST: usize = 16 * 1024;
