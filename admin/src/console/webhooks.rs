//! The pages of webhooks: who is told what, the secrets that sign it, what became of it. What changes one is
//! confirmed by a fresh sign-in; a test and a replay tell nobody anything new, and are done at once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::webhook::{PUBLISHED, Webhook, WebhookMetadata, WebhookSignature};
use guichet_domain::{EventKind, Timestamp};
use guichet_store::durable::Replay;
use guichet_web::{Form, PageContext, PageError, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::confirm::{Confirmable, Dangerous, Proposal, Row};
use super::records::{caller, page_error};
use super::waits::{DAY, HOUR, wait};
use super::{Console, Present};
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::{Api, shelf};
use crate::people::{Action, Kind};
use crate::webhooks::{NewWebhookSecret, WebhookRecords};
use crate::{ChangeError, Expected};

/// What is confirmed here.
pub(super) const OPERATIONS: &[&dyn Confirmable] = &[&ChangeWebhook];

const FORM: &str = "console-webhooks";
const PATH: &str = "/webhooks";
/// How many deliveries a page shows; the API has all of them.
const SHOWN: u32 = 50;

/// `GET /webhooks`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    console.must(&present, Action::Read, Kind::Webhook)?;
    let caller = caller(&api, &present).await?;
    let seen = shelf::seen::<WebhookRecords>(&api, &caller).await;
    let seen = seen.map_err(|problem| no(&problem))?;
    let all: Vec<WebhookMetadata> = seen.iter().map(|it| (&**it).into()).collect();
    let (browser, _) = console.browser(&headers)?;
    let own = present
        .rights
        .seats()
        .first()
        .map(|seat| seat.on.to_string());
    let data = context! {
        webhooks => Serde(&all),
        kinds => Serde(&kinds()),
        on => own.unwrap_or_default(),
        may_add => present.rights.may_somewhere(Action::Add, Kind::Webhook),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/webhooks.html", data))
}

/// `GET /webhooks/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let caller = caller(&api, &present).await?;
    let webhook = find(&api, &caller, &id, Action::Read).await?;
    let (browser, _) = console.browser(&headers)?;
    let desk = api.webhook_desk(present.actor());
    let deliveries = desk.deliveries(&webhook, None, SHOWN).await;
    let deliveries = deliveries.map_err(|error| no(&shelf::said(&api, &error)))?;
    let data = context! {
        webhook => Serde(&WebhookMetadata::from(&*webhook)),
        secrets => Serde(&desk.secrets(&webhook)),
        deliveries => Serde(&deliveries),
        kinds => Serde(&kinds()),
        gone => webhook.gone.map(Timestamp::millis),
        may_change => find(&api, &caller, &id, Action::Change).await.is_ok(),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, PATH);
    Ok(console.pages.html(&page, "admin/webhook.html", data))
}

/// What is posted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Posted {
    csrf: String,
    act: String,
    id: String,
    url: String,
    description: String,
    on: String,
    /// One kind a line; none for all.
    events: String,
    signature: String,
    secret: String,
    days: String,
    sequence: String,
    hours: String,
}

/// What is kept of it until it is confirmed.
#[derive(Serialize, Deserialize)]
pub(super) struct Wanted {
    id: String,
    act: Act,
    /// How long after the confirmation the other secrets end, or this one.
    end_after: Option<Duration>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    /// What it is to be, and the tag of what it is; a new one gets its first secret with it.
    Put(Box<WebhookMetadata>, Option<String>),
    AddSecret(WebhookSignature),
    EndSecret(String),
}

/// `POST /webhooks`: a new one.
pub(super) async fn add(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let caller = caller(&api, &present).await?;
    let metadata = posted.metadata(posted.id.trim());
    judged(&api, &caller, &metadata).await?;
    let title = ("console-webhook-add-title", metadata.id.clone());
    let rows = rows(None, &metadata);
    let act = Act::Put(Box::new(metadata), None);
    propose(&api, &present, (act, None), title, rows).await
}

