//! `POST /callback/{provider}/backchannel-logout`: a provider tells us that it signed somebody out
//! (OIDC Back-Channel Logout §2.5 to §2.8, with the hub as the relying party).
//!
//! The token must be the provider's, about now and not spent before (threat N-14). It ends the sessions
//! that began with that sign-in, whichever browsers they are in, with their tokens; their services are
//! told in turn. It is spent when all of that is done: a provider that was told of a fault tries again
//! with the same token, and to end what is over is nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use guichet_domain::{AuditEvent, EventKind, Provider, SessionId};
use guichet_web::{Form, PageError};
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::Ending;
use crate::hub::Hub;
use crate::session::UpstreamKey;
use crate::upstream::{LogoutLie, Upstream, VerifiedLogoutToken};

/// What a provider posts (§2.5).
#[derive(Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    logout_token: String,
}

/// Why nobody was signed out.
enum NotDone {
    /// No provider of this name signs anybody out here.
    NotExpected,
    /// The token does not hold.
    Lie(LogoutLie),
    /// The same token is being carried out.
    InHand,
    /// It could not be carried out; logged where it happened.
    Fault,
}

impl From<PageError> for NotDone {
    fn from(_: PageError) -> Self {
        Self::Fault
    }
}

/// The handler. Whatever goes wrong is a 400 (§2.8).
pub(crate) async fn receive(
    State(hub): State<Hub>,
    Path(provider): Path<String>,
    form: Result<Form<Posted>, PageError>,
) -> Response {
    let record = hub.parts().providers.provider(&provider);
    let record = record.filter(|record| record.active && record.backchannel_logout);
    let done = match (record, form) {
        (Some(record), Ok(Form(posted))) => sign_out(&hub, &record, &posted.logout_token).await,
        (Some(_), Err(_)) => Err(NotDone::Lie(LogoutLie::Form)),
        (None, _) => Err(NotDone::NotExpected),
    };
    let no_store = [(CACHE_CONTROL, "no-store")];
    match done {
        Ok(()) => (StatusCode::OK, no_store).into_response(),
        Err(why) => {
            let (error, description) = why.told();
            let body = Json(json!({"error": error, "error_description": description}));
            let mut response = (StatusCode::BAD_REQUEST, no_store, body).into_response();
            if matches!(why, NotDone::InHand | NotDone::Fault) {
                // The token is taken up again by then, not before.
                let seconds = HeaderValue::from(IN_HAND.as_secs());
                response.headers_mut().insert(RETRY_AFTER, seconds);
            }
            response
        }
    }
}

impl NotDone {
    const fn told(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotExpected => (
                "invalid_request",
                "no logout is expected from this provider",
            ),
            Self::Lie(lie) => ("invalid_request", lie.as_str()),
            Self::InHand => (
                "invalid_request",
                "this logout was begun seconds ago and may be tried again after that",
            ),
            Self::Fault => ("server_error", "the logout could not be carried out"),
        }
    }
}

async fn sign_out(hub: &Hub, record: &Arc<Provider>, raw: &str) -> Result<(), NotDone> {
    let token = match believed(hub, record, raw).await {
        Ok(token) => token,
        Err(NotDone::Lie(lie)) => {
            refused(hub, record, lie);
            return Err(NotDone::Lie(lie));
        }
        Err(other) => return Err(other),
    };
    let keys = keys_of(hub, record, &token);
    let mut ended = 0_u32;
    for id in meant(hub, &keys).await? {
        let live = hub.session_or_successor(id).await;
        let live = live.map_err(|fault| hub.fault("load a session", &fault))?;
        // The index only hints; the session itself says where it came from.
        let its_own = live.filter(|live| keys.iter().all(|key| live.session.is_found_by(key)));
        if let Some(live) = its_own {
            let ending = Ending::Provider(record.id.clone());
            ended += u32::from(hub.end_for_good(live, ending).await?.is_some());
        }
    }
    let event = AuditEvent::new(EventKind::ProviderSignedOut, hub.now());
    let event = event.provider(&record.id).detail("sessions", ended);
    hub.append(event).await?;
    let until = token.expires.after(hub.parts().settings.clock_skew);
    let replay = &hub.parts().replay;
    let spent = replay.first_use(SPENT, &name(record, &token), until).await;
    spent.map_err(|fault| hub.fault("spend a logout token", &fault))?;
    Ok(())
}

