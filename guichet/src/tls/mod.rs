//! The hub's own TLS, and the certificates that clients present: over it, or through a proxy that ends
//! TLS in front of it (RFC 8705).

mod any_certificate;
mod authorities;
mod own_certificate;
mod proxy_header;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use guichet_config::Settings;
use guichet_domain::Clock;
use guichet_oidc::PresentedCertificate;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use url::Url;

use crate::cli::BadSetting;
use crate::node::foundation;
use any_certificate::AnyCertificate;
pub(crate) use authorities::Authorities;
pub(crate) use own_certificate::OwnCertificate;
pub(crate) use proxy_header::ProxyCertificates;

/// Ends TLS on the hub's own listener.
#[derive(Clone)]
pub(crate) struct Tls {
    listen: SocketAddr,
    acceptor: TlsAcceptor,
    certificate: Arc<OwnCertificate>,
    authorities: Arc<Authorities>,
}

impl Tls {
    /// What `[tls]` and `[client_certificates]` describe; `None` without a listener.
    pub(crate) fn of(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Option<Self>> {
        let Some(listen) = settings.tls.listen else {
            return Ok(None);
        };
        let certificates = Authorities::read(settings, clock)?;
        let certificate = Arc::new(OwnCertificate::read(settings)?);
        let config = server(settings, Arc::clone(&certificate))?;
        Ok(Some(Self {
            listen,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
            authorities: Arc::new(certificates),
        }))
    }

    /// Where it listens.
    pub(crate) fn listens_on(&self) -> SocketAddr {
        self.listen
    }

    /// What is looked at again while the node runs.
    pub(crate) fn certificate(&self) -> &Arc<OwnCertificate> {
        &self.certificate
    }

    /// The handshake, and the certificate that the client proved to be its own in it, if any.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> std::io::Result<(TlsStream<TcpStream>, Option<PresentedCertificate>)> {
        let stream = self.acceptor.accept(stream).await?;
        let (_, connection) = stream.get_ref();
        let presented = connection
            .peer_certificates()
            .and_then(|chain| self.authorities.judge(chain));
        Ok((stream, presented))
    }
}

/// How clients come with certificates, for the engine; `None` where they cannot.
pub(crate) fn certificates_of(settings: &Settings) -> Option<guichet_oidc::ClientCertificates> {
    let own = &settings.client_certificates;
    let is_asked_for = settings.tls.listen.is_some() && own.ask;
    (is_asked_for || own.proxy_header.is_some()).then(|| guichet_oidc::ClientCertificates {
        base: own
            .address
            .as_ref()
            .map(|address| without_slash(address).to_owned()),
        has_authority: !own.authorities.is_empty(),
    })
}

fn without_slash(address: &Url) -> &str {
    address.as_str().trim_end_matches('/')
}

/// TLS 1.2 and 1.3, HTTP/2 and 1.1.
fn server(settings: &Settings, own: Arc<OwnCertificate>) -> Result<ServerConfig> {
    let provider = provider();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = if settings.client_certificates.ask {
        builder.with_client_cert_verifier(Arc::new(AnyCertificate::new(&provider)))
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_cert_resolver(own);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn named<'a>(path: Option<&'a Path>, key: &str) -> Result<&'a Path, BadSetting> {
    path.ok_or_else(|| bad(key, &"tls.listen needs it"))
}

/// The certificates of a PEM file; at least one.
fn certificates(path: &Path, key: &str) -> Result<Vec<CertificateDer<'static>>, BadSetting> {
    let pem = foundation::read(path, key)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let all = all.map_err(|error| bad(key, &error))?;
    if all.is_empty() {
        return Err(bad(
            key,
            &format!("{}: no certificate is there", path.display()),
        ));
    }
    Ok(all)
}

fn bad(key: &str, problem: &dyn std::fmt::Display) -> BadSetting {
    BadSetting {
        key: key.to_owned(),
        problem: problem.to_string(),
    }
}
