//! A provider as it describes itself: metadata (OIDC Discovery §4) and keys, fetched together.

use std::sync::Arc;

use guichet_domain::provider::ProviderAuthentication;
use guichet_domain::{Provider, Timestamp};
use guichet_keys::{JwkSet, Sealer};
use guichet_web::OutgoingError;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClientId, ClientSecret, DiscoveryError, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, ProviderMetadata, RedirectUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::failure::ProviderFailure;
use super::transport::Transport;

/// Members of the metadata that the crate does not know.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Further {
    /// OIDC RP-Initiated Logout §2.1.
    #[serde(default)]
    end_session_endpoint: Option<Url>,
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for Further {}

type Metadata = ProviderMetadata<
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

/// The crate's client with the endpoints that a code flow needs.
pub(super) type ReadyClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointMaybeSet,
>;

/// A provider ready to be used: our record of it, and its own description of itself. Built once per
/// fetch, shared by every login until the next.
pub(crate) struct Upstream {
    /// Our record.
    pub(crate) record: Arc<Provider>,
    /// When its description was fetched.
    pub(super) fetched: Timestamp,
    pub(super) client: ReadyClient,
    pub(super) keys: JwkSet,
    pub(super) userinfo: Option<Url>,
    pub(super) states_issuer: bool,
    end_session: Option<Url>,
}

/// What a fetch is made with.
pub(super) struct Fetch<'a> {
    pub(super) transport: &'a Transport,
    pub(super) secrets: &'a Sealer,
    pub(super) redirect_uri: String,
    pub(super) now: Timestamp,
}

impl Upstream {
    /// Fetches what `record` stands for. The issuer it states must be the one we have on record
    /// (OIDC Discovery §4.3); the crate checks that.
    pub(super) async fn fetch(
        record: Arc<Provider>,
        fetch: &Fetch<'_>,
    ) -> Result<Self, ProviderFailure> {
        let issuer =
            IssuerUrl::new(record.issuer.clone()).map_err(|_| ProviderFailure::Unusable)?;
        let metadata = Metadata::discover_async(issuer, fetch.transport)
            .await
            .map_err(|error| of_discovery(&error))?;
        let keys = serde_json::to_value(metadata.jwks())
            .ok()
            .and_then(|set| JwkSet::from_value(&set).ok())
            .ok_or(ProviderFailure::Garbled)?;
        let further = metadata.additional_metadata().clone();
        let userinfo = metadata.userinfo_endpoint().map(|url| url.url().clone());
        let client = client(&record, metadata, fetch)?;
        Ok(Self {
            record,
            fetched: fetch.now,
            client,
            keys,
            userinfo,
            states_issuer: further.authorization_response_iss_parameter_supported == Some(true),
            end_session: further.end_session_endpoint,
        })
    }

    /// Checks `iss` of an authorization answer (RFC 9207 §2.4): required where the provider says it
    /// sends it, and right wherever it is there.
    pub(crate) fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderFailure> {
        let fits = match iss {
            Some(iss) => iss == self.record.issuer,
            None => !self.states_issuer,
        };
        if fits {
            Ok(())
        } else {
            Err(ProviderFailure::WrongIssuer)
        }
    }

    /// The keys it signs with.
    pub(crate) fn keys(&self) -> &JwkSet {
        &self.keys
    }

    /// Where its session is ended, if it says so.
    pub(crate) fn end_session(&self) -> Option<&Url> {
        self.end_session.as_ref()
    }
}

fn client(
    record: &Provider,
    metadata: Metadata,
    fetch: &Fetch<'_>,
) -> Result<ReadyClient, ProviderFailure> {
    let token_endpoint = metadata
        .token_endpoint()
        .cloned()
        .ok_or(ProviderFailure::Unusable)?;
    let redirect_uri =
        RedirectUrl::new(fetch.redirect_uri.clone()).map_err(|_| ProviderFailure::Unusable)?;
    let (secret, auth_type) = match record.authentication {
        ProviderAuthentication::ClientSecretBasic => {
            (Some(secret(record, fetch)?), AuthType::BasicAuth)
        }
        ProviderAuthentication::ClientSecretPost => {
            (Some(secret(record, fetch)?), AuthType::RequestBody)
        }
        ProviderAuthentication::PrivateKeyJwt
        | ProviderAuthentication::TlsClientAuth
        | ProviderAuthentication::SelfSignedTlsClientAuth => (None, AuthType::RequestBody),
    };
    let id = ClientId::new(record.client_id.clone());
    Ok(CoreClient::from_provider_metadata(metadata, id, secret)
        .set_token_uri(token_endpoint)
        .set_redirect_uri(redirect_uri)
        .set_auth_type(auth_type))
}

fn secret(record: &Provider, fetch: &Fetch<'_>) -> Result<ClientSecret, ProviderFailure> {
    let sealed = record
        .client_secret
        .as_ref()
        .ok_or(ProviderFailure::Unusable)?;
    let opened = fetch.secrets.open(record.id.as_str().as_bytes(), sealed);
    let secret = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    secret.map(ClientSecret::new).ok_or_else(|| {
        tracing::error!(provider = %record.id, "the secret at this provider does not open");
        ProviderFailure::Unusable
    })
}

fn of_discovery(error: &DiscoveryError<OutgoingError>) -> ProviderFailure {
    match error {
        DiscoveryError::Request(error) => error.into(),
        DiscoveryError::Response(status, ..) if status.is_server_error() => {
            ProviderFailure::Unreachable
        }
        _ => ProviderFailure::Garbled,
    }
}
