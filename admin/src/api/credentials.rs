//! The secrets and keys of a client: which there are, another one, and the end of one.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use guichet_domain::{Client, InvalidMember, Rule, Timestamp};
use http::StatusCode;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Api;
use super::caller::Caller;
use super::intake::{Brought, JSON, moment};
use super::operation::Operation;
use super::problem::Problem;
use super::shelf::{Shelf as _, find, said};
use crate::people::{Action, Kind};
use crate::{Actor, ClientRecords, Credential, CredentialDesk, CredentialKind};

/// Every secret and key of a client's record.
#[derive(Serialize, JsonSchema)]
struct Credentials {
    /// The oldest first.
    items: Vec<Credential>,
}

/// A secret is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnotherSecret {
    /// Those there are end then (RFC 3339); without it they go on.
    #[serde(default)]
    others_end: Option<String>,
}

/// A secret that was just made.
#[derive(Serialize, JsonSchema)]
struct MadeSecret {
    /// Its name among the client's secrets.
    id: String,
    /// The secret: shown this once.
    client_secret: String,
}

/// A key to be added.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnotherKey {
    /// A public key (RFC 7517 §4).
    key: Value,
    /// Those there are end then (RFC 3339); without it they go on.
    #[serde(default)]
    others_end: Option<String>,
}

/// A key that was added.
#[derive(Serialize, JsonSchema)]
struct AddedKey {
    /// Its `kid`.
    id: String,
}

/// What ends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ending {
    /// Whether it is a secret or a key.
    kind: CredentialKind,
    /// Its name.
    id: String,
    /// When (RFC 3339); at once without it.
    #[serde(default)]
    at: Option<String>,
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    vec![
        Operation::new(
            ("get", "/clients/{id}/credentials"),
            "list_client_credentials",
            "Lists the secrets and keys of a client, with the day of their last use; never what they are",
            list,
        )
        .right(Action::Read, Kind::Client)
        .gives(200, Some(schemas.subschema_for::<Credentials>())),
        Operation::new(
            ("post", "/clients/{id}/secrets"),
            "add_client_secret",
            "Makes another secret of a client, good at once and shown this once; the others go on until their end",
            add_secret,
        )
        .right(Action::Change, Kind::Client)
        .takes(JSON, schemas.subschema_for::<AnotherSecret>())
        .gives(201, Some(schemas.subschema_for::<MadeSecret>())),
        Operation::new(
            ("post", "/clients/{id}/keys"),
            "add_client_key",
            "Adds a public key to a client's jwks, good at once; the others go on until their end",
            add_key,
        )
        .right(Action::Change, Kind::Client)
        .takes(JSON, schemas.subschema_for::<AnotherKey>())
        .gives(201, Some(schemas.subschema_for::<AddedKey>())),
        Operation::new(
            ("post", "/clients/{id}/credentials/end"),
            "end_client_credential",
            "Ends a secret or a key of a client, now or later; one that goes on must be left",
            end,
        )
        .right(Action::Change, Kind::Client)
        .takes(JSON, schemas.subschema_for::<Ending>())
        .gives(204, None),
    ]
}

impl Api {
    /// Where `by` adds and ends credentials of clients.
    pub(crate) fn credentials(&self, by: Actor) -> CredentialDesk {
        let (records, declared) = ClientRecords::records(self);
        CredentialDesk {
            clients: self.console.door.desk(records, declared, by),
            uses: Arc::clone(&self.uses),
            entropy: Arc::clone(&self.console.door.entropy),
        }
    }
}

async fn list(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Credentials>, Problem> {
    let client = find::<ClientRecords>(&api, &caller, &id, Action::Read).await?;
    let items = api.credentials(caller.actor()).list(&client).await;
    let items = items.map_err(|error| said(&api, &error))?;
    Ok(Json(Credentials { items }))
}

/// A client whose proofs this caller may change: where it is a member of the staff they are its roles.
async fn provable(api: &Api, caller: &Caller, id: &str) -> Result<Arc<Client>, Problem> {
    let client = find::<ClientRecords>(api, caller, id, Action::Change).await?;
    let provable = caller.may_prove(api, &client.id).await;
    provable.inspect_err(|_| caller.note_refused(api, Action::Change, Kind::Client))?;
    Ok(client)
}

async fn add_secret(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<(StatusCode, Json<MadeSecret>), Problem> {
    let client = provable(&api, &caller, &id).await?;
    let asked: AnotherSecret = brought.json().await?;
    let others_end = to_come(&api, "others_end", asked.others_end.as_deref())?;
    let desk = api.credentials(caller.actor());
    let made = desk.add_secret(&client, others_end).await;
    let made = made.map_err(|error| said(&api, &error))?;
    let shown = MadeSecret {
        id: made.id,
        client_secret: made.secret.to_string(),
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

async fn add_key(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<(StatusCode, Json<AddedKey>), Problem> {
    let client = provable(&api, &caller, &id).await?;
    let asked: AnotherKey = brought.json().await?;
    let others_end = to_come(&api, "others_end", asked.others_end.as_deref())?;
    let desk = api.credentials(caller.actor());
    let added = desk.add_key(&client, &asked.key, others_end).await;
    let id = added.map_err(|error| said(&api, &error))?;
    Ok((StatusCode::CREATED, Json(AddedKey { id })))
}

async fn end(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<StatusCode, Problem> {
    let client = provable(&api, &caller, &id).await?;
    let asked: Ending = brought.json().await?;
    let at = moment("at", asked.at.as_deref())?;
    let desk = api.credentials(caller.actor());
    let ended = desk.end(&client, (asked.kind, &asked.id), at).await;
    ended.map_err(|error| said(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

/// A time that is not past.
fn to_come(
    api: &Api,
    member: &'static str,
    text: Option<&str>,
) -> Result<Option<Timestamp>, Problem> {
    let moment = moment(member, text)?;
    if moment.is_some_and(|it| it < api.console.door.clock.now()) {
        return Err(Problem::member(&InvalidMember::new(
            member,
            Rule::TimeToCome,
        )));
    }
    Ok(moment)
}
