//! What sign-ins cost, for whoever counts them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What sign-ins cost: the console shows the cost of each once a price is known. Amounts are texts with at most four decimals: "0.05".
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Statistics {
    /// What all prices are in.
    pub currency: String,
    /// What the hub costs in a month, whatever happens.
    pub price_per_month: Option<String>,
    /// What each sign-in with a provider costs, by the provider's identifier.
    pub price_per_sign_in: BTreeMap<String, String>,
}

impl Default for Statistics {
    fn default() -> Self {
        Self {
            currency: "EUR".to_owned(),
            price_per_month: None,
            price_per_sign_in: BTreeMap::new(),
        }
    }
}
