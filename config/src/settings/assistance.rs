//! Where somebody is helped who cannot or will not use a screen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where somebody is helped who cannot or will not use a screen: named at the foot of every page. What is left empty is not named.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Assistance {
    /// The telephone number, with what a call costs and when somebody answers.
    pub phone: String,
    /// Where there is a desk.
    pub desk: String,
    /// The address for letters.
    pub post: String,
}
