//! How long things live.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Lifetime;

/// How long things live.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lifetimes {
    /// A login under way, most of it spent at the provider.
    pub login: Lifetime,
    /// A session without activity.
    pub session: Lifetime,
    /// A session at all.
    pub session_absolute: Lifetime,
    /// An authorization code; a minute at most for clients of FAPI 2.0.
    pub code: Lifetime,
    /// A pushed authorization request, until its browser comes; ten minutes at most.
    pub pushed_request: Lifetime,
    /// An access token.
    pub access_token: Lifetime,
    /// An ID token.
    pub id_token: Lifetime,
    /// What a citizen granted for the time after they leave (`offline_access`), used or not.
    pub refresh_token: Lifetime,
    /// A refresh token that nobody uses.
    pub refresh_token_idle: Lifetime,
    /// How long a refresh token that was used still yields the same successor: for two tabs at once, and for an answer that was lost.
    pub refresh_token_overlap: Lifetime,
    /// What a service may fetch of somebody again and again, and does not; and no less than twice the time that lies between two times.
    pub unused_grant: Lifetime,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            login: Lifetime::minutes(15),
            session: Lifetime::minutes(30),
            session_absolute: Lifetime::minutes(12 * 60),
            code: Lifetime::seconds(60),
            pushed_request: Lifetime::seconds(90),
            access_token: Lifetime::minutes(5),
            id_token: Lifetime::minutes(5),
            refresh_token: Lifetime::minutes(90 * 24 * 60),
            refresh_token_idle: Lifetime::minutes(30 * 24 * 60),
            refresh_token_overlap: Lifetime::minutes(1),
            unused_grant: Lifetime::minutes(180 * 24 * 60),
        }
    }
}
