//! A provider as it is declared: in a file, by the API or on the command line.
//!
//! `check.rs` is the way to a [`Provider`](super::Provider), `write.rs` the way back.

mod check;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    AmrSource, CivilRegisterPolicy, ClientList, Maintenance, ProviderAuthentication,
    ProviderResponseMode, SandboxUse, UnmappedAcr, Warning, WhenUnavailable,
};
use crate::Acr;

/// What is declared of a provider. Members are those of OIDC Discovery §3, OIDC Registration §2,
/// RFC 8705, RFC 9126 and RFC 9449, seen from the client's side, and a few of ours.
#[derive(Clone, Default, Deserialize, schemars::JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderMetadata {
    /// Its short name: 1 to 64 lower-case letters, digits and inner hyphens.
    pub id: String,
    /// The name citizens see; the short name when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its issuer.
    pub issuer: String,
    /// Who runs it (default: whoever answers at the origin of `issuer`). Providers of one operator are
    /// one word where the word of two is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The hub's identifier there.
    pub client_id: String,
    /// The hub's secret there, in clear: only ever on the way in.
    #[serde(default, skip_serializing)]
    pub client_secret: Option<String>,

    /// Whether its endpoints and keys are found by OIDC Discovery (default: yes). When not, the next
    /// members state them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discovery: Option<bool>,
    /// Where people are sent to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// Where codes are redeemed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Where claims are asked for; only the ID token is read when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where it publishes its keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Its keys themselves, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Where its session is ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// Where requests are pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Whether it sends `iss` with every authorization answer (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_response_iss_parameter_supported: Option<bool>,

    /// How the hub authenticates there (default: `client_secret_basic`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<ProviderAuthentication>,
    /// What the hub signs its assertions and DPoP proofs with: `ES256` (default), `RS256`, `PS256` or
    /// `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,

    /// Scopes to ask for (default: `openid profile birth email`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The `claims` parameter of OIDC Core §5.5, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Map<String, Value>>,
    /// `prompt` values that always go along: `login`, `consent` or `select_account`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Vec<String>>,
    /// `query` (default) or `form_post`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<ProviderResponseMode>,
    /// Whether requests are pushed first (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Whether access tokens are bound to a key of the hub (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,

    /// The only algorithm of its ID tokens (default: any asymmetric one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// `RSA-OAEP-256`, `ECDH-ES` or `ECDH-ES+A256KW`; its ID tokens are not encrypted when there is
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// `A256GCM` or `A128CBC-HS256` (default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    /// The only algorithm of its userinfo answers; signed and plain ones are taken when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,

    /// The levels it may assert (default: `eidas1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<Acr>>,
    /// Its `acr` values and ours (default: ours, as far as `levels` go).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr_map: Option<BTreeMap<String, Acr>>,
    /// What an `acr` that is not in `acr_map` stands for: `lowest` (default) or `refuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmapped_acr: Option<UnmappedAcr>,
    /// `{"asserted": true}` (default) or `{"declared": ["pwd"]}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<AmrSource>,
    /// Whether the civil register is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub civil_register: Option<CivilRegisterPolicy>,
    /// Claims of ours, each as a CEL expression over its claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims_mapping: BTreeMap<String, String>,

    /// Whether it can be used (default: yes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Not before: a date and time of RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// No longer from then on: a date and time of RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closes: Option<String>,
    /// Not now, for the reason given in both languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<Maintenance>,
    /// The clients that may use it: `{"only": [...]}` or `{"except": [...]}` (default: all).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients: Option<ClientList>,
    /// Whether it serves clients of the sandbox: `no` (default), `also`, or `only` them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxUse>,
    /// Domains of e-mail addresses whose owners have an account there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_domains: Option<Vec<String>>,

    /// Its place on the page (default: 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<i64>,
    /// Whether it is on the page at all (default: yes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displayed: Option<bool>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Whether it is marked as being tried out (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beta: Option<bool>,
    /// How it shows while it cannot be used: `greyed` (default) or `hidden`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<WhenUnavailable>,
    /// What people read before they leave for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Warning>,
    /// What an active probe asks (default: its discovery document).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_uri: Option<String>,
    /// Whether logout tokens are taken from it (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout: Option<bool>,
}
