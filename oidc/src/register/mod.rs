//! `/register`: clients that register themselves (OIDC Registration, RFC 7591) and look after their
//! registration (RFC 7592). Off unless the operator turns it on: then there is no route.
//!
//! `register` and `change` are the order of the checks. What a client may ask stands in
//! `policy.rs` alone.

mod answer;
mod clients;
mod intake;
pub mod policy;
mod rate;
mod secret;
mod statement;
mod token;

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use guichet_domain::client::Registration;
use guichet_domain::{AuditEvent, Client, ClientId, ClientMetadata, EventKind, SecretHash};
use guichet_keys::{HandedOut, HandedOutKind};
use guichet_store::durable::InitialAccessTokens;
use http::{HeaderMap, StatusCode};

use crate::routes::Rooms;
use crate::{Engine, respond, sector};

use answer::{Failed, Shown, Unregistrable};
use policy::RegistrationPolicy;
use rate::Rate;
use secret::NewSecret;

pub use clients::RegisteredClients;

/// What an engine needs for clients to register themselves.
pub struct Registering {
    /// What they may ask.
    pub policy: RegistrationPolicy,
    /// Where they are kept.
    pub clients: Arc<dyn RegisteredClients>,
    /// Who may register.
    pub initial_access_tokens: Arc<dyn InitialAccessTokens>,
}

/// The same, once the engine has it.
pub(crate) struct Registrar {
    pub(crate) parts: Registering,
    rate: Rate,
}

impl Registrar {
    pub(crate) fn new(parts: Registering) -> Self {
        Self {
            rate: Rate::per_minute(parts.policy.per_minute),
            parts,
        }
    }
}

/// `POST /register` (RFC 7591 §3.1).
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    match register(&rooms.engine, request).await {
        Ok(shown) => shown.answer(&rooms.engine, StatusCode::CREATED),
        Err(failed) => failed.answer(rooms.engine.issuer()),
    }
}

/// `GET /register/{client_id}` (RFC 7592 §2.1).
pub(crate) async fn get(
    State(rooms): State<Rooms>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let engine = &rooms.engine;
    match token::owner(engine, request.headers(), &id) {
        Ok(owner) => Shown {
            access_token: owner.token,
            client: owner.client,
            secret: None,
            software_statement: None,
        }
        .answer(engine, StatusCode::OK),
        Err(failed) => failed.answer(engine.issuer()),
    }
}

/// `PUT /register/{client_id}` (RFC 7592 §2.2).
pub(crate) async fn put(
    State(rooms): State<Rooms>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    match change(&rooms.engine, &id, request).await {
        Ok(shown) => shown.answer(&rooms.engine, StatusCode::OK),
        Err(failed) => failed.answer(rooms.engine.issuer()),
    }
}

/// `DELETE /register/{client_id}` (RFC 7592 §2.3).
pub(crate) async fn delete(
    State(rooms): State<Rooms>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let head = request.into_parts().0;
    match remove(&rooms.engine, &id, &head.headers).await {
        Ok(()) => respond::empty(StatusCode::NO_CONTENT),
        Err(failed) => failed.answer(rooms.engine.issuer()),
    }
}

/// The checks of a registration, in order. The initial access token is looked at first and spent last:
/// who has none makes the server do nothing, and a mistake costs no use.
async fn register(engine: &Engine, request: Request) -> Result<Shown, Failed> {
    let registrar = registrar(engine)?;
    let (head, body) = request.into_parts();
    let initial = token::initial(registrar, &head.headers, engine.now()).await?;
    registrar.rate.take(engine.now())?;
    room_for_one(registrar)?;
    let asked = intake::read(&head.headers, body).await?;
    let software_statement = asked.software_statement.clone();
    let asked = statement::merge(engine, &registrar.parts.policy, asked).await?;
    let mut metadata = registrar.parts.policy.admit(engine, asked)?;

    metadata.client_id = new_id(engine);
    let secret = NewSecret::for_metadata(engine, &mut metadata);
    let mut client = checked(engine, registrar, &metadata).await?;
    client.authentication.date_secrets(engine.now());
    let access_token = HandedOut::fresh(&*engine.parts().entropy, HandedOutKind::RegistrationToken);
    client.registration = Some(Registration {
        access_token: SecretHash::from_bytes(*access_token.hash().as_bytes()),
        at: engine.now(),
        software_id: metadata.software_id.clone(),
        software_version: metadata.software_version.clone(),
    });

    let by = initial.spend(registrar, engine.now()).await?;
    let event = AuditEvent::new(EventKind::ClientRegistered, engine.now()).client(&client.id);
    engine
        .record(match by {
            Some(name) => event.detail("initial_access_token", name),
            None => event,
        })
        .await?;
    registrar.parts.clients.add(&client, engine.now()).await?;
    Ok(Shown {
        client: Arc::new(client),
        secret,
        access_token: access_token.text().to_owned(),
        software_statement,
    })
}

