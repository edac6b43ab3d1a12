//! Webhooks: an address that is told what happens, of which kinds, within whose reach; what it knows the hub by.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::member::web_url_without_fragment;
use crate::reason::Rule;
use crate::staff::On;
use crate::{EventKind, InvalidMember, Sealed, Timestamp, WebhookId};

/// An address that is told what happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// Its identifier.
    pub id: WebhookId,
    /// What it is for.
    pub description: String,
    /// Where events are posted.
    pub url: Url,
    /// Which are; all of [`PUBLISHED`] where there is none.
    pub events: Vec<EventKind>,
    /// Of what: the hub, or an organisation, a team or a client.
    pub on: On,
    /// Whether it is told anything.
    pub active: bool,
    /// From which place of the ledger on.
    pub since: u64,
    /// What its events are signed with.
    pub secrets: Vec<WebhookSecret>,
    /// When it said that it is gone (410): it was disabled then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gone: Option<Timestamp>,
}

/// What events to one webhook are signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// Its name among the webhook's.
    pub id: String,
    /// How it signs.
    pub signature: WebhookSignature,
    /// The key, sealed.
    pub sealed: Sealed,
    /// What it is verified with, where that is for everybody: `whpk_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// Since when.
    pub created: Timestamp,
    /// Until when; for good when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How a message is signed (Standard Webhooks, "Signature scheme").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub enum WebhookSignature {
    /// HMAC-SHA256 under a secret that both sides know.
    #[default]
    #[serde(rename = "v1")]
    Hmac,
    /// Ed25519, which the receiver verifies with a public key.
    #[serde(rename = "v1a")]
    Ed25519,
}

/// How many secrets a webhook has at once.
pub const MOST_SECRETS: usize = 5;

/// The kinds of events that webhooks are told of: what happens to what is registered, and never a sign-in.
pub const PUBLISHED: &[EventKind] = &[
    EventKind::ClientRegistered,
    EventKind::ClientChanged,
    EventKind::ClientRemoved,
    EventKind::CredentialDue,
    EventKind::SwitchedOff,
    EventKind::SwitchedOn,
    EventKind::ProviderChanged,
    EventKind::ProviderDown,
    EventKind::ProviderUp,
    EventKind::DataProviderChanged,
    EventKind::KeyRotated,
    EventKind::KeyRevoked,
    EventKind::TeamChanged,
    EventKind::OnboardingBegun,
    EventKind::HabilitationSubmitted,
    EventKind::HabilitationSigned,
    EventKind::HabilitationValidated,
    EventKind::HabilitationReturned,
    EventKind::HabilitationRefused,
    EventKind::HabilitationSuspended,
    EventKind::HabilitationResumed,
    EventKind::HabilitationRevoked,
];

impl Webhook {
    /// Whether it is told of events of this kind. A test is for everybody.
    pub fn hears(&self, kind: EventKind) -> bool {
        match kind {
            EventKind::WebhookTested => true,
            kind if self.events.is_empty() => PUBLISHED.contains(&kind),
            kind => self.events.contains(&kind),
        }
    }

    /// The secrets that sign at `now`.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &WebhookSecret> {
        let secrets = self.secrets.iter();
        secrets.filter(move |secret| secret.until.is_none_or(|until| now < until))
    }
}

impl WebhookSecret {
    /// Ends it at `end`, if there is one. An end once said is never put off.
    pub fn end_by(&mut self, end: Option<Timestamp>) {
        if let Some(end) = end {
            self.until = Some(self.until.map_or(end, |until| until.min(end)));
        }
    }
}

/// A webhook as it is declared.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookMetadata {
    /// Its identifier: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub id: String,
    /// What it is for: 200 characters at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where events are posted: https, without user information or a fragment.
    pub url: String,
    /// Which kinds of events; every one where none stands here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// Of what: `hub` (default), `organisation:ID`, `team:ID` or `client:ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Whether it is told anything (default: yes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// When it answered 410 and was disabled; read only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<String>,
}

impl WebhookMetadata {
    /// Checks each member. It begins at the ledger's place `since`, with the secrets that `known` has.
    pub fn check(&self, known: Option<&Webhook>, since: u64) -> Result<Webhook, InvalidMember> {
        let id = self.id.parse();
        let id = id.map_err(|error| InvalidMember::new("id", error))?;
        let url = web_url_without_fragment("url", Some(&self.url))?;
        let url = url.ok_or_else(|| InvalidMember::new("url", Rule::AddressNeeded))?;
        if url.password().is_some() || url.as_str().len() > LONGEST_URL {
            return Err(InvalidMember::new("url", Rule::PlainAddress));
        }
        let description = self.description.as_deref().unwrap_or_default().trim();
        if description.chars().count() > 200 || description.chars().any(char::is_control) {
            return Err(InvalidMember::new("description", Rule::ShortLine));
        }
        let active = self.active.unwrap_or(true);
        let goes_on = known.filter(|known| known.active && active);
        Ok(Webhook {
            id,
            description: description.to_owned(),
            url,
            events: self.kinds()?,
            on: self.on()?,
            active,
            // What happened while it heard nothing is not told afterwards.
            since: goes_on.map_or(since, |known| known.since),
            secrets: known.map(|known| known.secrets.clone()).unwrap_or_default(),
            gone: known.and_then(|known| known.gone).filter(|_| !active),
        })
    }

