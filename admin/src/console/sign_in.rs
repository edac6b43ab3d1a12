//! To the hub and back: signing in, with an invitation or without, and signing out.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::staff::{StaffMember, Who};
use guichet_domain::{AuditEvent, EventKind, Timestamp};
use guichet_keys::same;
use guichet_web::{Form, LocalPath, PageContext, PageError, Query};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::front_door::Ticket;
use super::onboarding::FIRST_PAGE;
use super::{Console, confirm};
use crate::api::Api;

/// Where somebody wants to go.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    to: String,
}

/// What waits for whoever is on the way.
#[derive(Serialize, Deserialize)]
struct OnTheWay {
    state: String,
    nonce: String,
    verifier: String,
    to: String,
    invitation: String,
    /// What they confirm by signing in, where they are in already.
    confirms: Option<String>,
}

impl OnTheWay {
    fn ticket(&self) -> Ticket<'_> {
        Ticket {
            state: &self.state,
            nonce: &self.nonce,
            verifier: &self.verifier,
        }
    }
}

/// How long they may take.
const PATIENCE: Duration = Duration::from_mins(20);
const PENDING: &str = "console sign-in";

/// `GET /sign-in`
pub(super) async fn begin(
    State(console): State<Console>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let to = LocalPath::parse(&wanted.to).map_or_else(String::new, |to| to.as_str().to_owned());
    leave_for_hub(&console, &headers, to, String::new(), None).await
}

/// To the hub, to come in by this invitation.
pub(super) async fn to_accept(
    console: &Console,
    headers: &HeaderMap,
    invitation: String,
) -> Result<Response, PageError> {
    leave_for_hub(console, headers, String::new(), invitation, None).await
}

/// To the hub again, to confirm what is kept under this name.
pub(super) async fn to_confirm(
    console: &Console,
    headers: &HeaderMap,
    proposal: &str,
) -> Result<Response, PageError> {
    let confirms = Some(proposal.to_owned());
    leave_for_hub(console, headers, String::new(), String::new(), confirms).await
}

async fn leave_for_hub(
    console: &Console,
    headers: &HeaderMap,
    to: String,
    invitation: String,
    confirms: Option<String>,
) -> Result<Response, PageError> {
    let (browser, cookie) = console.browser(headers)?;
    let secret = || URL_SAFE_NO_PAD.encode(console.door.entropy.bytes32());
    let waiting = OnTheWay {
        state: secret(),
        nonce: secret(),
        verifier: secret(),
        to,
        invitation,
        confirms,
    };
    let sealed = console
        .pending_seal
        .seal_json(browser.as_bytes(), &waiting)
        .map_err(|error| console.fault("seal a sign-in", &error))?;
    let until = console.door.clock.now().after(PATIENCE);
    let kept = console.pending.put(browser, PENDING, sealed, until).await;
    kept.map_err(|fault| console.fault("keep a sign-in", &fault))?;
    let anew = waiting.confirms.is_some();
    let target = console.front_door.authorize(&waiting.ticket(), anew);
    let mut response = Redirect::to(&target).into_response();
    let cookies = cookie.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(cookies);
    Ok(response)
}

