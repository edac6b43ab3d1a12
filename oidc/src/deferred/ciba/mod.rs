//! `/bc-authorize` (CIBA Core §7): a client names a person, who answers in their account.
//!
//! [`ask`] is the order of the checks; a fapi2 client lives by FAPI-CIBA as well: signed requests with
//! PS256 or ES256, a proof of its own key, and something for the person to compare.

mod details;
mod hint;
mod request_object;

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{
    AuditEvent, CibaDelivery, Client, EventKind, GrantType, OAuthError, PersonId, Profile,
};
use guichet_keys::HandedOut;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

use super::record::{DeferredRecord, Ping, Standing};
use super::{CibaSettings, Note};
use crate::authorize::claims::NamedLevels;
use crate::authorize::{self, level, resource, scope};
use crate::client_auth::AuthenticatedClient;
use crate::parameters::Parameters;
use crate::refusal::{self, Failure, Refusal};
use crate::routes::Rooms;
use crate::{AcceptedRequest, DeferredGrant, DeferredKind, Destination, form, respond, token};

/// `POST /bc-authorize`.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let asked = async {
        let Some(settings) = &rooms.engine.settings().deferred.ciba else {
            return Err(Failure::from(SWITCHED_OFF));
        };
        let text = form::read(&head.headers, body).await?;
        ask(&rooms, settings, &head, &text).await
    };
    match asked.await {
        Ok(answer) => respond::json(StatusCode::OK, &answer),
        Err(failure) => error(rooms.engine.issuer(), failure.seen_from_outside()),
    }
}

/// The checks of an authentication request, in order.
async fn ask(
    rooms: &Rooms,
    settings: &CibaSettings,
    head: &Parts,
    text: &[u8],
) -> Result<CibaAnswer, Failure> {
    let engine = &rooms.engine;
    let outside = Parameters::read(text, PARAMETERS)?;
    outside.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &outside).await?;
    token::noted(engine, &client, async {
        engine.is_on(&client.id)?;
        registered(&client)?;
        let signed = request_object::parameters(engine, &client, &outside).await?;
        let asked = signed.as_ref().unwrap_or(&outside);
        let named = Named::of(rooms, settings, &client, asked).await?;
        open(rooms, settings, &client, named).await
    })
    .await
}

/// What authenticates the client, what a request object comes in, and what the request is made of.
const PARAMETERS: &[&str] = &[
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "request",
    "scope",
    "client_notification_token",
    "acr_values",
    "login_hint_token",
    "id_token_hint",
    "login_hint",
    "binding_message",
    "user_code",
    "requested_expiry",
    "resource",
    "authorization_details",
];

/// A client that may ask at all: registered for CIBA, and one that proved itself.
fn registered(client: &Client) -> Result<(), Refusal> {
    let refused = Refusal::new(
        OAuthError::UnauthorizedClient,
        "this client is not registered for CIBA",
    );
    if client.ciba.is_none() || !client.may_use(GrantType::Ciba) {
        return Err(refused);
    }
    if !client.authentication.is_confidential() {
        return Err(refused.because("a public client"));
    }
    // FAPI-CIBA §5.2.2: no shared secrets.
    if client.profile == Profile::Fapi2 && !client.authentication.is_asymmetric() {
        return Err(refused.because("a fapi2 client without a key of its own"));
    }
    Ok(())
}

/// A request that names somebody who is known, and asks for what its client may have.
struct Named {
    person: PersonId,
    request: AcceptedRequest,
    handle: HandedOut,
    message: Option<String>,
    lifetime: std::time::Duration,
    ping: Option<Ping>,
}

