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
    let policy = EgressPolicy {
        // Plain http is let through to the resolver, which then refuses the address.
        allowed_networks: vec!["10.0.0.0/8".parse().unwrap()],
        ..EgressPolicy::default()
    };
    let outgoing = Outgoing::new(policy).unwrap();
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
    let outgoing = Outgoing::new(EgressPolicy::default()).unwrap();
    let resolver = PolicedResolver(Arc::clone(&outgoing.policy));
    let outcome = resolver.resolve("localhost".parse().unwrap()).await;
    let error = outcome.map(|_| ()).unwrap_err();
    assert_eq!(
        error.downcast_ref::<OutgoingError>(),
        Some(&OutgoingError::Refused)
    );
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
