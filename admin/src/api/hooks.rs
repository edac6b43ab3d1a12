//! `POST /hooks/habilitations`: a review tool outside says that it approved something. What it says is believed
//! for its signature (Standard Webhooks), and for nothing else: no token, no session.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::habilitation::NotNow;
use guichet_domain::{AuditEvent, EventKind, Timestamp};
use guichet_keys::{WebhookKey, sha256_of};
use guichet_store::short_lived::ReplayGuard;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::intake::{JSON, LONGEST, is_of, moment};
use super::problem::{Problem, faulty};
use super::shelf::said;
use crate::onboarding::{Approved, OnboardingError};

/// What the messages of a review tool are known by.
pub struct ReviewHook {
    /// The secrets it may sign with: several while one follows another. Without any, none holds.
    pub secrets: Vec<WebhookKey>,
    /// Messages are taken once.
    pub replay: Arc<dyn ReplayGuard>,
}

/// The one type that does something; what else a tool tells is heard and left.
const APPROVED: &str = "habilitation.approved";
/// How far a message's time may be from ours (Standard Webhooks, "Verifying timestamp").
const TOLERANCE: Duration = Duration::from_mins(5);
/// How long a message is known: longer than it could hold.
const KNOWN_FOR: Duration = Duration::from_mins(15);
const ATTEMPTS: &str = "review hook attempt";
const DONE: &str = "review hook done";

#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    /// When it was approved; now where the tool does not say.
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    data: Value,
}

/// Why a message is refused: in a word, for the audit log. Its sender learns no more than that it is.
enum Unheard {
    Unsigned(&'static str),
    Again,
    Fault(guichet_store::Fault),
}

/// `POST /hooks/habilitations`
pub(super) async fn habilitations(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if !is_of(&headers, JSON) {
        return Err(Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let body = axum::body::to_bytes(body, LONGEST).await;
    let body = body.map_err(|_| Problem::of(StatusCode::PAYLOAD_TOO_LARGE))?;
    let door = &api.console.door;
    let now = door.clock.now();
    let id = api.hook.heard(&headers, &body, now).await;
    let id = id.map_err(|why| refused(&api, why, now))?;
    let message: Message = serde_json::from_slice(&body)
        .map_err(|_| Problem::said(StatusCode::BAD_REQUEST, "type and data are needed"))?;
    if message.kind != APPROVED {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let approved: Approved = serde_json::from_value(message.data).map_err(|error| {
        let detail = guichet_domain::told(&error);
        Problem::pointed(StatusCode::UNPROCESSABLE_ENTITY, "data", &detail)
    })?;
    let at = moment("timestamp", message.timestamp.as_deref())?.unwrap_or(now);
    let welcomed = api
        .onboarding
        .welcome_approved((&approved, at.min(now)), &api.organisations, &api.teams)
        .await;
    let welcomed = welcomed.map_err(|error| no(&api, error))?;
    let done = api.hook.done(&id, now).await;
    done.map_err(faulty(&api, "remember a message"))?;
    let mut body = json!({
        "organisation": welcomed.organisation,
        "habilitation": welcomed.habilitation,
        "version": welcomed.version,
        "team": welcomed.team,
        "client_id": welcomed.client,
        "invited": welcomed.invited.is_some(),
    });
    if let Some(link) = welcomed.invited.and_then(|invited| invited.link) {
        body["link"] = json!(link);
    }
    Ok((StatusCode::OK, Json(body)).into_response())
}

/// What the tool is told: whether it can do anything about it.
fn no(api: &Api, error: OnboardingError) -> Problem {
    match error {
        OnboardingError::Client(error) => said(api, &error),
        OnboardingError::NotNow(NotNow::Outdated) => {
            Problem::said(StatusCode::CONFLICT, NotNow::Outdated.to_string())
        }
        OnboardingError::NotNow(_) => {
            let detail =
                "what was granted is held back, or was taken back, by whoever operates the hub";
            Problem::said(StatusCode::CONFLICT, detail)
        }
        OnboardingError::Fault(fault) => Problem::fault(api, "keep a habilitation", &fault),
        error => Problem::said(StatusCode::CONFLICT, error.to_string()),
    }
}

impl ReviewHook {
    /// The identifier of a message that holds and was not taken before. A message whose work failed may come
    /// again, signed anew with another time.
    async fn heard(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Result<[u8; 32], Unheard> {
        let id = one(headers, "webhook-id").filter(|id| (1..=256).contains(&id.len()));
        let id = id.ok_or(Unheard::Unsigned("no_id"))?;
        let seconds = one(headers, "webhook-timestamp").and_then(|text| text.parse::<i64>().ok());
        let seconds = seconds.ok_or(Unheard::Unsigned("no_time"))?;
        let signatures = one(headers, "webhook-signature");
        let signatures = signatures.ok_or(Unheard::Unsigned("no_signature"))?;
        let off = now.seconds().abs_diff(seconds);
        if off > TOLERANCE.as_secs() {
            return Err(Unheard::Unsigned("time"));
        }
        // Every secret is tried, whichever holds.
        let held = self.secrets.iter().fold(false, |held, secret| {
            secret.verifies((id, seconds), body, signatures) | held
        });
        if !held {
            return Err(Unheard::Unsigned("signature"));
        }
        let name = sha256_of(&[id.as_bytes()]);
        let attempt = sha256_of(&[&name, &seconds.to_be_bytes()]);
        let expires = now.after(KNOWN_FOR);
        let fault = Unheard::Fault;
        let is_first = self.replay.first_use(ATTEMPTS, &attempt, expires).await;
        let is_first = is_first.map_err(fault)?;
        let is_done = self.replay.was_used(DONE, &name).await.map_err(fault)?;
        // A guard that forgot cannot tell: whoever sends it again signs it anew.
        let is_known = Timestamp::from_seconds(seconds) >= self.replay.remembers_since();
        if !is_first || is_done || !is_known {
            return Err(Unheard::Again);
        }
        Ok(name)
    }

    async fn done(&self, name: &[u8; 32], now: Timestamp) -> Result<(), guichet_store::Fault> {
        let expires = now.after(KNOWN_FOR);
        self.replay.first_use(DONE, name, expires).await.map(drop)
    }
}

/// A header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    value.to_str().ok().filter(|_| values.next().is_none())
}

fn refused(api: &Api, why: Unheard, now: Timestamp) -> Problem {
    let door = &api.console.door;
    let (status, word) = match why {
        Unheard::Unsigned(word) => (StatusCode::UNAUTHORIZED, word),
        Unheard::Again => (StatusCode::CONFLICT, "replayed"),
        Unheard::Fault(fault) => {
            return Problem::fault(api, "look whether a message came before", &fault);
        }
    };
    let event = AuditEvent::new(EventKind::HookRefused, now).detail("error", word);
    door.ledger.note(event);
    Problem::said(status, "the message does not hold, or was taken before")
}
