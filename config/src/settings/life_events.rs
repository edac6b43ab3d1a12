//! What happens in a life, and the services to go to then.

use guichet_domain::ClientId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that happens in a life: "I am moving". The account suggests its services to whoever it happens to.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifeEvent {
    /// What it is called in addresses: 1 to 40 lower-case letters, digits and hyphens.
    pub id: String,
    /// What happens, as a citizen says it, in French.
    pub fr: String,
    /// The same in English.
    pub en: String,
    /// The clients to go to, the most useful first. One that is not registered, or has no door, is not shown.
    #[schemars(with = "Vec<String>")]
    pub services: Vec<ClientId>,
}

impl LifeEvent {
    /// Whether it can be shown, and named.
    pub(super) fn is_good(&self) -> bool {
        let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let has_name = (1..=40).contains(&self.id.len()) && self.id.bytes().all(is_plain);
        has_name && !self.fr.trim().is_empty() && !self.en.trim().is_empty()
    }
}
