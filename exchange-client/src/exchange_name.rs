//! What a party knows an exchange by: the two sides have different names for one.

use serde::{Deserialize, Serialize};

/// The name of an exchange, as it stands in events and statements.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeName {
    /// The data provider's: the `exchange` of its voucher.
    Exchange(String),
    /// The service's: the `grant_id` of its token answer.
    GrantId(String),
}

impl ExchangeName {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Exchange(name) | Self::GrantId(name) => name,
        }
    }

    /// The member it stands in, and the name.
    pub(crate) fn member(&self) -> (&'static str, &str) {
        let member = match self {
            Self::Exchange(_) => "exchange",
            Self::GrantId(_) => "grant_id",
        };
        (member, self.as_str())
    }
}
