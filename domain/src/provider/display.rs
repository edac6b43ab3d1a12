//! How a provider looks on the page of providers.

use serde::{Deserialize, Serialize};
use url::Url;

/// What the page shows of it beside its name and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Display {
    /// Whether it is on the page at all. One that is not cannot be reached by a hint either.
    pub displayed: bool,
    /// Its logo; the hub serves it from itself, people's browsers never fetch it there.
    pub logo_uri: Option<Url>,
    /// Whether it is marked as being tried out.
    pub beta: bool,
    /// How it shows while it cannot be used.
    pub unavailable: WhenUnavailable,
    /// What people read before they leave for it.
    pub warning: Option<Warning>,
}

impl Default for Display {
    fn default() -> Self {
        Self {
            displayed: true,
            logo_uri: None,
            beta: false,
            unavailable: WhenUnavailable::default(),
            warning: None,
        }
    }
}

/// How a provider shows while it cannot be used.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WhenUnavailable {
    /// Its name, greyed, with what is the matter.
    #[default]
    Greyed,
    /// Not at all.
    Hidden,
}

/// What people read before they leave for a provider, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
    /// Where more is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more_info_uri: Option<Url>,
}
