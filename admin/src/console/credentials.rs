//! The page of a client's secrets and keys: another one, and the end of one, each confirmed by a fresh sign-in.
//! A new secret is shown once, in the answer to its confirmation.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{Client, Timestamp};
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::confirm::{Confirmable, Dangerous, Proposal, Row};
use super::one_client::OneClient;
use super::reasons::because;
use super::waits::{DAY, wait};
use super::{Console, Present};
use crate::api::Api;
use crate::people::{Action, Kind};
use crate::{ChangeError, CredentialKind, Due, due};

/// What is confirmed here.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&ChangeCredentials];

const FORM: &str = "console-credentials";

/// `GET /clients/{id}/credentials`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let (client, may_change) = look(&api, &present, &id, Action::Change).await?;
    let (browser, _) = console.browser(&headers)?;
    let all = api.credentials(present.actor()).list(&client).await;
    let all = all.map_err(|error| refused(console, &id, &error))?;
    let due = due(&client, console.door.clock.now());
    let data = context! {
        id => client.id.as_str(),
        name => client.name.as_str(),
        method => client.authentication.method(),
        has_secrets => !client.authentication.secrets().is_empty(),
        has_keys => matches!(client.keys, Some(guichet_domain::KeySource::Jwks(_))),
        published => matches!(client.keys, Some(guichet_domain::KeySource::JwksUri(_))),
        credentials => Serde(&all),
        due => due.map(Due::as_str),
        due_at => due.map(|due| due.at().millis()),
        may_change,
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/clients");
    Ok(console.pages.html(&page, "admin/credentials.html", data))
}

/// What is asked for.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    key: String,
    /// After how many days the others end, or this one; blank for never.
    #[serde(default)]
    days: String,
}

/// What is kept of it until it is confirmed.
#[derive(Serialize, Deserialize)]
pub(super) struct Wanted {
    client: String,
    act: Act,
    /// When the others end, or this one.
    end: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    AddSecret,
    AddKey(Value),
    End(CredentialKind, String),
}

/// `POST /clients/{id}/credentials`
pub(super) async fn propose(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let client = find(&api, &present, &id, Action::Change).await?;
    let now = console.door.clock.now();
    let wait = wait(&posted.days, (DAY, 3650)).map_err(|_| bad(&id))?;
    let end = wait.map(|wait| now.after(wait));
    let (act, title, what) = match posted.act.as_str() {
        "add-secret" => (Act::AddSecret, "console-secret-add-title", None),
        "add-key" => {
            let key = serde_json::from_str(&posted.key).map_err(|_| bad(&id))?;
            (Act::AddKey(key), "console-key-add-title", None)
        }
        "end-secret" | "end-key" => {
            let kind = if posted.act == "end-key" {
                CredentialKind::Key
            } else {
                CredentialKind::Secret
            };
            let act = Act::End(kind, posted.credential.clone());
            (act, "console-credential-end-title", Some(posted.credential))
        }
        _ => return Err(bad(&id)),
    };
    let mut rows = Vec::new();
    rows.extend(what.map(|what| Row::said("console-credential", "id", what)));
    rows.extend(end.map(|end| Row::said("console-credential-until", "until", end.to_string())));
    let wanted = Wanted {
        client: client.id.to_string(),
        act,
        end,
    };
    let what = (title, client.name.as_str());
    let proposal = Proposal::<ChangeCredentials>::new(wanted, what, path(&id));
    console.propose(&present, proposal.with_rows(rows)).await
}

/// Adds or ends a secret or a key of a client.
pub(super) struct ChangeCredentials;

#[async_trait]
impl Dangerous for ChangeCredentials {
    type Input = Wanted;
    const NAME: &'static str = "client.credentials";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        wanted: Wanted,
    ) -> Result<Response, PageError> {
        let id = wanted.client;
        let client = find(api, &by, &id, Action::Change).await?;
        let desk = api.credentials(by.actor());
        let done = match wanted.act {
            Act::AddSecret => match desk.add_secret(&client, wanted.end).await {
                Ok(made) => {
                    let data = context! {
                        id => id.as_str(),
                        name => client.name.as_str(),
                        credential => made.id,
                        secret => made.secret.as_str(),
                        until => wanted.end.map(Timestamp::millis),
                    };
                    let console = &api.console;
                    let page = console.page(page, &by, "/clients");
                    return Ok(console.pages.html(&page, "admin/new_secret.html", data));
                }
                Err(error) => Err(error),
            },
            Act::AddKey(key) => desk.add_key(&client, &key, wanted.end).await.map(drop),
            Act::End(kind, credential) => desk.end(&client, (kind, &credential), wanted.end).await,
        };
        done.map_err(|error| refused(&api.console, &id, &error))?;
        Ok(Redirect::to(&path(&id)).into_response())
    }
}

/// A client that this member may do this to; what they may not see is not there.
async fn find(
    api: &Api,
    present: &Present,
    id: &str,
    action: Action,
) -> Result<Arc<Client>, PageError> {
    let (client, may) = look(api, present, id, action).await?;
    if may {
        Ok(client)
    } else {
        Err(api.console.refused(present, action, Kind::Client))
    }
}

/// A client that this member may see, and whether they may do this to it.
async fn look(
    api: &Api,
    present: &Present,
    id: &str,
    action: Action,
) -> Result<(Arc<Client>, bool), PageError> {
    let seen = OneClient::seen(api, present, id).await?;
    let seen = seen.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "error-not-found"))?;
    if !seen.may(present, action) {
        return Ok((seen.client, false));
    }
    let OneClient { client, grounds } = seen;
    // Where it is a member of the staff, its keys are its roles.
    let (door, rights) = (&api.console.door, &present.rights);
    let given = door.may_give_those_of(&client.id, rights, &grounds).await;
    Ok((client, action == Action::Read || given.is_ok()))
}

fn path(id: &str) -> String {
    format!("/clients/{id}/credentials")
}

fn bad(id: &str) -> PageError {
    Console::malformed(&path(id))
}

fn refused(console: &Console, id: &str, error: &ChangeError) -> PageError {
    match error {
        ChangeError::Fault(fault) => console.fault("change a client", fault),
        ChangeError::Keys(error) => console.fault("seal a secret", error),
        other => {
            let page = PageError::new(StatusCode::CONFLICT, "console-credentials-unchanged");
            because(page, "what", &other.reason()).with_way_back(path(id), None)
        }
    }
}
