//! A provider as it describes itself, or as its record does: where it answers and with which keys,
//! fetched together.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use guichet_domain::provider::Endpoints;
use guichet_domain::{KeySource, Provider, Timestamp};
use guichet_keys::{JwkSet, Sealer};
use http::header::ACCEPT;
use http::{Request, StatusCode};
use openidconnect::core::CoreClient;
use openidconnect::{
    AsyncHttpClient, AuthUrl, ClientId, ClientSecret, DiscoveryError, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, RedirectUrl,
};
use url::Url;

use super::addresses::{Addresses, Metadata};
use super::failure::ProviderFailure;
use super::transport::Transport;
use crate::claims_mapping::ClaimsMapping;

/// The crate's client, for authorization requests.
pub(super) type AskingClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
>;

/// A provider ready to be used: our record of it, and its own description of itself. Built once per
/// fetch, shared by every login until the next.
pub(crate) struct Upstream {
    /// Our record.
    pub(crate) record: Arc<Provider>,
    /// When its description was fetched.
    pub(super) fetched: Timestamp,
    pub(super) client: AskingClient,
    pub(super) addresses: Addresses,
    pub(super) keys: JwkSet,
    /// Where it sends people back.
    pub(super) redirect_uri: String,
    /// Our secret there, where we have one.
    pub(super) secret: Option<ClientSecret>,
    /// Its record's rules, compiled.
    pub(super) mapping: ClaimsMapping,
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
        let mapping = ClaimsMapping::compile(&record.claims_mapping).map_err(|error| {
            tracing::error!(provider = %record.id, %error, "a mapping of this provider cannot be used");
            ProviderFailure::Unusable
        })?;
        let (addresses, keys) = match &record.endpoints {
            Endpoints::Discovered => discover(&record, fetch.transport).await?,
            Endpoints::Static(stated) => {
                let keys = stated_keys(&stated.keys, fetch.transport).await?;
                (Addresses::from(&**stated), keys)
            }
        };
        Ok(Self {
            client: client(&record, &addresses, fetch)?,
            secret: secret(&record, fetch)?,
            redirect_uri: fetch.redirect_uri.clone(),
            fetched: fetch.now,
            record,
            addresses,
            keys,
            mapping,
        })
    }

    /// Checks `iss` of an authorization answer (RFC 9207 §2.4): required where the provider says it
    /// sends it, and right wherever it is there.
    pub(crate) fn check_issuer(&self, iss: Option<&str>) -> Result<(), ProviderFailure> {
        let fits = match iss {
            Some(iss) => iss == self.record.issuer,
            None => !self.addresses.states_issuer,
        };
        if fits {
            Ok(())
        } else {
            Err(ProviderFailure::WrongIssuer)
        }
    }

    /// Where its session is ended, if it says so.
    pub(crate) fn end_session(&self) -> Option<&Url> {
        self.addresses.end_session.as_ref()
    }
}

async fn discover(
    record: &Provider,
    transport: &Transport,
) -> Result<(Addresses, JwkSet), ProviderFailure> {
    let issuer = IssuerUrl::new(record.issuer.clone()).map_err(|_| ProviderFailure::Unusable)?;
    let listening = Listening {
        transport,
        last: Mutex::default(),
    };
    let metadata = Metadata::discover_async(issuer, &listening)
        .await
        .map_err(|error| of_discovery(&error))?;
    // The crate fetches the keys last, and keeps less of them than they say.
    let keys = listening
        .last
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let keys = JwkSet::parse(&keys).map_err(|_| ProviderFailure::Garbled)?;
    let by_certificate = record.authentication.is_by_certificate();
    Ok((Addresses::discovered(&metadata, by_certificate)?, keys))
}

/// A transport that keeps the last answer as it came.
struct Listening<'t> {
    transport: &'t Transport,
    last: Mutex<Vec<u8>>,
}

impl<'c> AsyncHttpClient<'c> for Listening<'_> {
    type Error = ProviderFailure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderFailure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.transport.call(request).await?;
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.clone_from(answer.body());
            drop(last);
            Ok(answer)
        })
    }
}

async fn stated_keys(source: &KeySource, transport: &Transport) -> Result<JwkSet, ProviderFailure> {
    let uri = match source {
        KeySource::Jwks(jwks) => {
            return JwkSet::from_value(jwks).map_err(|_| ProviderFailure::Unusable);
        }
        KeySource::JwksUri(uri) => uri,
    };
    let request = Request::get(uri.as_str())
        .header(ACCEPT, "application/jwk-set+json, application/json")
        .body(Vec::new())
        .map_err(|_| ProviderFailure::Unusable)?;
    let answer = transport.send(request).await?;
    match answer.status() {
        StatusCode::OK => JwkSet::parse(answer.body()).map_err(|_| ProviderFailure::Garbled),
        status if status.is_server_error() => Err(ProviderFailure::Unreachable),
        _ => Err(ProviderFailure::Garbled),
    }
}

fn client(
    record: &Provider,
    addresses: &Addresses,
    fetch: &Fetch<'_>,
) -> Result<AskingClient, ProviderFailure> {
    let unusable = |_| ProviderFailure::Unusable;
    let issuer = IssuerUrl::new(record.issuer.clone()).map_err(unusable)?;
    let redirect_uri = RedirectUrl::new(fetch.redirect_uri.clone()).map_err(unusable)?;
    let id = ClientId::new(record.client_id.clone());
    // Keys of the crate's kind are not needed: `keys` verifies.
    Ok(CoreClient::new(id, issuer, JsonWebKeySet::default())
        .set_auth_uri(AuthUrl::from_url(addresses.authorization.clone()))
        .set_redirect_uri(redirect_uri))
}

fn secret(record: &Provider, fetch: &Fetch<'_>) -> Result<Option<ClientSecret>, ProviderFailure> {
    if !record.authentication.takes_secret() {
        return Ok(None);
    }
    let sealed = record
        .client_secret
        .as_ref()
        .ok_or(ProviderFailure::Unusable)?;
    let opened = fetch.secrets.open(record.id.as_str().as_bytes(), sealed);
    let secret = opened.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let secret = secret.ok_or_else(|| {
        tracing::error!(provider = %record.id, "the secret at this provider does not open");
        ProviderFailure::Unusable
    })?;
    Ok(Some(ClientSecret::new(secret)))
}

fn of_discovery(error: &DiscoveryError<ProviderFailure>) -> ProviderFailure {
    match error {
        DiscoveryError::Request(failure) => *failure,
        DiscoveryError::Response(status, ..) if status.is_server_error() => {
            ProviderFailure::Unreachable
        }
        // The crate validates nothing else.
        DiscoveryError::Validation(_) => ProviderFailure::WrongIssuer,
        _ => ProviderFailure::Garbled,
    }
}
