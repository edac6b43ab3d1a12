//! Certificates that a reverse proxy passes on in a header: believed of the proxies that settings trust,
//! refused from everybody else (threat N-61).

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_config::{CertificateHeader, Settings};
use guichet_domain::Clock;
use guichet_web::TrustedProxies;
use http::{HeaderMap, HeaderName, StatusCode};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Authorities;

/// The header, whom it is believed of, and who vouches for what it holds.
#[derive(Clone, Debug)]
pub(crate) struct ProxyCertificates {
    header: CertificateHeader,
    proxies: TrustedProxies,
    authorities: Arc<Authorities>,
}

/// A header that cannot be read, or came from somebody who may not send it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Refused;

impl ProxyCertificates {
    /// What `client_certificates.proxy_header` says; `None` when it says nothing.
    pub(crate) fn of(
        settings: &Settings,
        proxies: &TrustedProxies,
        clock: Arc<dyn Clock>,
    ) -> Result<Option<Self>> {
        let Some(header) = settings.client_certificates.proxy_header else {
            return Ok(None);
        };
        Ok(Some(Self {
            header,
            proxies: proxies.clone(),
            authorities: Arc::new(Authorities::read(settings, clock)?),
        }))
    }

    /// Puts the certificate of the client behind a proxy on every request of `router`.
    pub(crate) fn wrap(self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self, note_certificate))
    }

    /// The chain in the header, the client's own certificate first; empty when there is none.
    fn chain(&self, headers: &HeaderMap) -> Result<Vec<CertificateDer<'static>>, Refused> {
        let (own, chain) = self.header.names();
        let Some(value) = single(headers, &own)? else {
            return Ok(Vec::new());
        };
        match self.header {
            CertificateHeader::ClientCert => {
                let mut certificates = vec![byte_sequence(value)?];
                if let Some(value) = single(headers, &chain)? {
                    for item in value.split(',') {
                        certificates.push(byte_sequence(item)?);
                    }
                }
                Ok(certificates)
            }
            CertificateHeader::XSslClientCert => {
                let pem = percent_decoded(value).ok_or(Refused)?;
                let own = CertificateDer::from_pem_slice(&pem).map_err(|_| Refused)?;
                Ok(vec![own])
            }
        }
    }
}

async fn note_certificate(
    State(state): State<ProxyCertificates>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_proxy = peer.is_some_and(|peer| state.proxies.trusts(peer.0.ip()));
    let (own, chain) = state.header.names();
    let names_one = [own, chain]
        .iter()
        .any(|name| request.headers().contains_key(name));
    if names_one && !is_proxy {
        return refused();
    }
    if names_one {
        match state.chain(request.headers()) {
            Ok(chain) => {
                if let Some(presented) = state.authorities.judge(&chain) {
                    request.extensions_mut().insert(presented);
                }
            }
            Err(Refused) => return refused(),
        }
    }
    next.run(request).await
}

fn refused() -> Response {
    tracing::warn!("a header with a client certificate was refused");
    (
        StatusCode::BAD_REQUEST,
        "a client certificate may not be named here",
    )
        .into_response()
}

/// Extends the setting by what is read of it.
trait Names {
    /// The header with the client's own certificate, and the one with the chain behind it.
    fn names(self) -> (HeaderName, HeaderName);
}

impl Names for CertificateHeader {
    fn names(self) -> (HeaderName, HeaderName) {
        match self {
            Self::ClientCert => (
                HeaderName::from_static("client-cert"),
                HeaderName::from_static("client-cert-chain"),
            ),
            Self::XSslClientCert => (
                HeaderName::from_static("x-ssl-client-cert"),
                HeaderName::from_static("x-ssl-client-cert"),
            ),
        }
    }
}

/// The one value of a header; an empty one counts as none, as nginx has it.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refused> {
    let mut all = headers.get_all(name).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(Refused);
    }
    let value = value.to_str().map_err(|_| Refused)?.trim();
    if value.len() > LARGEST {
        return Err(Refused);
    }
    Ok(Some(value).filter(|value| !value.is_empty()))
}

/// The most characters of a header that are looked at.
const LARGEST: usize = 32 * 1024;