/// `POST /webhooks/{id}`: everything else.
pub(super) async fn act(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.own_form(&headers, FORM, &posted.csrf).await?;
    let caller = caller(&api, &present).await?;
    let webhook = find(&api, &caller, &id, Action::Change).await?;
    let known = WebhookMetadata::from(&*webhook);
    let desk = api.webhook_desk(present.actor());
    let done = match posted.act.as_str() {
        "test" => desk.test(&webhook).await.map(drop),
        "replay" => {
            let sequence = posted.sequence.trim().parse::<i64>().ok();
            let sequence = sequence
                .and_then(|it| u64::try_from(it).ok())
                .ok_or_else(bad)?;
            desk.replay(&webhook, Replay::One(sequence)).await.map(drop)
        }
        "replay-since" => {
            let back = wait(&posted.hours, (HOUR, 24 * 365)).map_err(|_| bad())?;
            let since = console.door.clock.now().before(back.ok_or_else(bad)?);
            desk.replay(&webhook, Replay::Since(since)).await.map(drop)
        }
        _ => return posted.turn(&api, &present, &webhook, known).await,
    };
    done.map_err(|error| no(&shelf::said(&api, &error)))?;
    Ok(Redirect::to(&path(&id)).into_response())
}

impl Posted {
    /// What is confirmed first.
    async fn turn(
        self,
        api: &Arc<Api>,
        present: &Present,
        webhook: &Webhook,
        known: WebhookMetadata,
    ) -> Result<Response, PageError> {
        let end_after = wait(&self.days, (DAY, 24 * 365)).map_err(|_| bad())?;
        let id = known.id.clone();
        let (act, title, rows) = match self.act.as_str() {
            "change" | "enable" | "disable" => {
                let next = match self.act.as_str() {
                    "change" => WebhookMetadata {
                        active: known.active,
                        ..self.metadata(&id)
                    },
                    act => WebhookMetadata {
                        active: Some(act == "enable"),
                        ..known.clone()
                    },
                };
                judged(api, &caller(api, present).await?, &next).await?;
                let desk = api.webhook_desk(present.actor());
                let tag = desk.webhooks.tag_of(webhook);
                let tag = tag.map_err(|error| no(&shelf::said(api, &error)))?;
                let rows = rows(Some(&known), &next);
                let act = Act::Put(Box::new(next), Some(tag));
                (act, "console-webhook-change-title", rows)
            }
            "add-secret" => {
                let signature = if self.signature == "v1a" {
                    WebhookSignature::Ed25519
                } else {
                    WebhookSignature::Hmac
                };
                let row = row(
                    "console-webhook-signature",
                    "signature",
                    None,
                    &self.signature,
                );
                let act = Act::AddSecret(signature);
                (act, "console-webhook-secret-add-title", vec![row])
            }
            "end-secret" => {
                let row = row("console-webhook-secret", "id", None, &self.secret);
                let act = Act::EndSecret(self.secret);
                (act, "console-webhook-secret-end-title", vec![row])
            }
            _ => return Err(bad()),
        };
        propose(api, present, (act, end_after), (title, id), rows).await
    }

    fn metadata(&self, id: &str) -> WebhookMetadata {
        let lines = self.events.lines().map(str::trim);
        WebhookMetadata {
            id: id.to_owned(),
            description: Some(self.description.trim().to_owned()),
            url: self.url.trim().to_owned(),
            events: lines
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
                .collect(),
            on: Some(self.on.trim().to_owned()).filter(|on| !on.is_empty()),
            active: None,
            gone: None,
        }
    }
}

/// Changes a webhook, or its secrets.
pub(super) struct ChangeWebhook;

#[async_trait]
impl Dangerous for ChangeWebhook {
    type Input = Wanted;
    const NAME: &'static str = "webhook.change";

    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        Wanted { id, act, end_after }: Wanted,
    ) -> Result<Response, PageError> {
        // Reckoned now: "at once" would be over by the time it was confirmed.
        let now = api.console.door.clock.now();
        let end = end_after.map(|wait| now.after(wait));
        let caller = caller(api, &by).await?;
        let said = |error: ChangeError| no(&shelf::said(api, &error));
        let desk = api.webhook_desk(by.actor());
        match act {
            Act::Put(metadata, tag) => {
                let known = shelf::puttable::<WebhookRecords>(api, &caller, &id).await;
                let known = known.map_err(|problem| no(&problem))?;
                let guarded =
                    shelf::guarded::<WebhookRecords>(api, &caller, known.as_deref(), &metadata)
                        .await;
                guarded.map_err(|problem| no(&problem))?;
                let expected = tag.map_or(Expected::Absent, |tag| Expected::Tagged(vec![tag]));
                let (webhook, _) = desk
                    .webhooks
                    .put(&metadata, &expected)
                    .await
                    .map_err(said)?;
                if known.is_none() {
                    let made = desk
                        .add_secret(&webhook, WebhookSignature::Hmac, None)
                        .await;
                    return Ok(shown_once(api, (page, &by), &id, &made.map_err(said)?));
                }
            }
            Act::AddSecret(signature) => {
                let webhook = find(api, &caller, &id, Action::Change).await?;
                let made = desk.add_secret(&webhook, signature, end).await;
                return Ok(shown_once(api, (page, &by), &id, &made.map_err(said)?));
            }
            Act::EndSecret(secret) => {
                let webhook = find(api, &caller, &id, Action::Change).await?;
                desk.end_secret(&webhook, &secret, end)
                    .await
                    .map_err(said)?;
            }
        }
        Ok(Redirect::to(&path(&id)).into_response())
    }
}