/// Anybody can send what is refused: the audit log says it once a minute of each sort.
fn refused(hub: &Hub, record: &Provider, lie: LogoutLie) {
    let now = hub.now();
    let event = AuditEvent::new(EventKind::ProviderSignOutRefused, now)
        .provider(&record.id)
        .detail("failure", lie.as_str());
    let counts = hub.refused_sign_outs();
    if let Some(event) = counts.noteworthy((record.id.clone(), lie), event, now) {
        hub.note(event);
    }
}

/// The token, if it is the provider's and was not spent.
async fn believed(
    hub: &Hub,
    record: &Arc<Provider>,
    raw: &str,
) -> Result<VerifiedLogoutToken, NotDone> {
    let upstream = hub.upstream(record).await.map_err(|failure| {
        tracing::warn!(provider = %record.id, failure = failure.as_str(), "a logout token cannot be verified");
        NotDone::Fault
    })?;
    let token = match verify(hub, &upstream, raw) {
        // It may have begun to use another key.
        Err(LogoutLie::Key) => {
            let again = hub.upstream_again(&upstream).await;
            verify(hub, &again.unwrap_or(upstream), raw)
        }
        judged => judged,
    };
    let token = token.map_err(NotDone::Lie)?;
    take_in_hand(hub, &name(record, &token), &token).await?;
    Ok(token)
}

/// Takes a token in hand that was not spent; one request at a time has it.
async fn take_in_hand(hub: &Hub, name: &[u8], token: &VerifiedLogoutToken) -> Result<(), NotDone> {
    let replay = &hub.parts().replay;
    let fault = |fault| hub.fault("look at a logout token", &fault);
    let until = hub.now().after(IN_HAND);
    let is_free = replay.first_use(HELD, name, until).await.map_err(fault)?;
    // Asked after that, which notices a store that lost its memory: the token may have been spent
    // already, and nobody would remember.
    let is_remembered = token.issued.seconds() >= replay.remembers_since().seconds();
    if !is_remembered || replay.was_used(SPENT, name).await.map_err(fault)? {
        return Err(NotDone::Lie(LogoutLie::Id));
    }
    if is_free {
        Ok(())
    } else {
        Err(NotDone::InHand)
    }
}

/// What a token is remembered by.
fn name(record: &Provider, token: &VerifiedLogoutToken) -> [u8; 32] {
    guichet_keys::sha256_of(&[record.id.as_str().as_bytes(), b"\0", token.jti.as_bytes()])
}

const HELD: &str = "upstream-logout-held";
const SPENT: &str = "upstream-logout";

/// After which time another request may take up what one had in hand.
const IN_HAND: Duration = Duration::from_secs(5);

fn verify(hub: &Hub, upstream: &Upstream, raw: &str) -> Result<VerifiedLogoutToken, LogoutLie> {
    let (ring, skew) = (
        hub.parts().keys.decryption_ring(),
        hub.parts().settings.clock_skew,
    );
    upstream.verify_logout_token(raw, ring, hub.now(), skew)
}

/// All that a session must have begun with: who, which session there, or both (§2.4).
fn keys_of(hub: &Hub, record: &Provider, token: &VerifiedLogoutToken) -> Vec<UpstreamKey> {
    let sid = token.sid.as_deref();
    let sid = sid.map(|sid| hub.sid_key(&record.id, sid));
    let subject = token.subject.as_deref();
    let subject = subject.map(|subject| hub.subject_key(&record.id, subject));
    sid.into_iter().chain(subject).collect()
}

/// Sessions that may be meant: under the narrowest key there is.
async fn meant(hub: &Hub, keys: &[UpstreamKey]) -> Result<Vec<SessionId>, PageError> {
    match keys.first().and_then(UpstreamKey::key) {
        Some(key) => hub.found(key).await,
        None => Ok(Vec::new()),
    }
}
