//! The tester against a data provider that does it right, and against two that do not.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, get, post};
use guichet_demo::cast::{Addresses, DataProvider, Member};
use guichet_demo::{Surroundings, data_provider};
use guichet_keys::SystemEntropy;
use http::StatusCode;
use serde_json::json;

use super::*;
use crate::clock::SystemClock;

const CITIZEN: &str = "p1.camille-at-famille";

async fn socket() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    (listener, base)
}

async fn report_on(site: Router, listener: TcpListener, base: &str, hub: TcpListener) -> Report {
    let serving = tokio::spawn(async move { axum::serve(listener, site).await });
    let test = DataProviderTest {
        endpoint: format!("{base}/evidence").parse().unwrap(),
        keys: format!("{base}/jwks").parse().unwrap(),
        id: "famille".to_owned(),
        subject: CITIZEN.to_owned(),
        evidence_type: "quotient-familial".to_owned(),
        fields: vec!["quotient".to_owned(), "enfants".to_owned()],
        listen: hub.local_addr().unwrap(),
        output: Output::Json,
    };
    let report = grade(test, hub).await;
    serving.abort();
    report.unwrap()
}

fn failed(report: &Report) -> Vec<&'static str> {
    let failed = report.grades.iter().filter(|grade| !grade.ok);
    failed.map(|grade| grade.case).collect()
}

/// The demo's "Famille", whose hub is at `hub`.
fn famille(base: &str, hub: &str) -> Router {
    let addresses = Addresses::default()
        .with(Member::Famille, base)
        .with(Member::Hub, hub);
    let surroundings = Surroundings {
        addresses: Arc::new(addresses),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        outgoing: Outgoing::new(EgressPolicy {
            allow_loopback: true,
            ..EgressPolicy::default()
        })
        .unwrap(),
        theme_dir: None,
    };
    let linked = [(CITIZEN, "camille")];
    data_provider::router_knowing(DataProvider::Famille, &surroundings, &linked).unwrap()
}

#[tokio::test]
async fn the_data_provider_of_the_demo_passes() {
    let (hub, issuer) = socket().await;
    let (listener, base) = socket().await;
    let report = report_on(famille(&base, &issuer), listener, &base, hub).await;
    assert!(report.ok, "{report:#?}");
    assert_eq!(report.grades.len(), CASES.len() + 2);
}

/// One with keys and no sense, which answers every request for evidence alike.
async fn report_on_one_that(answers: MethodRouter) -> Report {
    let (hub, _) = socket().await;
    let (listener, base) = socket().await;
    let keys = super::played_hub::fresh_keys().unwrap();
    let now = guichet_domain::Clock::now(&SystemClock);
    let alg = guichet_domain::KeyManagementAlg::EcdhEsA256Kw;
    keys.decryption_ring().ensure(alg, now).unwrap();
    let jwks = keys.client_jwks();
    let site = Router::new()
        .route("/jwks", get(move || async { jwks }))
        .route("/evidence", answers);
    report_on(site, listener, &base, hub).await
}

#[tokio::test]
async fn one_that_believes_everybody_passes_nothing() {
    let yes = || async { axum::Json(json!({ "evidence": "a.b.c.d.e" })).into_response() };
    let report = report_on_one_that(post(yes)).await;
    assert!(!report.ok);
    assert_eq!(failed(&report).len(), report.grades.len(), "{report:#?}");
}

#[tokio::test]
async fn one_that_refuses_everybody_passes_no_good_request() {
    let report = report_on_one_that(post(|| async { StatusCode::UNAUTHORIZED })).await;
    let failed = failed(&report);
    assert!(failed.contains(&"a good request"));
    assert!(
        failed.contains(&"a voucher used before"),
        "a refusal says how to do it right"
    );
}
