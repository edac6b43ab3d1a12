//! A client as it is declared: in a file, by the API, on the command line or by itself.
//!
//! `check.rs` is the way to a [`Client`](super::Client), with `authentication.rs`, `sector.rs` and
//! `fapi2.rs`; `write.rs` is the way back; `value.rs` reads single members.

mod authentication;
mod check;
mod evidence_rights;
mod fapi2;
mod sector;
mod value;
mod write;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::{ClientKind, Environment, Profile, SessionSharing};
use crate::AcrValue;
use crate::InvalidMember;
use crate::reason::Reason;
use crate::redirect_uri::RedirectUriError;

pub use evidence_rights::EvidenceRightMetadata;

/// What is declared of a client. Members are those of RFC 7591 §2, OIDC Registration §2, the logout
/// specifications, RFC 8705 §2.1.2 and §3.4, RFC 9101 §10.5, RFC 9126 §6, RFC 9396 §10, RFC 9449 §5.2, RFC 9701 §6,
/// JARM §3, CIBA §4, and a few of ours.
#[derive(Clone, Default, Deserialize, schemars::JsonSchema, Serialize)]
#[serde(default)]
pub struct ClientMetadata {
    /// Its identifier.
    pub client_id: String,
    /// Its secret, in clear: only ever on the way in.
    #[serde(skip_serializing)]
    pub client_secret: Option<String>,
    /// The name citizens see; the identifier when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Where answers may go; at least one where codes are used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<String>,
    /// Where a browser may go after signing out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// `client_secret_basic` (default; with `franceconnect` the next), `client_secret_post`, `client_secret_jwt`, `private_key_jwt`,
    /// `tls_client_auth`, `self_signed_tls_client_auth` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// The only algorithm of its assertions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// The name its certificate bears, as RFC 4514 writes it; for `tls_client_auth`, exactly one of five.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    /// A DNS name of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    /// A URI of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    /// An IP address of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    /// An e-mail address of its certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    /// Where it publishes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Scopes it may ask for, separated by spaces; every identity scope when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What it may bring to the token endpoint; `authorization_code` when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_types: Option<Vec<String>>,
    /// Only `code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_types: Option<Vec<String>>,
    /// `web` (default) or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    /// `ES256` (default), `RS256`, `PS256` or `EdDSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<String>,
    /// `RSA-OAEP-256`, `ECDH-ES` or `ECDH-ES+A256KW`; not encrypted when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_alg: Option<String>,
    /// `A256GCM` or `A128CBC-HS256` (default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encrypted_response_enc: Option<String>,
    /// Like that of ID tokens; JSON when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encrypted_response_enc: Option<String>,
    /// Like that of ID tokens, for authorization responses as JWT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encrypted_response_enc: Option<String>,
    /// Like that of ID tokens, for introspection answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_encrypted_response_alg: Option<String>,
    /// Like that of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_encrypted_response_enc: Option<String>,
    /// The only algorithm of its request objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Where its request objects may be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uris: Option<Vec<String>>,
    /// Whether its requests must come in a signed request object (default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_signed_request_object: Option<bool>,
    /// Whether its requests must be pushed first (default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pushed_authorization_requests: Option<bool>,
    /// Whether its tokens are bound to a DPoP key (default: when it brings one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens: Option<bool>,
    /// Whether its tokens are bound to its certificate (default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Levels asked for when a request names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_acr_values: Option<Vec<String>>,
    /// The age of a sign-in accepted when a request names none, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u64>,
    /// Taken note of: `auth_time` is always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_auth_time: Option<bool>,
    /// Where logout tokens go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Taken note of: `sid` is always there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_session_required: Option<bool>,
    /// What the browser is made to load at sign-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that address gets `iss` and `sid` (default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_session_required: Option<bool>,
    /// `poll` or `ping`, for clients of CIBA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_token_delivery_mode: Option<String>,
    /// Where a client of `ping` is told to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_client_notification_endpoint: Option<String>,
    /// The only algorithm of its signed CIBA requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_authentication_request_signing_alg: Option<String>,
    /// The types of authorization details it may ask for; all there are when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_details_types: Option<Vec<String>>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its privacy policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms of service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Whom to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<String>>,
    /// Where a login can be started from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// `pairwise` (default), or `public` where the operator allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<String>,
    /// The document that lists the redirect URIs of its sector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// The product it is an instance of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which release of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Ours: `standard` (default), `franceconnect` or `fapi2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Ours: whether PKCE is required (default: yes; with `franceconnect`, no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_pkce: Option<bool>,
    /// Ours: `public` (default) or `private` body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ClientKind>,
    /// Ours: the legal entity whose clients share pseudonyms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Ours: the lowest level it accepts, whatever a request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_acr_value: Option<AcrValue>,
    /// Ours: with whom it shares sign-ins, both ways: `all` (default), `own_sector` or `never`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso: Option<SessionSharing>,
    /// Ours: the providers that may serve it; all when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<Vec<String>>,
    /// Ours: the providers it may name in `idp_hint`; those of the hub's settings when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idp_hints: Option<Vec<String>>,
    /// Ours: whether a public body may have the page that informs left out, by `prompt=login`
    /// (`franceconnect` alone; default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may_skip_information: Option<bool>,
    /// Ours: resources for which it may exchange tokens, by their identifiers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_exchange_resources: Option<Vec<String>>,
    /// Ours: the evidence it may ask citizens for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence_rights: Option<Vec<EvidenceRightMetadata>>,
    /// Ours: where it is told of what ended (RFC 8935); without one it asks (RFC 8936).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_uri: Option<String>,
    /// Ours: whether it may leave messages in the account of the citizens it knows (default: no).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<bool>,
    /// Ours: `production` (default) or `sandbox`, for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Ours: the habilitation that grants it what it may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub habilitation: Option<String>,
    /// Ours: why an operator lets it in without a habilitation, 10 to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
    /// Ours: whether it may sign anyone in (default: yes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// Why metadata describes no client. Names the member at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientMetadataError {
    /// A member's value is not one that may stand there.
    #[error("{member}: {reason}")]
    Invalid {
        /// The member.
        member: &'static str,
        /// What is wrong and what may stand there.
        reason: Reason,
    },
    /// A redirect URI may not be registered.
    #[error("{member}: {uri}: {source}")]
    RedirectUri {
        /// The member.
        member: &'static str,
        /// The URI at fault.
        uri: String,
        /// Why.
        source: RedirectUriError,
    },
}

impl From<InvalidMember> for ClientMetadataError {
    fn from(InvalidMember { member, reason }: InvalidMember) -> Self {
        Self::Invalid { member, reason }
    }
}