impl Named {
    async fn of(
        rooms: &Rooms,
        settings: &CibaSettings,
        client: &Client,
        asked: &Parameters,
    ) -> Result<Self, Failure> {
        let engine = &rooms.engine;
        let scopes = scope::known_and_registered(engine, client, asked)?;
        let acr = level::required(engine, client, asked, &NamedLevels::default())?;
        let resources = resource::targets(engine, asked)?;
        let rich = authorize::details::known_and_permitted(engine, client, asked, &scopes)?;
        let message = details::binding_message(client, asked)?;
        let lifetime = details::lifetime(settings, asked)?;
        let token = details::notification_token(client, asked)?;
        let subject = hint::subject(engine, client, asked)?;
        let person = person(rooms, client, &subject).await?;
        let handle = HandedOut::fresh(&*engine.parts().entropy, DeferredKind::Ciba.handed_out());
        let destination = Destination::Deferred(DeferredGrant {
            handle: *handle.hash().as_bytes(),
            kind: DeferredKind::Ciba,
        });
        let request = AcceptedRequest {
            scopes,
            acr,
            resources,
            details: rich,
            hinted_subject: Some(subject),
            ..AcceptedRequest::bare(client.id.clone(), destination)
        };
        Ok(Self {
            person,
            request,
            message,
            lifetime,
            ping: token.map(|token| Ping {
                auth_req_id: handle.text().to_owned(),
                token,
            }),
            handle,
        })
    }
}

/// Whom the subject names; only ever one that this client was given, and who may act.
async fn person(
    rooms: &Rooms,
    client: &Client,
    subject: &guichet_domain::SubjectIdentifier,
) -> Result<PersonId, Failure> {
    let known = rooms.house.person(client, subject).await?;
    let known = known.ok_or(Refusal::new(
        OAuthError::UnknownUserId,
        "nobody is known to this client by that hint",
    ))?;
    if rooms.engine.admits(Some(known), rooms.engine.now()).await? {
        Ok(known)
    } else {
        Err(BARRED.into())
    }
}

/// What a client is told (CIBA Core §7.3).
#[derive(Serialize)]
struct CibaAnswer {
    auth_req_id: String,
    expires_in: u64,
    interval: u64,
}

/// Opens the grant where the person will find it, once the audit entry is durable.
async fn open(
    rooms: &Rooms,
    settings: &CibaSettings,
    client: &Client,
    named: Named,
) -> Result<CibaAnswer, Failure> {
    let engine = &rooms.engine;
    let now = engine.now();
    let event = AuditEvent::new(EventKind::DeferredRequested, now)
        .client(&client.id)
        .person(named.person)
        .detail("kind", DeferredKind::Ciba.as_str())
        .detail("scope", &named.request.scopes);
    let record = DeferredRecord {
        client: client.id.clone(),
        kind: DeferredKind::Ciba,
        asked_at: now,
        expires: now.after(named.lifetime),
        note: Note::Message(named.message),
        person: Some(named.person),
        ping: named.ping,
        standing: Standing::Waiting(Box::new(named.request)),
    };
    let handle = *named.handle.hash().as_bytes();
    // On record first: the person may find it from the moment it is open.
    engine.record(event).await?;
    if !engine.open_for(named.person, handle, &record).await? {
        return Err(TOO_MANY.into());
    }
    Ok(CibaAnswer {
        auth_req_id: named.handle.text().to_owned(),
        expires_in: named.lifetime.as_secs(),
        interval: settings.interval.as_secs(),
    })
}

/// A refusal at this endpoint (CIBA Core §13): as at the token endpoint, and 403 for `access_denied`.
fn error(issuer: &str, refusal: Refusal) -> Response {
    let mut response = refusal::token_error(issuer, refusal);
    if refusal.error == OAuthError::AccessDenied {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    response
}

/// Whether a client must be told of answers.
const fn is_pinged(client: &Client) -> bool {
    matches!(client.ciba, Some(CibaDelivery::Ping(_)))
}

const SWITCHED_OFF: Refusal = Refusal::new(OAuthError::InvalidRequest, "CIBA is switched off here");
const BARRED: Refusal = Refusal::new(
    OAuthError::AccessDenied,
    "the person cannot be signed in at present",
);
const TOO_MANY: Refusal = Refusal::new(
    OAuthError::AccessDenied,
    "too many requests wait for this person already",
);
