//! Sign-ins asked for in one place and answered in another: devices, and services that name a citizen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lifetime;

/// Devices without a browser (RFC 8628): they show a code that the citizen types in their account.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Devices {
    /// Whether they are served. Each client needs the grant type as well.
    pub enabled: bool,
    /// How long a code waits for the citizen.
    pub lifetime: Lifetime,
    /// How long a device waits between two questions at least.
    pub interval: Lifetime,
}

/// Services that name a citizen (OpenID CIBA): the citizen answers in their account.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Ciba {
    /// Whether they are served. Each client needs the grant type and a delivery mode as well.
    pub enabled: bool,
    /// How long a request waits for the citizen when the service does not say.
    pub lifetime: Lifetime,
    /// The most a service may ask for.
    pub longest: Lifetime,
    /// How long a service waits between two questions at least.
    pub interval: Lifetime,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            enabled: true,
            lifetime: Lifetime::minutes(10),
            interval: Lifetime::seconds(5),
        }
    }
}

impl Default for Ciba {
    fn default() -> Self {
        Self {
            enabled: true,
            lifetime: Lifetime::minutes(5),
            longest: Lifetime::minutes(30),
            interval: Lifetime::seconds(5),
        }
    }
}
