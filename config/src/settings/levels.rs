//! Assurance levels, and how far one sign-in goes.

use guichet_domain::{Acr, AcrValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Assurance levels.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Levels {
    /// Levels clients may ask for. `eidas1-corroborated` and its like are none of them unless they stand here: the same person by the word of two different providers, each at that level.
    pub offered: Vec<AcrValue>,
    /// Contexts that look suspicious.
    pub suspicious: Suspicious,
}

/// Contexts that look suspicious to what stands in front of the hub.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Suspicious {
    /// The header by which the proxies of `hub.trusted_proxies` say so, with any value but `0` or `false`; from everybody else it is dropped. None: nothing is ever suspicious.
    pub header: Option<String>,
    /// The lowest level that is enough then, under single sign-on too.
    pub floor: Acr,
}

/// How far one sign-in goes. Each client has a word of its own: `sso` in its metadata.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SingleSignOn {
    /// Whether a session answers several services. Otherwise each asks for a sign-in.
    pub enabled: bool,
    /// The highest level that a session lends. A service that asks for more has the citizen sign in each time; a session that reached more lends this, and `acr` says so.
    pub highest: Acr,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            offered: Acr::ALL.map(AcrValue::alone).to_vec(),
            suspicious: Suspicious::default(),
        }
    }
}

impl Default for Suspicious {
    fn default() -> Self {
        Self {
            header: None,
            floor: Acr::Eidas2,
        }
    }
}

impl Default for SingleSignOn {
    fn default() -> Self {
        Self {
            enabled: true,
            highest: Acr::Eidas2,
        }
    }
}
