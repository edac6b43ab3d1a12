//! Webhooks: their records, the secrets that sign what they are told, a test, a replay, what became of it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::extract::{Path, State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::webhook::{Webhook, WebhookMetadata, WebhookSignature};
use guichet_domain::{InvalidMember, Timestamp};
use guichet_store::durable::Replay;
use http::{StatusCode, Uri};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Api;
use super::caller::Caller;
use super::intake::{Brought, JSON, moment};
use super::operation::Operation;
use super::paging::{Page, Paging};
use super::problem::Problem;
use super::shelf::{self, Shelf, find, said};
use crate::Actor;
use crate::people::{Action, Grounds, Kind, Place};
use crate::webhooks::{DeliveryShown, SecretShown, WebhookDesk, WebhookRecords};

/// Every secret of a webhook.
#[derive(Serialize, JsonSchema)]
struct WebhookSecrets {
    /// The oldest first.
    items: Vec<SecretShown>,
}

/// A secret of a webhook is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnotherWebhookSecret {
    /// `v1`, a shared secret, or `v1a`, a key of which the receiver has the public half.
    #[serde(default)]
    signature: WebhookSignature,
    /// Those there are end then (RFC 3339); without it they go on.
    #[serde(default)]
    others_end: Option<String>,
}

/// A secret of a webhook that was just made.
#[derive(Serialize, JsonSchema)]
struct MadeWebhookSecret {
    /// Its name among the webhook's.
    id: String,
    /// `whsec_…`, shown this once, or `whpk_…`, which is public.
    secret: String,
}

/// Which secret of a webhook ends.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndingWebhookSecret {
    /// Its name.
    id: String,
    /// When (RFC 3339); at once without it.
    #[serde(default)]
    at: Option<String>,
}

/// What is sent again: one event, or all since a moment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WantedReplay {
    /// The place of the entry of the ledger, as deliveries have it.
    #[serde(default)]
    sequence: Option<u64>,
    /// Everything that happened since then (RFC 3339).
    #[serde(default)]
    since: Option<String>,
}

/// How many are sent again.
#[derive(Serialize, JsonSchema)]
struct Replayed {
    /// Deliveries that were made anew.
    replayed: u64,
}

/// A test that is on its way.
#[derive(Serialize, JsonSchema)]
struct Tried {
    /// The place of its entry of the ledger, as deliveries have it.
    sequence: u64,
}

impl Api {
    /// Where `by` makes and ends secrets of webhooks, and tries them.
    pub(crate) fn webhook_desk(&self, by: Actor) -> WebhookDesk {
        WebhookDesk {
            webhooks: self
                .console
                .door
                .desk(Arc::clone(&self.webhooks), Arc::new([]), by),
            sealer: crate::webhooks::webhook_sealer(&self.keys),
            entropy: Arc::clone(&self.console.door.entropy),
        }
    }
}

#[async_trait]
impl Shelf for WebhookRecords {
    const PLURAL: &'static str = "webhooks";
    const ONE: &'static str = "webhook";
    const OF: Kind = Kind::Webhook;

    fn records(api: &Api) -> (Arc<Self>, Arc<[String]>) {
        (Arc::clone(&api.webhooks), Arc::new([]))
    }

    fn place(record: &Webhook, grounds: &Grounds) -> Place {
        // Of a team that is gone: whoever operates the hub.
        grounds.place_of(&record.on).unwrap_or(Place::Hub)
    }

    /// Nobody has it told of more than is theirs (threat N-313).
    async fn guard(
        _api: &Api,
        caller: &Caller,
        known: Option<&Webhook>,
        metadata: &WebhookMetadata,
    ) -> Result<(), Problem> {
        let on = metadata.on().map_err(|invalid| Problem::member(&invalid))?;
        let place = caller.grounds.place_of(&on);
        let action = known.map_or(Action::Add, |_| Action::Change);
        let may = |place: &Place| caller.rights.may(action, Kind::Webhook, place);
        if place.as_ref().is_some_and(may) {
            Ok(())
        } else {
            let detail = "what it is to be told of is not yours";
            Err(Problem::pointed(StatusCode::FORBIDDEN, "on", detail))
        }
    }
}

