//! The client against a listener of our own.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Redirect;
use axum::routing::{get, post};

use super::*;

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{address}")
}

fn demo() -> EgressPolicy {
    EgressPolicy {
        allow_loopback: true,
        ..EgressPolicy::default()
    }
}

#[tokio::test]
async fn an_answer_comes_back_whole_whatever_its_status() {
    let base = serve(Router::new().route("/form", post(async |body: String| body))).await;
    let outgoing = Outgoing::new(demo()).unwrap();
    let url = format!("{base}/form");
    let answer = outgoing
        .post_form(&url, &[("a", "é&=")], HeaderMap::new())
        .await
        .unwrap();
    assert_eq!(answer.body(), "a=%C3%A9%26%3D");
    let missing = outgoing.get(&format!("{base}/nowhere")).await.unwrap();
    assert_eq!(missing.status(), http::StatusCode::NOT_FOUND);
    let refused = outgoing.get_bytes(&format!("{base}/nowhere")).await;
    assert_eq!(refused, Err(OutgoingError::Unreachable));
}

#[tokio::test]
async fn loopback_is_refused_by_address_and_by_name_and_never_contacted() {
    static CONTACTS: AtomicUsize = AtomicUsize::new(0);
    let count = async || {
        CONTACTS.fetch_add(1, Ordering::Relaxed);
    };
    let base = serve(Router::new().route("/", get(count))).await;
    let outgoing = Outgoing::new(EgressPolicy::default()).unwrap();
    assert_eq!(
        outgoing.get(&base).await.unwrap_err(),
        OutgoingError::Refused
    );
    let by_name = base.replace("127.0.0.1", "localhost");
    assert_eq!(
        outgoing.get(&by_name).await.unwrap_err(),
        OutgoingError::Refused
    );
    assert_eq!(CONTACTS.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_name_that_resolves_to_a_refused_address_is_refused_when_connecting() {
    // As an attacker's name would: the URL says nothing, the resolver does.
    for scheme in [Scheme::Https, Scheme::Plain] {
        let resolver = PolicedResolver {
            policy: Arc::new(EgressPolicy::default()),
            scheme,
        };
        let outcome = resolver.resolve("localhost".parse().unwrap()).await;
        let error = outcome.map(|_| ()).unwrap_err();
        assert_eq!(
            error.downcast_ref::<OutgoingError>(),
            Some(&OutgoingError::Refused)
        );
    }
    let resolver = PolicedResolver {
        policy: Arc::new(demo()),
        scheme: Scheme::Plain,
    };
    let mut found = resolver
        .resolve("localhost".parse().unwrap())
        .await
        .unwrap();
    assert!(found.all(|address| address.ip().is_loopback()));
}

#[tokio::test]
async fn a_deployers_certificate_authority_is_trusted_and_only_when_given() {
    let address = serve_tls(None);
    let url = format!("https://localhost:{}/", address.port());
    let ca = include_bytes!("fixtures/test_ca.pem").to_vec();
    let trusting = EgressPolicy {
        extra_certificates: vec![ca],
        ..demo()
    };
    let body = Outgoing::new(trusting)
        .unwrap()
        .get_bytes(&url)
        .await
        .unwrap();
    assert_eq!(body, "hello");
    let wary = Outgoing::new(demo()).unwrap().get_bytes(&url).await;
    assert_eq!(wary, Err(OutgoingError::Tls));
}

#[tokio::test]
async fn a_certificate_of_ours_is_presented_by_the_client_that_has_it_and_by_no_other() {
    let address = serve_tls(Some(include_bytes!("fixtures/client_ca.pem")));
    let url = format!("https://localhost:{}/", address.port());
    let policy = EgressPolicy {
        extra_certificates: vec![include_bytes!("fixtures/test_ca.pem").to_vec()],
        ..demo()
    };
    let plain = Outgoing::new(policy).unwrap();
    let certificate = ClientCertificate::from_pem(
        include_bytes!("fixtures/client.pem"),
        include_bytes!("fixtures/client.key"),
    );
    let known = plain.with_certificate(certificate.unwrap()).unwrap();
    assert_eq!(known.get_bytes(&url).await.unwrap(), "hello");
    assert!(plain.get_bytes(&url).await.is_err());
}

#[test]
fn a_certificate_without_its_key_is_none() {
    let (chain, key) = (
        include_bytes!("fixtures/client.pem"),
        include_bytes!("fixtures/client.key"),
    );
    assert!(ClientCertificate::from_pem(chain, chain).is_err());
    assert!(ClientCertificate::from_pem(key, key).is_err());
    let others = include_bytes!("fixtures/localhost.key");
    let mixed = ClientCertificate::from_pem(chain, others).unwrap();
    let plain = Outgoing::new(demo()).unwrap();
    assert!(plain.with_certificate(mixed).is_err());
}

/// Answers every TLS connection with `hello`, under a certificate for localhost made for this test; of
/// those alone, where an authority is given, who present a certificate of it.
fn serve_tls(authority: Option<&[u8]>) -> SocketAddr {
    use rustls::server::WebPkiClientVerifier;
    use std::io::{Read as _, Write as _};
    let chain = CertificateDer::from_pem_slice(include_bytes!("fixtures/localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("fixtures/localhost.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = authority.map_or_else(WebPkiClientVerifier::no_client_auth, |pem| {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(pem).unwrap())
            .unwrap();
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap()
    });
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![chain], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(session, connection.unwrap());
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
            // A client that distrusts us hangs up during the handshake.
            if stream.read(&mut [0; 1024]).is_ok() {
                let _ = stream.write_all(answer);
            }
        }
    });
    address
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let base =
        serve(Router::new().route("/", get(async || Redirect::to("http://10.0.0.1/")))).await;
    let answer = Outgoing::new(demo()).unwrap().get(&base).await.unwrap();
    assert_eq!(answer.status(), http::StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_a_silent_server_is_left() {
    let router = Router::new()
        .route("/large", get(async || vec![0_u8; 5000]))
        .route("/silent", get(async || std::future::pending::<()>().await));
    let base = serve(router).await;
    let policy = EgressPolicy {
        largest_answer: 4999,
        total_timeout: Duration::from_millis(200),
        ..demo()
    };
    let outgoing = Outgoing::new(policy).unwrap();
    let large = outgoing.get(&format!("{base}/large")).await;
    assert_eq!(large.unwrap_err(), OutgoingError::TooLarge);
    let silent = outgoing.get(&format!("{base}/silent")).await;
    assert_eq!(silent.unwrap_err(), OutgoingError::Timeout);
}

#[tokio::test]
async fn a_closed_port_is_unreachable_and_a_plain_server_is_no_tls_server() {
    let base = serve(Router::new()).await;
    let outgoing = Outgoing::new(demo()).unwrap();
    let tls = outgoing.get(&base.replace("http:", "https:")).await;
    assert_eq!(tls.unwrap_err(), OutgoingError::Tls);
    let closed = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let unreachable = outgoing.get(&format!("http://{address}")).await;
    assert_eq!(unreachable.unwrap_err(), OutgoingError::Unreachable);
}

#[tokio::test]
async fn connections_are_kept_and_used_again() {
    let who = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string();
    let base = serve(Router::new().route("/", get(who))).await;
    let outgoing = Outgoing::new(demo()).unwrap();
    let first = outgoing.get_bytes(&base).await.unwrap();
    assert_eq!(outgoing.clone().get_bytes(&base).await.unwrap(), first);
}

#[test]
fn a_certificate_that_does_not_parse_stops_the_start() {
    let bundle = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    let policy = EgressPolicy {
        extra_certificates: vec![bundle],
        ..EgressPolicy::default()
    };
    assert!(matches!(
        Outgoing::new(policy),
        Err(OutgoingError::Settings(_))
    ));
}
