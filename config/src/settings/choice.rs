//! The choice of a provider: when one counts as not answering, and what everybody reads who chooses.

use guichet_domain::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lifetime;

/// When a provider counts as not answering.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderHealth {
    /// After how many failures in a row nobody is sent to it.
    pub failures: u32,
    /// How long, until one person tries for all.
    pub pause: Lifetime,
    /// How often each node asks it whether it is there.
    pub probe_every: Lifetime,
}

impl Default for ProviderHealth {
    fn default() -> Self {
        Self {
            failures: 5,
            pause: Lifetime::seconds(30),
            probe_every: Lifetime::seconds(30),
        }
    }
}

/// A message to everybody who chooses a provider.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
    /// Shown from then on (RFC 3339); at once when there is none.
    #[serde(default)]
    pub from: Option<String>,
    /// Shown until then (RFC 3339); until it is taken out when there is none.
    #[serde(default)]
    pub until: Option<String>,
}

impl Announcement {
    /// From when until when it is shown; `None` when that cannot be read, or is never.
    pub fn shown(&self) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
        let read = |text: &Option<String>| text.as_deref().map(str::parse).transpose().ok();
        let (from, until): (Option<Timestamp>, Option<Timestamp>) =
            (read(&self.from)?, read(&self.until)?);
        let is_a_while = from.zip(until).is_none_or(|(from, until)| from < until);
        is_a_while.then_some((from, until))
    }
}
