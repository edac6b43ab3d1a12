//! Kill switches: a provider, a service or the whole hub off at once, and on again, by whoever says why.
//!
//! What is off is a record of the registry, so that every node follows it within a second and a restart finds
//! it as it was. What each stops is written in `docs/administration.md`; the login itself asks in `oidc`
//! (`Engine::switched_off`) and `broker` (login/switched_off.rs).

use std::sync::Arc;

use guichet_domain::switch::{NoSwitch, SwitchTarget, SwitchedOff};
use guichet_domain::{AuditEvent, Clock, EventKind, InvalidMember, Timestamp};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::Registry;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Actor;

/// Where switches are thrown.
pub struct SwitchDesk {
    /// What they are of.
    pub registry: Arc<dyn Registry>,
    /// Each is an entry before anything is off, or on.
    pub ledger: Ledger,
    /// Who throws them.
    pub by: Actor,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What is to be switched off, as people and programs say it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchMetadata {
    /// `hub`, `client:ID` or `provider:ID`.
    pub target: String,
    /// Why: it stays on record, and only those who operate the hub read it.
    pub reason: String,
    /// What citizens read, in French.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_fr: Option<String>,
    /// The same in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_en: Option<String>,
    /// When it is to come back, as citizens are told: a date and time of RFC 3339. Nothing comes back by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Who switched it off; read only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Since when; read only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// What whoever throws a switch says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownSwitch {
    /// Whatever it is.
    Whatever,
    /// It is not off.
    On,
    /// It is off like this.
    Off(SwitchedOff),
}

/// Why a switch was not thrown.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    /// There is no such service or provider, or it is not off.
    #[error("there is nothing of this name to be switched")]
    Unknown,
    /// It is not as whoever throws it knows it.
    #[error("somebody else threw it meanwhile")]
    Overtaken,
    /// What was said cannot stand.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// The store or the audit log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl SwitchDesk {
    /// Everything that is off.
    pub async fn list(&self) -> Result<Vec<SwitchedOff>, Fault> {
        self.registry.switches().await
    }

    /// What is off by this name.
    pub async fn find(&self, target: &SwitchTarget) -> Result<Option<SwitchedOff>, Fault> {
        let mut all = self.registry.switches().await?.into_iter();
        Ok(all.find(|off| off.target == *target))
    }

    /// Switches something off, or says anew why it is: whatever it was where `known` says nothing, and what it is
    /// known as otherwise.
    pub async fn off(
        &self,
        metadata: &SwitchMetadata,
        known: KnownSwitch,
    ) -> Result<SwitchedOff, SwitchError> {
        let off = metadata.check(&self.by, self.clock.now())?;
        if !self.is_there(&off.target).await? {
            return Err(SwitchError::Unknown);
        }
        let event = self.event(EventKind::SwitchedOff, &off.target, &off.reason);
        let event = match off.until {
            Some(until) => event.detail("until", until),
            None => event,
        };
        self.ledger.append(event).await?;
        let now = self.clock.now();
        let is_off = match known {
            KnownSwitch::Whatever => self.registry.switch_off(&off, now).await.map(|()| true)?,
            KnownSwitch::On => self.registry.replace_switch(None, &off, now).await?,
            KnownSwitch::Off(known) => {
                let replaced = self.registry.replace_switch(Some(&known), &off, now);
                replaced.await?
            }
        };
        is_off.then_some(off).ok_or(SwitchError::Overtaken)
    }

