//! What an entry of the ledger tells, and where it lies: from that follows who hears of it. A body holds
//! registered names, random identifiers and words fixed in the code; nobody who acted, no reason anybody wrote,
//! and no citizen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::staff::On;
use guichet_domain::webhook::{PUBLISHED, Webhook};
use guichet_domain::{AuditEvent, EventKind};
use guichet_keys::{Mac, first_half};
use guichet_store::durable::{Delivered, Delivery, DeliveryState, EntryRecord};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::people::{Grounds, Place};

/// An entry that webhooks are told of.
pub(super) struct Told {
    sequence: u64,
    event: AuditEvent,
}

/// What an entry says to webhooks; most say nothing.
pub(super) fn told(entry: &EntryRecord) -> Option<Told> {
    #[derive(Deserialize)]
    struct Kind {
        kind: EventKind,
    }
    // Most entries are of sign-ins: no more of them is read than the kind.
    let Kind { kind } = serde_json::from_slice(&entry.entry).ok()?;
    if kind != EventKind::WebhookTested && !PUBLISHED.contains(&kind) {
        return None;
    }
    Some(Told {
        sequence: entry.sequence,
        event: serde_json::from_slice(&entry.entry).ok()?,
    })
}

/// Whether a webhook is told anything: it is in use, a role on what it is on would be good for something, and a
/// client is still with one of those under whom it was made (threat N-313).
pub(super) fn is_told(webhook: &Webhook, grounds: &Grounds) -> bool {
    let now = grounds.teams_of(&webhook.on);
    let is_theirs = webhook.under.is_empty() || webhook.under.iter().any(|it| now.contains(it));
    webhook.active && is_theirs && grounds.is_open(&webhook.on)
}

impl Told {
    /// What `webhook` is told of it, if anything.
    pub(super) fn to(&self, webhook: &Webhook, grounds: &Grounds, names: &Mac) -> Option<Delivery> {
        let event = &self.event;
        let is_for = match event.kind {
            EventKind::WebhookTested => {
                event.details.get("webhook").map(String::as_str) == Some(webhook.id.as_str())
            }
            kind => webhook.hears(kind) && self.place(grounds).is_within(&webhook.on),
        };
        if !is_for || !is_told(webhook, grounds) || self.sequence < webhook.since {
            return None;
        }
        let about = [webhook.id.as_str().as_bytes(), &self.sequence.to_be_bytes()];
        Some(Delivery {
            letter: first_half(names.tag(&about)),
            webhook: webhook.id.clone(),
            sequence: self.sequence,
            event: event.kind.as_str().to_owned(),
            body: self.body(),
            occurred: event.at,
            delivered: Delivered {
                state: DeliveryState::Waiting,
                attempts: 0,
                status: None,
                error: String::new(),
                at: event.at,
            },
        })
    }

    /// Where it happened.
    fn place(&self, grounds: &Grounds) -> Place {
        let detail = |name: &str| self.event.details.get(name);
        if let Some(client) = &self.event.client {
            return grounds.client(client);
        }
        let team = detail("team").and_then(|id| id.parse().ok());
        let team = team.and_then(|id| grounds.place_of(&On::Team(id)));
        let organisation = detail("organisation").and_then(|id| id.parse().ok());
        match (team, organisation) {
            (Some(team), _) => team,
            (None, Some(id)) => Place::Organisation(id),
            (None, None) => match self.event.kind {
                // What every citizen sees.
                EventKind::SwitchedOff
                | EventKind::SwitchedOn
                | EventKind::ProviderDown
                | EventKind::ProviderUp
                | EventKind::KeyRotated
                | EventKind::KeyRevoked => Place::Everybody,
                _ => Place::Hub,
            },
        }
    }

    /// The message, as Standard Webhooks recommends it to look.
    fn body(&self) -> String {
        let event = &self.event;
        let mut data = Map::from_iter([("sequence".to_owned(), Value::from(self.sequence))]);
        if let Some(client) = &event.client {
            data.insert("client".to_owned(), client.as_str().into());
        }
        if let Some(provider) = &event.provider {
            data.insert("provider".to_owned(), provider.as_str().into());
        }
        let details = event.details.iter();
        let told = details.filter(|(name, _)| DETAILS.contains(&name.as_str()));
        data.extend(told.map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        json!({
            "type": event.kind.as_str(),
            "timestamp": event.at.to_string(),
            "data": data,
        })
        .to_string()
    }
}

/// The `webhook-id` of a letter.
pub(super) fn message_id(letter: &[u8; 16]) -> String {
    format!("msg_{}", URL_SAFE_NO_PAD.encode(letter))
}

/// The details that are told: each is a name or a word of the code. Who did it and why stay in the ledger.
const DETAILS: [&str; 15] = [
    "active",
    "alg",
    "change",
    "data_provider",
    "due",
    "due_at",
    "habilitation",
    "organisation",
    "ring",
    "state",
    "target",
    "team",
    "until",
    "version",
    "webhook",
];
