//! Settings of clients that register themselves.

use std::num::NonZeroU32;

use guichet_domain::{Acr, ClientKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Clients that register themselves (OIDC Registration, RFC 7591, RFC 7592). Off by default.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question an operator answers by itself"
)]
pub struct Registration {
    /// Whether there is a registration endpoint at all.
    pub enabled: bool,
    /// Whether clients need no initial access token (`guichet client token add`).
    pub open: bool,
    /// Scopes they may have; those who name none get them all.
    pub scopes: Vec<String>,
    /// Grant types they may use.
    pub grant_types: Vec<String>,
    /// How they may authenticate.
    pub token_endpoint_auth_methods: Vec<String>,
    /// Hosts they may be on, such as `service.example` or `*.gouv.example`; any when there is none.
    pub hosts: Vec<String>,
    /// The highest level they may make their default.
    pub highest_acr: Acr,
    /// Whether they must use PKCE.
    pub require_pkce: bool,
    /// `private` asks citizens for consent, `public` informs them.
    pub kind: ClientKind,
    /// Registrations and changes a node takes in a minute.
    pub per_minute: NonZeroU32,
    /// How many clients may have registered themselves.
    pub most_clients: u32,
    /// Whether a software statement (RFC 7591 §2.3) is needed.
    pub require_software_statement: bool,
    /// Who may issue software statements. What they say wins over what the client says.
    pub software_statement_issuers: Vec<SoftwareStatementIssuer>,
}

/// An issuer of software statements.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SoftwareStatementIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// Where it publishes its keys.
    pub jwks_uri: Url,
}

impl Default for Registration {
    fn default() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            enabled: false,
            open: false,
            scopes: texts(&["openid", "given_name", "family_name", "email"]),
            grant_types: texts(&["authorization_code", "refresh_token"]),
            token_endpoint_auth_methods: texts(&[
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
                "none",
            ]),
            hosts: Vec::new(),
            highest_acr: Acr::Eidas1,
            require_pkce: true,
            kind: ClientKind::Private,
            per_minute: TWENTY,
            most_clients: 1000,
            require_software_statement: false,
            software_statement_issuers: Vec::new(),
        }
    }
}

const TWENTY: NonZeroU32 = NonZeroU32::new(20).unwrap();
