//! Kill switches: what is off until somebody switches it on again, and what citizens are told meanwhile.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::reason::Rule;
use crate::{ClientId, InvalidMember, ProviderId, Timestamp};

/// What can be switched off. As text: `hub`, `client:ID`, `provider:ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SwitchTarget {
    /// Sign-ins at all, but for those who operate the hub.
    Hub,
    /// One service.
    Client(ClientId),
    /// One identity provider.
    Provider(ProviderId),
}

/// Something is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// What.
    pub target: SwitchTarget,
    /// What citizens read, in French; a sentence of the hub's own where there is none.
    #[serde(default)]
    pub message_fr: Option<String>,
    /// The same in English.
    #[serde(default)]
    pub message_en: Option<String>,
    /// When it is to come back, as citizens are told: nothing comes back by itself.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// Why, for those who operate the hub.
    pub reason: String,
    /// Who switched it off.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
}

impl SwitchedOff {
    /// The most characters of a message, and of a reason.
    pub const LONGEST: usize = 500;

    /// Whether what people wrote may stand there.
    pub fn check(self) -> Result<Self, InvalidMember> {
        let texts = [
            ("message_fr", self.message_fr.as_deref()),
            ("message_en", self.message_en.as_deref()),
            ("reason", Some(self.reason.as_str())),
        ];
        for (member, text) in texts {
            let text = text.unwrap_or_default();
            if text.chars().count() > Self::LONGEST {
                let reason = Rule::AtMostCharacters.of(Self::LONGEST);
                return Err(InvalidMember::new(member, reason));
            }
            if text
                .chars()
                .any(|it| it.is_control() && it != '\n' && it != '\r')
            {
                return Err(InvalidMember::new(member, Rule::ControlCharacters));
            }
        }
        if self.reason.trim().is_empty() {
            return Err(InvalidMember::new("reason", Rule::SayWhy));
        }
        if self.until.is_some_and(|until| until <= self.since) {
            return Err(InvalidMember::new("until", Rule::TimeToCome));
        }
        Ok(self)
    }

    /// What is said in the language `tag`, if anything was written in it.
    pub fn message(&self, tag: &str) -> Option<&str> {
        let message = if tag.starts_with("fr") {
            &self.message_fr
        } else {
            &self.message_en
        };
        message.as_deref().filter(|text| !text.trim().is_empty())
    }
}

/// The text names nothing that can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hub, client:ID or provider:ID is needed")]
pub struct NoSwitch;

impl fmt::Display for SwitchTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hub => f.write_str("hub"),
            Self::Client(id) => write!(f, "client:{id}"),
            Self::Provider(id) => write!(f, "provider:{id}"),
        }
    }
}

impl FromStr for SwitchTarget {
    type Err = NoSwitch;

    fn from_str(text: &str) -> Result<Self, NoSwitch> {
        match text.split_once(':') {
            None if text == "hub" => Ok(Self::Hub),
            Some(("client", id)) => id.parse().map(Self::Client).map_err(|_| NoSwitch),
            Some(("provider", id)) => id.parse().map(Self::Provider).map_err(|_| NoSwitch),
            _ => Err(NoSwitch),
        }
    }
}

impl TryFrom<String> for SwitchTarget {
    type Error = NoSwitch;

    fn try_from(text: String) -> Result<Self, NoSwitch> {
        text.parse()
    }
}

impl From<SwitchTarget> for String {
    fn from(target: SwitchTarget) -> Self {
        target.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn off() -> SwitchedOff {
        SwitchedOff {
            target: SwitchTarget::Hub,
            message_fr: Some("Maintenance.".to_owned()),
            message_en: None,
            until: None,
            reason: "a leak".to_owned(),
            by: "command line".to_owned(),
            since: Timestamp::from_seconds(1_795_000_000),
        }
    }

    #[test]
    fn a_target_survives_the_trip_through_text() {
        for text in ["hub", "client:cantine", "provider:postale"] {
            let target: SwitchTarget = text.parse().unwrap();
            assert_eq!(target.to_string(), text);
        }
        for text in [
            "",
            "hub:",
            "client:",
            "everything",
            "client:a b",
            "person:x",
        ] {
            assert_eq!(text.parse::<SwitchTarget>(), Err(NoSwitch), "{text}");
        }
    }

    #[test]
    fn whoever_switches_off_says_why() {
        let silent = SwitchedOff {
            reason: "  ".to_owned(),
            ..off()
        };
        assert_eq!(silent.check().unwrap_err().member, "reason");
    }

    #[test]
    fn what_is_to_come_back_comes_back_later() {
        let past = SwitchedOff {
            until: Some(off().since),
            ..off()
        };
        assert_eq!(past.check().unwrap_err().member, "until");
        assert!(off().check().is_ok());
    }

    #[test]
    fn a_message_is_said_in_its_own_language_alone() {
        assert_eq!(off().message("fr"), Some("Maintenance."));
        assert_eq!(off().message("en"), None);
    }
}
