//! What the hub tells the data provider of exchanges it took part in.

use std::sync::{Arc, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use guichet_domain::Timestamp;
use guichet_exchange_client::{ErasureOutcome, ErasureReply, Happened, SecurityEvent};
use http::StatusCode;

use super::LONGEST_REQUEST;
use super::site::Site;
use crate::party;

/// What its page shows of an event: of nobody in particular.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// The name of its text.
    pub(super) text: &'static str,
    /// When it happened.
    pub(super) at: Timestamp,
}

/// The data provider's `events_uri`.
pub(super) async fn receive(State(site): State<Arc<Site>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_REQUEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let acting = |event| {
        site.act_on(event);
        std::future::ready(true)
    };
    let response = site.receiver.receive(&head, &body, acting).await;
    response.map(Body::from)
}

impl Site {
    fn act_on(&self, event: SecurityEvent) {
        tracing::info!(data_provider = self.provider.id(), event = ?event.happened, "told by the hub");
        let text = match event.happened {
            Happened::GrantRevoked { .. } => "demo-told-ended",
            Happened::DeliveryUnconfirmed { .. } => "demo-told-unconfirmed",
            Happened::ErasureRequested { exchange, .. } => {
                let reply = ErasureReply {
                    exchange,
                    outcome: ErasureOutcome::Refused {
                        ground: KEPT_BY_LAW.to_owned(),
                    },
                };
                let hub = self.desk.hub().clone();
                tokio::spawn(party::answer_erasure(hub, reply));
                "demo-told-kept"
            }
            _ => return,
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(0, Told { text, at: event.at });
        told.truncate(SHOWN);
    }
}

/// Why it keeps the trace of what it sent.
const KEPT_BY_LAW: &str =
    "Code des relations entre le public et l’administration, art. L. 114-8 et L. 114-10";
/// How many its page shows.
const SHOWN: usize = 8;
