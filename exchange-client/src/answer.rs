//! What a data provider has to say to a request it accepted, and how that is written.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_domain::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Fields;

/// What a data provider found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The evidence. Fields that were not asked for stay behind.
    Evidence {
        /// Its values.
        fields: Fields,
        /// Until when they may be relied on.
        valid_until: Timestamp,
    },
    /// The citizen is to see the values on a page of ours, and comes back from there. While preparing
    /// ([`Phase::Prepare`](crate::Phase)) only: afterwards it is a fault, and nothing is released.
    OwnPage {
        /// The page.
        page: Url,
        /// What it shows.
        fields: Fields,
    },
    /// It takes a while.
    Later {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Nobody here is this citizen, or nothing is known of them.
    NoMatch,
    /// More than one is.
    SeveralMatches,
    /// Nobody is linked to this citizen yet: they sign in there once.
    NeedsLink {
        /// The page where they do.
        link: Option<Url>,
    },
}

/// An answer as it is written: the JSON body of whatever status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Written {
    /// The evidence: JWE of JWS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_uri: Option<Url>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) digests: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link_uri: Option<Url>,
    /// An OAuth error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_description: Option<String>,
}

/// Why there is no evidence in an answer that is no refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Ask again later.
    Later,
    /// Nobody, or nothing.
    NoMatch,
    /// More than one.
    SeveralMatches,
    /// The values are no longer those the citizen saw.
    Changed,
    /// The citizen signs in there first.
    NeedsLink,
}