/// What the hub sends back.
#[derive(Default, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// `GET /signed-in`: the checks, in order. Whoever comes here without having gone is sent away.
pub(super) async fn returned(
    State(api): State<Arc<Api>>,
    Query(back): Query<Back>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let waiting = taken(console, &headers, &back.state).await?;
    if back.code.is_empty() {
        return Err(again("console-not-signed-in"));
    }
    let now = console.door.clock.now();
    let arrival = console
        .front_door
        .redeem(&back.code, &waiting.ticket(), now)
        .await;
    let arrival = arrival.map_err(|error| {
        tracing::info!(%error, "a sign-in to the console ended");
        again("console-not-signed-in")
    })?;
    if !arrival.is_sure() {
        return Err(refused(console, "level", "console-not-sure").await?);
    }
    if let Some(proposal) = &waiting.confirms {
        return confirm::confirmed(&api, page, &headers, (proposal, &arrival)).await;
    }
    let who = Who::Person(arrival.subject);
    let Some(member) = member(console, (&who, arrival.auth_time), &waiting.invitation).await?
    else {
        // Nobody yet, and on the way to become somebody: in to that page, and to no other.
        let begins = waiting.to == FIRST_PAGE && waiting.invitation.is_empty();
        if begins && api.onboarding.open {
            let cookie = console.begin_session(who, &headers).await?;
            return Ok(([(SET_COOKIE, cookie)], Redirect::to(FIRST_PAGE)).into_response());
        }
        let text = if waiting.invitation.is_empty() {
            "console-nobody"
        } else {
            "console-invitation-over"
        };
        let refused = refused(console, "nobody", text).await?;
        return Err(if api.onboarding.open && waiting.invitation.is_empty() {
            let label = console
                .pages
                .text(page.locale, "onboarding-begin-title", &[]);
            refused.with_way_back(FIRST_PAGE, Some(label))
        } else {
            refused
        });
    };
    let cookie = console.begin_session(who, &headers).await?;
    let event = AuditEvent::new(EventKind::StaffSignedIn, now).detail("staff", &member.id);
    append(console, event).await?;
    let to = if waiting.to.is_empty() {
        "/me"
    } else {
        &waiting.to
    };
    Ok(([(SET_COOKIE, cookie)], Redirect::to(to)).into_response())
}

/// What waits for this browser, taken once; `state` must be its own (threats N-10, N-19).
async fn taken(console: &Console, headers: &HeaderMap, state: &str) -> Result<OnTheWay, PageError> {
    let browser = console.cookies.browser(headers);
    let browser = browser.ok_or_else(|| again("console-not-signed-in"))?;
    let sealed = console.pending.take(browser, PENDING).await;
    let sealed = sealed.map_err(|fault| console.fault("find a sign-in", &fault))?;
    let opened = sealed.and_then(|sealed| {
        let opened = console.pending_seal.open_json(browser.as_bytes(), &sealed);
        opened.ok()
    });
    let waiting: Option<OnTheWay> = opened;
    waiting
        .filter(|waiting| same(waiting.state.as_bytes(), state.as_bytes()))
        .ok_or_else(|| again("console-not-signed-in"))
}

/// Who they are here: by the invitation they bring, or because they are known.
async fn member(
    console: &Console,
    (who, since): (&Who, Timestamp),
    invitation: &str,
) -> Result<Option<StaffMember>, PageError> {
    let found = if invitation.is_empty() {
        console.door.recognized(who, since).await
    } else {
        console.door.accept(invitation, who).await
    };
    let Some(member) = found.map_err(|fault| console.fault("find a member", &fault))? else {
        return Ok(None);
    };
    let rights = console.door.rights(&member).await;
    let rights = rights.map_err(|fault| console.fault("read rights", &fault))?;
    Ok(rights.is_any().then_some(member))
}

/// A form that says nothing but that it is ours.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
}

pub(super) const LEAVE: &str = "console-sign-out";

/// `POST /sign-out`
pub(super) async fn leave(
    State(console): State<Console>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = console.own_form(&headers, LEAVE, &posted.csrf).await?;
    let forget = console.end_session(&headers).await?;
    let now = console.door.clock.now();
    let event = AuditEvent::new(EventKind::StaffSignedOut, now).detail("staff", &present.member.id);
    append(&console, event).await?;
    Ok(([(SET_COOKIE, forget)], Redirect::to("/")).into_response())
}

async fn append(console: &Console, event: AuditEvent) -> Result<(), PageError> {
    let appended = console.door.ledger.append(event).await;
    appended
        .map(drop)
        .map_err(|fault| console.fault("record a sign-in", &fault))
}

/// Turned away, and on record.
async fn refused(
    console: &Console,
    reason: &'static str,
    text: &'static str,
) -> Result<PageError, PageError> {
    let now = console.door.clock.now();
    let event = AuditEvent::new(EventKind::StaffRefused, now).detail("reason", reason);
    append(console, event).await?;
    Ok(PageError::new(StatusCode::FORBIDDEN, text).with_way_back("/sign-in", None))
}

fn again(text: &'static str) -> PageError {
    PageError::new(StatusCode::BAD_REQUEST, text).with_way_back("/sign-in", None)
}