    /// Switches something on again.
    pub async fn on(
        &self,
        target: &SwitchTarget,
        reason: &str,
        known: KnownSwitch,
    ) -> Result<(), SwitchError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > SwitchedOff::LONGEST {
            return Err(InvalidMember::new("reason", "say why: it stays on record").into());
        }
        if self.find(target).await?.is_none() {
            return Err(SwitchError::Unknown);
        }
        let event = self.event(EventKind::SwitchedOn, target, reason);
        self.ledger.append(event).await?;
        let is_on = match known {
            KnownSwitch::Whatever => self.registry.switch_on(target).await.map(|_| true)?,
            KnownSwitch::On => false,
            KnownSwitch::Off(known) => self.registry.switch_on_known(&known).await?,
        };
        is_on.then_some(()).ok_or(SwitchError::Overtaken)
    }

    async fn is_there(&self, target: &SwitchTarget) -> Result<bool, Fault> {
        Ok(match target {
            SwitchTarget::Hub => true,
            SwitchTarget::Client(id) => {
                let clients = self.registry.clients().await?;
                clients.iter().any(|client| client.id == *id)
            }
            SwitchTarget::Provider(id) => {
                let providers = self.registry.providers().await?;
                providers.iter().any(|provider| provider.id == *id)
            }
        })
    }

    fn event(&self, kind: EventKind, target: &SwitchTarget, reason: &str) -> AuditEvent {
        let event = AuditEvent::new(kind, self.clock.now())
            .detail("target", target)
            .detail("reason", reason)
            .detail("by", &self.by);
        match target {
            SwitchTarget::Hub => event,
            SwitchTarget::Client(id) => event.client(id),
            SwitchTarget::Provider(id) => event.provider(id),
        }
    }
}

impl SwitchMetadata {
    /// What it says, by `by` at `now`.
    pub fn check(&self, by: &Actor, now: Timestamp) -> Result<SwitchedOff, InvalidMember> {
        let target = self.target.trim().parse();
        let target = target.map_err(|error: NoSwitch| InvalidMember::new("target", error))?;
        let until = self.until.as_deref().map(str::trim);
        let until = match until.filter(|text| !text.is_empty()) {
            Some(text) => Some(text.parse().map_err(invalid_time)?),
            None => None,
        };
        let text = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        SwitchedOff {
            target,
            message_fr: text(&self.message_fr),
            message_en: text(&self.message_en),
            until,
            reason: self.reason.trim().to_owned(),
            by: by.to_string(),
            since: now,
        }
        .check()
    }
}

fn invalid_time(error: guichet_domain::time::NotADateTime) -> InvalidMember {
    InvalidMember::new("until", error)
}

impl From<&SwitchedOff> for SwitchMetadata {
    fn from(off: &SwitchedOff) -> Self {
        Self {
            target: off.target.to_string(),
            reason: off.reason.clone(),
            message_fr: off.message_fr.clone(),
            message_en: off.message_en.clone(),
            until: off.until.map(|until| until.to_string()),
            by: Some(off.by.clone()),
            since: Some(off.since.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn metadata() -> SwitchMetadata {
        SwitchMetadata {
            target: "client:cantine".to_owned(),
            reason: "its secret leaked".to_owned(),
            message_fr: Some("  ".to_owned()),
            until: Some("2030-01-01T08:00:00Z".to_owned()),
            ..SwitchMetadata::default()
        }
    }

    #[test]
    fn what_is_said_comes_back_as_it_was_said() {
        let off = metadata().check(&Actor::CommandLine, NOW).unwrap();
        assert_eq!(off.message_fr, None, "blank is nothing");
        let shown = SwitchMetadata::from(&off);
        assert_eq!(shown.until.as_deref(), Some("2030-01-01T08:00:00Z"));
        assert_eq!(shown.by.as_deref(), Some("command line"));
        assert!(shown.check(&Actor::CommandLine, NOW).unwrap() == off);
    }

    #[test]
    fn what_cannot_stand_is_named() {
        for (wrong, member) in [
            (
                SwitchMetadata {
                    target: "cantine".to_owned(),
                    ..metadata()
                },
                "target",
            ),
            (
                SwitchMetadata {
                    until: Some("tomorrow".to_owned()),
                    ..metadata()
                },
                "until",
            ),
            (
                SwitchMetadata {
                    reason: String::new(),
                    ..metadata()
                },
                "reason",
            ),
        ] {
            let refused = wrong.check(&Actor::CommandLine, NOW).unwrap_err();
            assert_eq!(refused.member, member);
        }
    }
}
