//! `POST /account/services/{client}`: a citizen does not want to hear a service any more, or again. The
//! service is not told, and goes on as before.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{AuditEvent, EventKind, PersonId};
use guichet_store::Fault;
use guichet_web::{Form, PageError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::account::Posted;
use crate::{CLIENT_ID, Portal};

/// What the page posts.
#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    messages: String,
    #[serde(flatten)]
    posted: Posted,
}

/// Whoever is not signed in any more, or is not known to the service, finds the account as it is.
pub(crate) async fn choose(
    State(portal): State<Portal>,
    Path(client): Path<String>,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, PageError> {
    let answer = Redirect::to(&portal.path("/account")).into_response();
    let form = portal.own_form(&headers, (FORM, &client), &choice.posted);
    let Some((person, _)) = form.await? else {
        return Ok(answer);
    };
    let muted = match choice.messages.as_str() {
        "mute" => true,
        "hear" => false,
        _ => {
            return Err(PageError::new(
                StatusCode::BAD_REQUEST,
                "account-no-decision",
            ));
        }
    };
    let chosen = mute(&portal, person, &client, muted).await;
    chosen.map_err(|fault| portal.fault("mute a service", &fault))?;
    Ok(answer)
}

async fn mute(portal: &Portal, person: PersonId, client: &str, muted: bool) -> Result<(), Fault> {
    // Nobody closes their ears to the account itself: whoever holds it could hide so.
    let known = portal.registry.client(client);
    let Some(client) = known.filter(|it| it.id.as_str() != CLIENT_ID) else {
        return Ok(());
    };
    // Of whoever was merged with somebody there are several, and any may have muted it.
    let mut names = portal.names_of(person).await?;
    names.retain(|name| name.sector == client.sector);
    if names.is_empty() {
        return Ok(());
    }
    let now = portal.clock.now();
    let kind = if muted {
        EventKind::ServiceMuted
    } else {
        EventKind::ServiceUnmuted
    };
    let event = AuditEvent::new(kind, now).client(&client.id).person(person);
    portal.ledger.append(event).await?;
    let messages = &portal.messages;
    for name in &names {
        if muted {
            messages.mute(&client.id, &name.subject, now).await?;
        } else {
            messages.unmute(&client.id, &name.subject).await?;
        }
    }
    Ok(())
}

/// The name of the form in its CSRF token.
pub(crate) const FORM: &str = "service-messages";
