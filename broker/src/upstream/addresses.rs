//! Where a provider answers, however that is known: from its discovery document (OIDC Discovery §3),
//! or from our record.

use guichet_domain::provider::StaticEndpoints;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use super::failure::ProviderFailure;

/// Where a provider answers.
pub(super) struct Addresses {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) userinfo: Option<Url>,
    pub(super) end_session: Option<Url>,
    pub(super) pushed_authorization_request: Option<Url>,
    /// Whether it takes nothing but pushed requests (RFC 9126 §5).
    pub(super) requires_pushed: bool,
    /// Whether it sends `iss` with every authorization answer (RFC 9207 §3).
    pub(super) states_issuer: bool,
    /// The algorithms of the proofs of possession it takes, where it says so (RFC 9449 §5.1).
    pub(super) proof_algs: Option<Vec<String>>,
}

/// Members of the metadata that the crate does not know.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Further {
    /// OIDC RP-Initiated Logout §2.1.
    end_session_endpoint: Option<Url>,
    /// RFC 9207 §3.
    authorization_response_iss_parameter_supported: Option<bool>,
    /// RFC 9126 §5.
    pushed_authorization_request_endpoint: Option<Url>,
    /// RFC 9126 §5.
    require_pushed_authorization_requests: Option<bool>,
    /// RFC 9449 §5.1.
    dpop_signing_alg_values_supported: Option<Vec<String>>,
    /// RFC 8705 §5.
    mtls_endpoint_aliases: Option<Aliases>,
}

/// Where those call who present a certificate.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Aliases {
    #[serde(rename = "token_endpoint")]
    token: Option<Url>,
    #[serde(rename = "userinfo_endpoint")]
    userinfo: Option<Url>,
    #[serde(rename = "pushed_authorization_request_endpoint")]
    pushed_authorization_request: Option<Url>,
}

impl AdditionalProviderMetadata for Further {}

/// The discovery document, as the crate reads it.
pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

impl Addresses {
    /// Those that a discovery document states; the aliases where a certificate is presented.
    pub(super) fn discovered(
        metadata: &Metadata,
        by_certificate: bool,
    ) -> Result<Self, ProviderFailure> {
        let further = metadata.additional_metadata().clone();
        let aliases = further
            .mtls_endpoint_aliases
            .filter(|_| by_certificate)
            .unwrap_or_default();
        let authorization = metadata.authorization_endpoint().url();
        if !is_of_the_web(authorization) {
            return Err(ProviderFailure::Garbled);
        }
        let token = metadata.token_endpoint().map(|url| url.url().clone());
        let userinfo = metadata.userinfo_endpoint().map(|url| url.url().clone());
        Ok(Self {
            authorization: authorization.clone(),
            token: aliases.token.or(token).ok_or(ProviderFailure::Unusable)?,
            userinfo: userinfo.map(|plain| aliases.userinfo.unwrap_or(plain)),
            end_session: further.end_session_endpoint.filter(is_of_the_web),
            pushed_authorization_request: aliases
                .pushed_authorization_request
                .or(further.pushed_authorization_request_endpoint),
            requires_pushed: further.require_pushed_authorization_requests == Some(true),
            states_issuer: further.authorization_response_iss_parameter_supported == Some(true),
            proof_algs: further.dpop_signing_alg_values_supported,
        })
    }
}

/// Whether a browser may be sent there: what runs script or opens a program is no address of a provider.
fn is_of_the_web(address: &Url) -> bool {
    matches!(address.scheme(), "https" | "http")
}

impl From<&StaticEndpoints> for Addresses {
    fn from(stated: &StaticEndpoints) -> Self {
        Self {
            authorization: stated.authorization.clone(),
            token: stated.token.clone(),
            userinfo: stated.userinfo.clone(),
            end_session: stated.end_session.clone(),
            pushed_authorization_request: stated.pushed_authorization_request.clone(),
            requires_pushed: false,
            states_issuer: stated.states_issuer,
            proof_algs: None,
        }
    }
}
