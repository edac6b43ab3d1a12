//! What a request to a provider asks beyond its scopes, and how it travels.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What requests to one provider look like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// The `claims` parameter (OIDC Core §5.5).
    pub claims: Option<Map<String, Value>>,
    /// `prompt` values that always go along (OIDC Core §3.1.2.1), such as `login`.
    pub prompt: Vec<String>,
    /// How answers come back.
    pub response_mode: ProviderResponseMode,
    /// Whether requests are pushed first (RFC 9126).
    pub pushed: bool,
    /// Whether access tokens are bound to a key of ours (RFC 9449).
    pub dpop: bool,
}

/// How an authorization answer comes back.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProviderResponseMode {
    /// In the query of a redirect: what the code flow does by itself.
    #[default]
    Query,
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
}