pub(super) fn operations(schemas: &mut SchemaGenerator) -> Vec<Operation> {
    let mut all = shelf::operations::<WebhookRecords>(schemas);
    all.extend([
        Operation::new(
            ("get", "/webhooks/{id}/secrets"),
            "list_webhook_secrets",
            "Lists the secrets that sign what a webhook is told; never what they are",
            list_secrets,
        )
        .right(Action::Read, Kind::Webhook)
        .gives(200, Some(schemas.subschema_for::<WebhookSecrets>())),
        Operation::new(
            ("post", "/webhooks/{id}/secrets"),
            "add_webhook_secret",
            "Makes another secret of a webhook, which signs at once and is shown this once; the others go on until their end",
            add_secret,
        )
        .right(Action::Change, Kind::Webhook)
        .takes(JSON, schemas.subschema_for::<AnotherWebhookSecret>())
        .gives(201, Some(schemas.subschema_for::<MadeWebhookSecret>())),
        Operation::new(
            ("post", "/webhooks/{id}/secrets/end"),
            "end_webhook_secret",
            "Ends a secret of a webhook, now or later; one that goes on must be left",
            end_secret,
        )
        .right(Action::Change, Kind::Webhook)
        .takes(JSON, schemas.subschema_for::<EndingWebhookSecret>())
        .gives(204, None),
        Operation::new(
            ("get", "/webhooks/{id}/deliveries"),
            "list_webhook_deliveries",
            "Lists what a webhook was told or is to be told, the newest first, with how that goes",
            deliveries,
        )
        .right(Action::Read, Kind::Webhook)
        .paged()
        .gives(200, Some(schemas.subschema_for::<Page<DeliveryShown>>())),
        Operation::new(
            ("post", "/webhooks/{id}/test"),
            "test_webhook",
            "Tells a webhook that it is being tried: an event webhook.tested",
            test,
        )
        .right(Action::Change, Kind::Webhook)
        .gives(202, Some(schemas.subschema_for::<Tried>())),
        Operation::new(
            ("post", "/webhooks/{id}/replay"),
            "replay_webhook",
            "Sends one event, or all since a moment, to a webhook again, each under the identifier it had",
            replay,
        )
        .right(Action::Change, Kind::Webhook)
        .takes(JSON, schemas.subschema_for::<WantedReplay>())
        .gives(202, Some(schemas.subschema_for::<Replayed>())),
    ]);
    all
}

async fn list_secrets(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<WebhookSecrets>, Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Read).await?;
    let items = api.webhook_desk(caller.actor()).secrets(&webhook);
    Ok(Json(WebhookSecrets { items }))
}

async fn add_secret(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<(StatusCode, Json<MadeWebhookSecret>), Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Change).await?;
    let asked: AnotherWebhookSecret = brought.json().await?;
    let others_end = moment("others_end", asked.others_end.as_deref())?;
    let desk = api.webhook_desk(caller.actor());
    let made = desk.add_secret(&webhook, asked.signature, others_end).await;
    let made = made.map_err(|error| said(&api, &error))?;
    let shown = MadeWebhookSecret {
        id: made.id,
        secret: made.text.to_string(),
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

async fn end_secret(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<StatusCode, Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Change).await?;
    let asked: EndingWebhookSecret = brought.json().await?;
    let at = moment("at", asked.at.as_deref())?;
    let desk = api.webhook_desk(caller.actor());
    let ended = desk.end_secret(&webhook, &asked.id, at).await;
    ended.map_err(|error| said(&api, &error))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn deliveries(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Json<Page<DeliveryShown>>, Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Read).await?;
    let paging = Paging::of(&uri)?;
    let before = paging.place()?;
    let limit = u32::try_from(paging.limit).unwrap_or(u32::MAX);
    let desk = api.webhook_desk(caller.actor());
    let items = desk.deliveries(&webhook, before, limit).await;
    let items = items.map_err(|error| said(&api, &error))?;
    let last = items.last().filter(|_| items.len() == paging.limit);
    Ok(Json(Page {
        next: last.map(|last| URL_SAFE_NO_PAD.encode(last.sequence.to_string())),
        items,
    }))
}

async fn test(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Tried>), Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Change).await?;
    let sequence = api.webhook_desk(caller.actor()).test(&webhook).await;
    let sequence = sequence.map_err(|error| said(&api, &error))?;
    Ok((StatusCode::ACCEPTED, Json(Tried { sequence })))
}

async fn replay(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(id): Path<String>,
    brought: Brought,
) -> Result<(StatusCode, Json<Replayed>), Problem> {
    let webhook = find::<WebhookRecords>(&api, &caller, &id, Action::Change).await?;
    let asked: WantedReplay = brought.json().await?;
    let since: Option<Timestamp> = moment("since", asked.since.as_deref())?;
    let which = match (asked.sequence, since) {
        // No entry has a place that a signed number does not hold.
        (Some(sequence), None) if i64::try_from(sequence).is_ok() => Replay::One(sequence),
        (None, Some(since)) => Replay::Since(since),
        _ => {
            let reason = "either this or since, and one of them";
            return Err(Problem::member(&InvalidMember::new("sequence", reason)));
        }
    };
    let replayed = api
        .webhook_desk(caller.actor())
        .replay(&webhook, which)
        .await;
    let replayed = replayed.map_err(|error| said(&api, &error))?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { replayed })))
}