/// The checks of a change, in order: a replacement of everything that was registered. The registration
/// access token changes with it, and whoever held the old one holds nothing (RFC 7592 §5).
async fn change(engine: &Engine, id: &str, request: Request) -> Result<Shown, Failed> {
    let registrar = registrar(engine)?;
    let (head, body) = request.into_parts();
    let owner = token::owner(engine, &head.headers, id)?;
    registrar.rate.take(engine.now())?;
    let asked = intake::read(&head.headers, body).await?;
    intake::is_a_change_of(&asked, &owner.client)?;
    let software_statement = asked.software_statement.clone();
    let asked = statement::merge(engine, &registrar.parts.policy, asked).await?;
    let mut metadata = registrar.parts.policy.admit(engine, asked)?;

    id.clone_into(&mut metadata.client_id);
    let secret = NewSecret::for_change(engine, &mut metadata, &owner.client)?;
    let mut client = checked(engine, registrar, &metadata).await?;
    secret::keep_the_one_it_has(&mut client, &owner.client, secret.as_ref(), engine.now());
    keep_what_was_granted(&mut client, &owner.client);
    let access_token = HandedOut::fresh(&*engine.parts().entropy, HandedOutKind::RegistrationToken);
    client.registration = Some(Registration {
        access_token: SecretHash::from_bytes(*access_token.hash().as_bytes()),
        at: owner.registered_at,
        software_id: metadata.software_id.clone(),
        software_version: metadata.software_version.clone(),
    });

    let event = AuditEvent::new(EventKind::ClientChanged, engine.now()).client(&client.id);
    engine.record(event.detail("by", "itself")).await?;
    let clients = &registrar.parts.clients;
    // Disabled, changed or removed meanwhile, it stays so (threat N-42).
    if !clients
        .replace(&owner.client, &client, engine.now())
        .await?
    {
        return Err(token::NOT_THE_OWNER.into());
    }
    Ok(Shown {
        client: Arc::new(client),
        secret,
        access_token: access_token.text().to_owned(),
        software_statement,
    })
}

/// What a client lives by is the operator's to say, and so is what it may ask by that: it leaves neither by
/// changing its registration (threat N-272).
fn keep_what_was_granted(client: &mut Client, known: &Client) {
    client.environment = known.environment;
    client.exception.clone_from(&known.exception);
    client.habilitation.clone_from(&known.habilitation);
    if known.habilitation.is_some() {
        client.scopes = known.scopes.clone();
        client.evidence_rights.clone_from(&known.evidence_rights);
        client.default_acr = known.default_acr;
        client.minimum_acr = known.minimum_acr;
    }
}

/// A client leaves. Its tokens die with it: each use of one asks whether its client is there.
async fn remove(engine: &Engine, id: &str, headers: &HeaderMap) -> Result<(), Failed> {
    let registrar = registrar(engine)?;
    let owner = token::owner(engine, headers, id)?;
    let event = AuditEvent::new(EventKind::ClientRemoved, engine.now()).client(&owner.client.id);
    engine.record(event.detail("by", "itself")).await?;
    registrar.parts.clients.remove(&owner.client.id).await?;
    Ok(())
}

/// From metadata to a client that holds together, that this operator lets in, and whose sector says
/// that it belongs.
async fn checked(
    engine: &Engine,
    registrar: &Registrar,
    metadata: &ClientMetadata,
) -> Result<Client, Failed> {
    let client = metadata
        .check_keeping(engine.client_secrets())
        .map_err(|error| Unregistrable::of(&error))?;
    registrar.parts.policy.judge(engine, metadata, &client)?;
    sector::check(&*engine.parts().fetch, &client)
        .await
        .map_err(|error| Unregistrable::member("sector_identifier_uri", &error))?;
    Ok(client)
}

fn registrar(engine: &Engine) -> Result<&Registrar, Failed> {
    engine.registrar().ok_or(Failed::Off)
}

/// Clients that registered themselves take memory on every node: there is a most of them.
fn room_for_one(registrar: &Registrar) -> Result<(), Failed> {
    if registrar.parts.clients.registered() < registrar.parts.policy.most_clients {
        Ok(())
    } else {
        Err(Failed::Full)
    }
}

/// 128 random bits, so that nobody can guess or choose one.
fn new_id(engine: &Engine) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(engine.parts().entropy.bytes16())
}

/// Where a client looks after its registration.
pub(crate) fn client_uri(engine: &Engine, id: &ClientId) -> String {
    format!("{}/{id}", engine.endpoints().registration)
}