/// A byte sequence of structured fields (RFC 9651 §3.3.5): base64 between colons.
fn byte_sequence(item: &str) -> Result<CertificateDer<'static>, Refused> {
    let item = item.trim();
    let inner = item
        .strip_prefix(':')
        .and_then(|item| item.strip_suffix(':'));
    let der = STANDARD
        .decode(inner.ok_or(Refused)?)
        .map_err(|_| Refused)?;
    Ok(CertificateDer::from(der))
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::net::{IpAddr, Ipv4Addr};

    use axum::body::Body;
    use axum::routing::get;
    use guichet_domain::Timestamp;
    use guichet_oidc::PresentedCertificate;
    use http::HeaderValue;
    use proptest::prelude::*;
    use rustls::RootCertStore;
    use tower::ServiceExt as _;

    use super::*;

    /// An authority, and a certificate it issued to a client; both for a hundred years.
    const AUTHORITY: &[u8] = include_bytes!("fixtures/authority.pem");
    const CLIENT: &[u8] = include_bytes!("fixtures/client.pem");

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(1_800_000_000)
        }
    }

    fn der(pem: &[u8]) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem).unwrap()
    }

    fn escaped(pem: &[u8]) -> String {
        let mut text = String::new();
        for byte in pem {
            write!(text, "%{byte:02X}").unwrap();
        }
        text
    }

    fn reading(header: CertificateHeader) -> ProxyCertificates {
        let mut roots = RootCertStore::empty();
        roots.add(der(AUTHORITY)).unwrap();
        ProxyCertificates {
            header,
            proxies: TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]),
            authorities: Arc::new(Authorities::new(roots, Arc::new(Noon)).unwrap()),
        }
    }

    /// What the router sees of a request from `peer` with these headers: a status, and whether the
    /// certificate is there and trusted.
    async fn seen(
        header: CertificateHeader,
        peer: [u8; 4],
        headers: &[(&str, &str)],
    ) -> (StatusCode, String) {
        let certificates = reading(header);
        let tell = async |request: Request| {
            let presented = request.extensions().get::<PresentedCertificate>();
            match presented.map(|presented| (presented.is_trusted, &*presented.der)) {
                None => "none",
                Some((true, own)) if own == &*der(CLIENT) => "the client's, trusted",
                Some((true, _)) => "another, trusted",
                Some((false, _)) => "not trusted",
            }
        };
        let router = certificates.wrap(Router::new().route("/", get(tell)));
        let peer = SocketAddr::from((IpAddr::V4(Ipv4Addr::from_octets(peer)), 443));
        let mut request = Request::get("/").extension(ConnectInfo(peer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1024).await;
        (status, String::from_utf8(body.unwrap().to_vec()).unwrap())
    }

    const PROXY: [u8; 4] = [10, 0, 0, 1];
    const STRANGER: [u8; 4] = [203, 0, 113, 7];

    fn rfc9440(certificate: &[u8]) -> String {
        format!(":{}:", STANDARD.encode(certificate))
    }

    #[tokio::test]
    async fn both_forms_are_read_from_a_trusted_proxy() {
        let (own, authority) = (rfc9440(&der(CLIENT)), rfc9440(&der(AUTHORITY)));
        let told = "the client's, trusted".to_owned();
        let headers = [("client-cert", own.as_str())];
        let seen_so = seen(CertificateHeader::ClientCert, PROXY, &headers).await;
        assert_eq!(seen_so, (StatusCode::OK, told.clone()));
        let headers = [
            ("client-cert", own.as_str()),
            ("client-cert-chain", &authority),
        ];
        let seen_so = seen(CertificateHeader::ClientCert, PROXY, &headers).await;
        assert_eq!(seen_so, (StatusCode::OK, told.clone()));
        let escaped = escaped(CLIENT);
        let headers = [("x-ssl-client-cert", escaped.as_str())];
        let seen_so = seen(CertificateHeader::XSslClientCert, PROXY, &headers).await;
        assert_eq!(seen_so, (StatusCode::OK, told));
    }

    #[tokio::test]
    async fn without_the_header_there_is_no_certificate() {
        for headers in [&[][..], &[("client-cert", "")]] {
            let told = seen(CertificateHeader::ClientCert, PROXY, headers).await;
            assert_eq!(told, (StatusCode::OK, "none".to_owned()));
        }
        // The other form is nothing here, whoever sends it.
        let escaped = escaped(CLIENT);
        let headers = [("x-ssl-client-cert", escaped.as_str())];
        let told = seen(CertificateHeader::ClientCert, STRANGER, &headers).await;
        assert_eq!(told, (StatusCode::OK, "none".to_owned()));
    }

    #[tokio::test]
    async fn a_stranger_who_names_a_certificate_is_refused() {
        let own = rfc9440(&der(CLIENT));
        for name in ["client-cert", "client-cert-chain"] {
            let headers = [(name, own.as_str())];
            let (status, _) = seen(CertificateHeader::ClientCert, STRANGER, &headers).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{name}");
        }
    }

    #[tokio::test]
    async fn a_header_that_cannot_be_read_is_refused() {
        let own = rfc9440(&der(CLIENT));
        let bare = own.trim_matches(':');
        for headers in [
            &[("client-cert", bare)][..],
            &[("client-cert", ":!:")],
            &[("client-cert", own.as_str()), ("client-cert", own.as_str())],
            &[("client-cert", own.as_str()), ("client-cert-chain", "x")],
        ] {
            let (status, _) = seen(CertificateHeader::ClientCert, PROXY, headers).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{headers:?}");
        }
        for value in ["%", "%4", "%zz", "no certificate"] {
            let headers = [("x-ssl-client-cert", value)];
            let (status, _) = seen(CertificateHeader::XSslClientCert, PROXY, &headers).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{value}");
        }
    }

    #[tokio::test]
    async fn what_no_authority_vouches_for_is_not_trusted() {
        let own = rfc9440(b"not a certificate");
        let headers = [("client-cert", own.as_str())];
        let told = seen(CertificateHeader::ClientCert, PROXY, &headers).await;
        assert_eq!(told, (StatusCode::OK, "not trusted".to_owned()));
        // An authority is no client.
        let own = rfc9440(&der(AUTHORITY));
        let headers = [("client-cert", own.as_str())];
        let told = seen(CertificateHeader::ClientCert, PROXY, &headers).await;
        assert_eq!(told, (StatusCode::OK, "not trusted".to_owned()));
    }

    proptest! {
        /// The client's own certificate in either form, with some bytes replaced.
        #[test]
        fn any_header_is_read_as_what_it_says_or_refused(
            is_pem: bool,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let (header, name, text) = if is_pem {
                (CertificateHeader::XSslClientCert, "x-ssl-client-cert", escaped(CLIENT))
            } else {
                (CertificateHeader::ClientCert, "client-cert", rfc9440(&der(CLIENT)))
            };
            let mut value = text.into_bytes();
            for (index, byte) in changes {
                *index.get_mut(&mut value) = byte;
            }
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
            let certificates = reading(header);
            if let Ok(chain) = certificates.chain(&headers)
                && let Some(presented) = certificates.authorities.judge(&chain)
            {
                let is_own = *presented.der == *der(CLIENT);
                prop_assert_eq!(presented.is_trusted, is_own, "another certificate is trusted");
            }
        }
    }
}
