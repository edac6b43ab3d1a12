//! The one client for outgoing requests: bounded in time and size, following no redirect, using no
//! proxy it was not told of, reaching no address the policy does not allow.
//!
//! The policy is applied twice: to the URL as written, which catches literal addresses, and to
//! every address a name resolves to, at the moment of connecting, which leaves no time to swap it.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Response};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use url::Url;

use crate::EgressPolicy;

/// The hardened client. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Outgoing {
    https: reqwest::Client,
    /// Apart, since it may connect to fewer addresses and a resolver does not see the scheme.
    plain: reqwest::Client,
    policy: Arc<EgressPolicy>,
}

/// Why an outgoing request brought nothing back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutgoingError {
    /// The settings of the client make no client: a certificate does not parse.
    #[error("the outgoing client cannot be set up: {0}")]
    Settings(String),
    /// The address is not one we may call.
    #[error("the egress policy refuses this address")]
    Refused,
    /// It took longer than allowed.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The name does not resolve, or there is no connection.
    #[error("unreachable")]
    Unreachable,
    /// The connection broke before the answer was whole.
    #[error("the connection broke")]
    Broken,
    /// The certificate is not one we trust, or TLS failed otherwise.
    #[error("the TLS connection failed")]
    Tls,
}

/// What the client presents itself with where it is asked to.
pub struct ClientCertificate {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl ClientCertificate {
    /// From PEM: the certificate, those that vouch for it after it, and its private key.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, OutgoingError> {
        let settings =
            |error: rustls::pki_types::pem::Error| OutgoingError::Settings(error.to_string());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(settings)?;
        if chain.is_empty() {
            return Err(OutgoingError::Settings("no certificate".to_owned()));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(settings)?;
        Ok(Self { chain, key })
    }
}

impl Outgoing {
    /// A client under `policy`. Needs no system certificates and no installed TLS provider.
    pub fn new(policy: EgressPolicy) -> Result<Self, OutgoingError> {
        let policy = Arc::new(policy);
        let tls = tls(&policy.extra_certificates)?.with_no_client_auth();
        Ok(Self {
            https: client(Scheme::Https, &policy, tls.clone())?,
            plain: client(Scheme::Plain, &policy, tls)?,
            policy,
        })
    }

    /// The same client presenting a certificate to whoever asks for one (RFC 8705): for those who know
    /// us by it, and for nobody else.
    pub fn with_certificate(&self, certificate: ClientCertificate) -> Result<Self, OutgoingError> {
        let tls = tls(&self.policy.extra_certificates)?
            .with_client_auth_cert(certificate.chain, certificate.key)
            .map_err(|error| OutgoingError::Settings(error.to_string()))?;
        Ok(Self {
            https: client(Scheme::Https, &self.policy, tls)?,
            // There is nothing to present to on a plain line.
            plain: self.plain.clone(),
            policy: Arc::clone(&self.policy),
        })
    }

    /// The policy the client is under.
    pub fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub async fn execute(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Bytes>, OutgoingError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|_| OutgoingError::Refused)?;
        if !self.policy.allows_url(&url) {
            return Err(OutgoingError::Refused);
        }
        let client = if url.scheme() == "https" {
            &self.https
        } else {
            &self.plain
        };
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        headers
            .entry(USER_AGENT)
            .or_insert(HeaderValue::from_static("Guichet"));
        let sending = client
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send();
        let answer = sending.await.map_err(|error| classify(&error))?;
        self.read(answer).await
    }

    /// `GET url`: the answer, whatever its status.
    pub async fn get(&self, url: &str) -> Result<Response<Bytes>, OutgoingError> {
        let request = Request::get(url).header(ACCEPT, "*/*").body(Vec::new());
        self.execute(request.map_err(|_| OutgoingError::Refused)?)
            .await
    }

    /// `GET url`: the body of a 200; any other status counts as unreachable.
    pub async fn get_bytes(&self, url: &str) -> Result<Bytes, OutgoingError> {
        let answer = self.get(url).await?;
        let found = answer.status() == http::StatusCode::OK;
        found
            .then(|| answer.into_body())
            .ok_or(OutgoingError::Unreachable)
    }

    /// `POST url` with a form and further headers: the answer, whatever its status.
    pub async fn post_form(
        &self,
        url: &str,
        fields: &[(&str, &str)],
        headers: HeaderMap,
    ) -> Result<Response<Bytes>, OutgoingError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(url).body(body.into_bytes());
        let mut request = request.map_err(|_| OutgoingError::Refused)?;
        *request.headers_mut() = headers;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, form);
        self.execute(request).await
    }

    async fn read(&self, mut answer: reqwest::Response) -> Result<Response<Bytes>, OutgoingError> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| classify(&error))? {
            if body.len() + chunk.len() > self.policy.largest_answer {
                return Err(OutgoingError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}

/// Providers close idle connections after a minute or so; we let go of them first.
const IDLE_CONNECTION: Duration = Duration::from_secs(50);
const IDLE_PER_HOST: usize = 32;

fn client(
    scheme: Scheme,
    policy: &Arc<EgressPolicy>,
    tls: ClientConfig,
) -> Result<reqwest::Client, OutgoingError> {
    #[expect(clippy::disallowed_methods, reason = "this is the hardened client")]
    let builder = reqwest::Client::builder();
    builder
        .tls_backend_preconfigured(tls)
        .dns_resolver(PolicedResolver {
            policy: Arc::clone(policy),
            scheme,
        })
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(policy.connect_timeout)
        .timeout(policy.total_timeout)
        .pool_idle_timeout(IDLE_CONNECTION)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .tcp_nodelay(true)
        .build()
        .map_err(|error| OutgoingError::Settings(error.to_string()))
}

/// The public roots, compiled in, and the deployer's own.
fn tls(extra: &[Vec<u8>]) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, OutgoingError> {
    let settings = |detail: String| OutgoingError::Settings(detail);
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    for bundle in extra {
        for certificate in CertificateDer::pem_slice_iter(bundle) {
            let certificate = certificate.map_err(|error| settings(error.to_string()))?;
            roots
                .add(certificate)
                .map_err(|error| settings(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| settings(error.to_string()))?;
    Ok(config.with_root_certificates(roots))
}

#[derive(Clone, Copy)]
enum Scheme {
    Https,
    Plain,
}

/// Resolves names by the system and hands on only the addresses the policy allows.
struct PolicedResolver {
    policy: Arc<EgressPolicy>,
    scheme: Scheme,
}

impl Resolve for PolicedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        let scheme = self.scheme;
        Box::pin(async move {
            let allowed = |address: &SocketAddr| match scheme {
                Scheme::Https => policy.allows_address(address.ip()),
                Scheme::Plain => policy.allows_plain_http(address.ip()),
            };
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.filter(allowed).collect();
            if found.is_empty() {
                return Err(OutgoingError::Refused.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What went wrong, found along the chain of causes.
fn classify(error: &reqwest::Error) -> OutgoingError {
    if error.is_timeout() {
        return OutgoingError::Timeout;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(known) = inner.downcast_ref::<OutgoingError>() {
            return known.clone();
        }
        if inner.downcast_ref::<rustls::Error>().is_some() || is_tls(inner) {
            return OutgoingError::Tls;
        }
        cause = inner.source();
    }
    if error.is_connect() {
        OutgoingError::Unreachable
    } else {
        OutgoingError::Broken
    }
}

/// A TLS failure travels inside an I/O error, which does not name it as its source.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    inner.is_some_and(|inner| inner.is::<rustls::Error>() || is_tls(inner))
}

#[cfg(test)]
mod tests;
