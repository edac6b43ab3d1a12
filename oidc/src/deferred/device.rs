//! `/device_authorization` (RFC 8628 §3.1 and §3.2): a device without a browser asks for a sign-in, and
//! shows the person a code to type elsewhere.
//!
//! [`ask`] is the order of the checks.

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, EventKind, GrantType, OAuthError};
use guichet_keys::HandedOut;
use guichet_store::Fault;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

use super::record::{DeferredRecord, REMEMBERED_AFTER, Standing};
use super::{DeviceSettings, Note, user_code};
use crate::authorize::claims::NamedLevels;
use crate::authorize::{details, level, resource, scope};
use crate::client_auth::AuthenticatedClient;
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal, token_error};
use crate::routes::Rooms;
use crate::{
    AcceptedRequest, DeferredGrant, DeferredKind, Destination, Engine, form, respond, token,
};

/// `POST /device_authorization`.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let engine = &rooms.engine;
    let asked = async {
        let Some(settings) = &engine.settings().deferred.device else {
            return Err(Failure::from(SWITCHED_OFF));
        };
        let text = form::read(&head.headers, body).await?;
        ask(engine, settings, &head, &text).await
    };
    match asked.await {
        Ok(answer) => respond::json(StatusCode::OK, &answer),
        Err(failure) => token_error(engine.issuer(), failure.seen_from_outside()),
    }
}

/// The checks of a device authorization request, in order.
async fn ask(
    engine: &Engine,
    settings: &DeviceSettings,
    head: &Parts,
    text: &[u8],
) -> Result<DeviceAnswer, Failure> {
    let asked = Parameters::read_with_proof(text, PARAMETERS)?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &asked).await?;
    token::noted(engine, &client, async {
        engine.is_on(&client.id)?;
        if !client.may_use(GrantType::DeviceCode) {
            return Err(NOT_REGISTERED.into());
        }
        let request = |grant| -> Result<AcceptedRequest, Refusal> {
            let scopes = scope::known_and_registered(engine, &client, &asked)?;
            Ok(AcceptedRequest {
                acr: level::required(engine, &client, &asked, &NamedLevels::default())?,
                resources: resource::targets(engine, &asked)?,
                details: details::known_and_permitted(engine, &client, &asked, &scopes)?,
                scopes,
                ..AcceptedRequest::bare(client.id.clone(), Destination::Deferred(grant))
            })
        };
        open(engine, settings, &client, request).await
    })
    .await
}

const PARAMETERS: &[&str] = &["scope", "acr_values", "resource", "authorization_details"];

/// What a device is told (RFC 8628 §3.2).
#[derive(Serialize)]
struct DeviceAnswer {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    expires_in: u64,
    interval: u64,
}

/// Opens the grant under a code that no other waiting request has, once the audit entry is durable.
async fn open(
    engine: &Engine,
    settings: &DeviceSettings,
    client: &AuthenticatedClient,
    request: impl Fn(DeferredGrant) -> Result<AcceptedRequest, Refusal>,
) -> Result<DeviceAnswer, Failure> {
    let parts = engine.parts();
    let now = engine.now();
    let expires = now.after(settings.lifetime);
    let device_code = HandedOut::fresh(&*parts.entropy, DeferredKind::Device.handed_out());
    let handle = *device_code.hash().as_bytes();
    let request = request(DeferredGrant {
        handle,
        kind: DeferredKind::Device,
    })?;
    let event = AuditEvent::new(EventKind::DeferredRequested, now)
        .client(&client.id)
        .detail("kind", DeferredKind::Device.as_str())
        .detail("scope", &request.scopes);
    engine.record(event).await?;
    for _ in 0..DRAWS {
        let user_code = user_code::fresh(&*parts.entropy);
        let record = DeferredRecord {
            client: client.id.clone(),
            kind: DeferredKind::Device,
            asked_at: now,
            expires,
            note: Note::UserCode(user_code.clone()),
            person: None,
            ping: None,
            standing: Standing::Waiting(Box::new(request.clone())),
        };
        let sealed = engine.grants().seal(handle, &record)?;
        let lookup = engine.grants().of_user_code(&user_code);
        let opened = parts
            .deferred
            .open(
                handle,
                Some(lookup),
                sealed,
                expires.after(REMEMBERED_AFTER),
            )
            .await?;
        if opened {
            return Ok(answer(settings, device_code.text(), user_code));
        }
    }
    Err(Fault::bare("no free user code was drawn").into())
}

fn answer(settings: &DeviceSettings, device_code: &str, user_code: String) -> DeviceAnswer {
    let uri = &settings.verification_uri;
    DeviceAnswer {
        device_code: device_code.to_owned(),
        verification_uri: uri.clone(),
        verification_uri_complete: format!("{uri}?user_code={user_code}"),
        user_code,
        expires_in: settings.lifetime.as_secs(),
        interval: settings.interval.as_secs(),
    }
}

/// Two codes of 10^13 meet rarely; three times in a row they do not.
const DRAWS: usize = 3;

const SWITCHED_OFF: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "device authorization is switched off here",
);
const NOT_REGISTERED: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "this client is not registered for the device_code grant",
);
