//! `POST /account/messages`: a service says something to a citizen it knows.
//!
//! The form is authenticated as at the token endpoint and holds `message`: a JSON object, or a JWS over it
//! (`typ` `citizen-message+jwt`, with `iss`, `aud` and `iat`). A service that published keys signs. What was
//! answered with 204 is durable; the same message again takes its own place.

use std::error::Error;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use guichet_domain::{AuditEvent, Client, EventKind, PersonId, Timestamp};
use guichet_keys::Typ;
use guichet_oidc::ClientForm;
use guichet_store::Fault;
use guichet_store::durable::MessageRecord;
use http::StatusCode;
use serde_json::{Map, Value};

use super::message::{Message, Order};
use super::sealing_context;
use crate::Portal;

pub(crate) async fn post(State(portal): State<Portal>, request: Request) -> Response {
    let form = match portal.engine.client_form(request, &["message"]).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    match take(&portal, &form).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => portal.engine.refuse_form(why),
        Err(fault) => {
            let error = &fault as &dyn Error;
            tracing::error!(error, "a message was not kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

async fn take(portal: &Portal, form: &ClientForm) -> Result<Result<(), &'static str>, Fault> {
    let (client, now) = (&*form.client, portal.clock.now());
    if !client.messages {
        return Ok(Err("this client may not leave messages"));
    }
    let order = match members(portal, form, now).await {
        Ok(members) => Order::read(members, client, now),
        Err(why) => Err(why),
    };
    let order = match order {
        Ok(order) => order,
        Err(why) => return Ok(Err(why)),
    };
    let sector = &client.sector;
    let Some(person) = portal.subjects.person(sector, &order.subject).await? else {
        return Ok(Err("sub is nobody whom this client knows"));
    };
    match &order.message {
        Some(message) => say(portal, client, person, &order, message, now).await,
        None => withdraw(portal, client, person, &order, now).await,
    }
}

async fn say(
    portal: &Portal,
    client: &Client,
    person: PersonId,
    order: &Order,
    message: &Message,
    now: Timestamp,
) -> Result<Result<(), &'static str>, Fault> {
    let context = sealing_context(&client.id, &order.subject, &order.reference);
    let sealed = portal.sealer.seal_json(&context, message);
    let record = MessageRecord {
        client: client.id.clone(),
        subject: order.subject.clone(),
        reference: order.reference.clone(),
        sealed: sealed.map_err(|error| Fault::new("seal a message", error))?,
        changed: now,
        expires: message.until,
    };
    // What is refused for want of room is no event: a client at its bound writes nothing.
    if !has_room(portal, &record, now).await? {
        return Ok(Err(TOO_MANY));
    }
    note(portal, client, person, message.kind.as_str(), now).await?;
    let is_kept = portal.messages.put(&record, MOST).await?;
    Ok(is_kept.then_some(()).ok_or(TOO_MANY))
}

/// Whether there is room for a message: in place of the one of its reference there always is.
async fn has_room(portal: &Portal, new: &MessageRecord, now: Timestamp) -> Result<bool, Fault> {
    let there = portal.messages.of(&new.subject, now, EVERYTHING).await?;
    let others = there
        .iter()
        .filter(|one| one.client == new.client && one.reference != new.reference);
    Ok(others.count() < MOST as usize)
}

async fn withdraw(
    portal: &Portal,
    client: &Client,
    person: PersonId,
    order: &Order,
    now: Timestamp,
) -> Result<Result<(), &'static str>, Fault> {
    let messages = &portal.messages;
    let there = messages.of(&order.subject, now, EVERYTHING).await?;
    let is_there = there
        .iter()
        .any(|one| one.client == client.id && one.reference == order.reference);
    if !is_there {
        return Ok(Ok(()));
    }
    note(portal, client, person, "withdrawn", now).await?;
    messages
        .withdraw(&client.id, &order.subject, &order.reference)
        .await?;
    Ok(Ok(()))
}

/// In the citizen's history before it is in their account.
async fn note(
    portal: &Portal,
    client: &Client,
    person: PersonId,
    what: &'static str,
    now: Timestamp,
) -> Result<(), Fault> {
    let event = AuditEvent::new(EventKind::MessageLeft, now)
        .client(&client.id)
        .person(person)
        .detail("message", what);
    portal.ledger.append(event).await.map(drop)
}

/// The message's members: from a JWS where the client has keys to sign with.
async fn members(
    portal: &Portal,
    form: &ClientForm,
    now: Timestamp,
) -> Result<Map<String, Value>, &'static str> {
    let text = form.get("message").ok_or("message is missing")?;
    let client = &form.client;
    if text.starts_with('{') {
        if client.keys.is_some() {
            return Err("message is not signed, and this client published keys: send a JWS");
        }
        return serde_json::from_str(text).map_err(|_| "message is not a JSON object");
    }
    let claims = portal
        .engine
        .claims_signed_by(client, text, Typ::CitizenMessage);
    let mut claims = claims
        .await
        .ok_or("message is not signed by this client as citizen-message+jwt")?;
    let says = |claims: &mut Map<String, Value>, name: &str, wanted: &str| {
        claims.remove(name).is_some_and(|said| said == wanted)
    };
    if !says(&mut claims, "iss", client.id.as_str()) {
        return Err("iss of the message is not the client");
    }
    if !says(&mut claims, "aud", portal.engine.issuer()) {
        return Err("aud of the message is not this issuer");
    }
    let signed = claims.remove("iat").and_then(|iat| iat.as_i64());
    let is_fresh = signed.is_some_and(|iat| {
        let signed = Timestamp::from_millis(iat.saturating_mul(1000));
        signed <= now.after(SKEW) && now <= signed.after(FRESH)
    });
    if !is_fresh {
        return Err("iat of the message is missing, or not of the last five minutes");
    }
    Ok(claims)
}

/// The most messages of one service that one citizen has.
const MOST: u32 = 50;
/// More than all clients of one sector leave at one citizen.
const EVERYTHING: u32 = 10_000;
const TOO_MANY: &str =
    "this citizen has fifty messages of this client: withdraw some, or let them expire";
const FRESH: Duration = Duration::from_mins(5);
const SKEW: Duration = Duration::from_secs(30);
