//! When a provider can be used: from its opening to its end of life, but for maintenance.

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::Timestamp;

/// When a provider is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Opening {
    /// Not before.
    pub opens: Option<Timestamp>,
    /// No longer from then on.
    pub closes: Option<Timestamp>,
    /// Not now, for this reason.
    pub maintenance: Option<Maintenance>,
}

/// Why a provider cannot be used for now, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// Whether a provider can be used, by its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Open,
    /// From then on.
    NotYet(Timestamp),
    /// Until then it could.
    Closed(Timestamp),
    /// Its record has a message that says why not.
    Maintenance,
    /// It was disabled.
    Inactive,
}

impl Provider {
    /// Whether it can be used at `now`, by its record: whether it answers is another matter.
    pub fn is_open(&self, now: Timestamp) -> Availability {
        let Opening {
            opens,
            closes,
            maintenance,
        } = &self.opening;
        match (opens, closes) {
            _ if !self.active => Availability::Inactive,
            (_, Some(closes)) if *closes <= now => Availability::Closed(*closes),
            (Some(opens), _) if *opens > now => Availability::NotYet(*opens),
            _ if maintenance.is_some() => Availability::Maintenance,
            _ => Availability::Open,
        }
    }
}