    /// What it is told of; `hub` where it says nothing.
    pub fn on(&self) -> Result<On, InvalidMember> {
        let on = self.on.as_deref().unwrap_or("hub").trim().parse();
        on.map_err(|error| InvalidMember::new("on", error))
    }

    fn kinds(&self) -> Result<Vec<EventKind>, InvalidMember> {
        let kinds = self.events.iter().map(|word| {
            let mut published = PUBLISHED.iter().copied();
            let kind = published.find(|kind| kind.as_str() == word.trim());
            kind.ok_or_else(|| InvalidMember::new("events", Rule::UntoldKind))
        });
        let mut kinds: Vec<EventKind> = kinds.collect::<Result<_, _>>()?;
        kinds.sort_unstable_by_key(|kind| kind.as_str());
        kinds.dedup();
        Ok(kinds)
    }
}

const LONGEST_URL: usize = 1000;

impl From<&Webhook> for WebhookMetadata {
    fn from(webhook: &Webhook) -> Self {
        let events = webhook.events.iter();
        Self {
            id: webhook.id.to_string(),
            description: Some(webhook.description.clone()).filter(|text| !text.is_empty()),
            url: webhook.url.to_string(),
            events: events.map(|kind| kind.as_str().to_owned()).collect(),
            on: Some(webhook.on.to_string()),
            active: Some(webhook.active),
            gone: webhook.gone.map(|gone| gone.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> WebhookMetadata {
        WebhookMetadata {
            id: "city".to_owned(),
            url: "https://city.example/hooks".to_owned(),
            events: vec!["switch.off".to_owned(), "client.changed".to_owned()],
            on: Some("team:cantines".to_owned()),
            ..WebhookMetadata::default()
        }
    }

    #[test]
    fn a_webhook_survives_the_trip_through_its_declaration_and_through_json() {
        let webhook = metadata().check(None, 7).unwrap();
        let again = WebhookMetadata::from(&webhook)
            .check(Some(&webhook), 99)
            .unwrap();
        assert_eq!(again, webhook, "since stays while it is told");
        let text = serde_json::to_string(&webhook).unwrap();
        assert_eq!(serde_json::from_str::<Webhook>(&text).unwrap(), webhook);
    }

    #[test]
    fn whoever_was_out_of_use_begins_anew() {
        let mut off = metadata().check(None, 7).unwrap();
        off.active = false;
        off.gone = Some(Timestamp::from_seconds(1));
        let on = metadata().check(Some(&off), 99).unwrap();
        assert_eq!((on.since, on.gone), (99, None));
    }

    #[test]
    fn what_cannot_stand_is_named() {
        let wrong = |change: fn(&mut WebhookMetadata)| {
            let mut metadata = metadata();
            change(&mut metadata);
            metadata.check(None, 0).unwrap_err().member
        };
        assert_eq!(wrong(|it| it.id = "City".to_owned()), "id");
        for url in [
            "",
            "ftp://a.example/",
            "https://a:b@a.example/",
            "https://a.example/#x",
        ] {
            let metadata = WebhookMetadata {
                url: url.to_owned(),
                ..metadata()
            };
            assert_eq!(metadata.check(None, 0).unwrap_err().member, "url", "{url}");
        }
        assert_eq!(
            wrong(|it| it.events = vec!["userinfo.served".to_owned()]),
            "events"
        );
        assert_eq!(wrong(|it| it.on = Some("moon".to_owned())), "on");
        assert_eq!(
            wrong(|it| it.description = Some("a\nb".to_owned())),
            "description"
        );
    }

    #[test]
    fn a_webhook_hears_what_it_asked_for_and_never_a_sign_in() {
        let some = metadata().check(None, 0).unwrap();
        assert!(some.hears(EventKind::SwitchedOff) && some.hears(EventKind::WebhookTested));
        assert!(!some.hears(EventKind::SwitchedOn));
        let all = WebhookMetadata {
            events: Vec::new(),
            ..metadata()
        };
        let all = all.check(None, 0).unwrap();
        assert!(all.hears(EventKind::HabilitationValidated));
        for kind in [
            EventKind::IdentityVerified,
            EventKind::UserinfoServed,
            EventKind::StaffChanged,
        ] {
            assert!(!all.hears(kind), "{kind}");
        }
    }
}