async fn propose(
    api: &Arc<Api>,
    present: &Present,
    (act, end_after): (Act, Option<Duration>),
    (title, id): (&str, String),
    rows: Vec<Row>,
) -> Result<Response, PageError> {
    let console = &api.console;
    let back = match &act {
        Act::Put(_, None) => PATH.to_owned(),
        _ => path(&id),
    };
    let wanted = Wanted {
        id: id.clone(),
        act,
        end_after,
    };
    let proposal = Proposal::<ChangeWebhook>::new(wanted, (title, &id), back);
    console.propose(present, proposal.with_rows(rows)).await
}

/// What cannot stand is said before anybody signs in for it.
async fn judged(api: &Api, caller: &Caller, metadata: &WebhookMetadata) -> Result<(), PageError> {
    let known = shelf::puttable::<WebhookRecords>(api, caller, &metadata.id).await;
    let known = known.map_err(|problem| no(&problem))?;
    let guarded = shelf::guarded::<WebhookRecords>(api, caller, known.as_deref(), metadata).await;
    guarded.map_err(|problem| no(&problem))?;
    let checked = crate::Records::check(&*api.webhooks, known.as_deref(), metadata).await;
    checked
        .map(drop)
        .map_err(|error| no(&shelf::said(api, &error)))
}

/// The page of a secret that was just made: nobody shows it again.
fn shown_once(
    api: &Api,
    (page, by): (PageContext, &Present),
    id: &str,
    made: &NewWebhookSecret,
) -> Response {
    let console = &api.console;
    let data = context! { id, secret => made.text.as_str(), name => made.id.as_str() };
    let page = console.page(page, by, PATH);
    console.pages.html(&page, "admin/webhook_secret.html", data)
}

async fn find(
    api: &Api,
    caller: &Caller,
    id: &str,
    action: Action,
) -> Result<Arc<Webhook>, PageError> {
    let found = shelf::find::<WebhookRecords>(api, caller, id, action).await;
    found.map_err(|problem| no(&problem))
}

/// What becomes another.
fn rows(known: Option<&WebhookMetadata>, next: &WebhookMetadata) -> Vec<Row> {
    let member = |name: &str, of: &WebhookMetadata| match name {
        "url" => of.url.clone(),
        "description" => of.description.clone().unwrap_or_default(),
        "on" => of.on.clone().unwrap_or_else(|| "hub".to_owned()),
        "events" => of.events.join(" "),
        _ => of.active.unwrap_or(true).to_string(),
    };
    let names = [
        ("console-webhook-url", "url"),
        ("console-webhook-description", "description"),
        ("console-webhook-on", "on"),
        ("console-webhook-events", "events"),
        ("console-webhook-active", "active"),
    ];
    let changed = names.into_iter().filter_map(|(label, name)| {
        let before = known.map(|known| member(name, known));
        let after = member(name, next);
        (before.as_ref() != Some(&after)).then(|| row(label, name, before.as_deref(), &after))
    });
    changed.collect()
}

fn row(label: &str, member: &str, before: Option<&str>, after: &str) -> Row {
    let told = |text: &str| Some(Value::String(text.to_owned())).filter(|_| !text.is_empty());
    Row {
        label: Some(label.to_owned()),
        member: member.to_owned(),
        before: before.and_then(told),
        after: told(after),
    }
}

fn kinds() -> Vec<&'static str> {
    PUBLISHED.iter().copied().map(EventKind::as_str).collect()
}

fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

fn bad() -> PageError {
    Console::malformed(PATH)
}

fn no(problem: &Problem) -> PageError {
    page_error(PATH, problem)
}
