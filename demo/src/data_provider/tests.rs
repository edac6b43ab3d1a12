//! A data provider from outside, without a hub: its pages, and what it does with strangers. What it does
//! with vouchers is the kit's, and tested there.

use axum::body::{Body, to_bytes};
use guichet_domain::IdentityClaims;
use guichet_exchange_client::CivilIdentity;
use http::Request;
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;
use crate::cast::{Addresses, CITIZENS, Member};
use crate::testing::surroundings;

async fn send(site: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = site.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn each_says_what_it_holds_in_both_languages() {
    for provider in DataProvider::ALL {
        let site = router(provider, &surroundings(Addresses::default())).unwrap();
        for language in ["fr", "en"] {
            let (_, page) = send(&site, get(&format!("/?ui_locales={language}"))).await;
            let held = provider.scopes();
            assert!(held.iter().all(|scope| page.contains(scope)), "{page}");
            assert!(!page.contains("demo-evidence"), "a text is missing: {page}");
        }
    }
}

#[tokio::test]
async fn each_publishes_a_key_that_signs_and_one_to_be_encrypted_to() {
    let site = router(DataProvider::Famille, &surroundings(Addresses::default())).unwrap();
    let (_, keys) = send(&site, get("/jwks")).await;
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    for (purpose, alg) in [("sig", "ES256"), ("enc", "ECDH-ES+A256KW")] {
        let found = |key: &&Value| key["use"] == purpose && key["alg"] == alg;
        assert!(keys.iter().any(|key| found(&key)), "{purpose}");
    }
    assert!(keys.iter().all(|key| key.get("d").is_none()));
}

#[tokio::test]
async fn whoever_brings_no_voucher_gets_nothing() {
    let site = router(DataProvider::Famille, &surroundings(Addresses::default())).unwrap();
    let request = Request::post("/evidence").body(Body::from("{}")).unwrap();
    let (status, body) = send(&site, request).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body, r#"{"error":"invalid_token"}"#);
}

#[tokio::test]
async fn whoever_comes_back_lost_from_the_hub_is_told_so_on_a_page() {
    let site = router(DataProvider::Famille, &surroundings(Addresses::default())).unwrap();
    let (status, page) = send(&site, get("/callback?state=x&code=y")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("invalid_state"), "{page}");
}

#[tokio::test]
async fn a_ticket_shows_what_would_leave_and_leads_back_to_the_hub_alone() {
    let surroundings = surroundings(Addresses::default());
    let site = Site::new(DataProvider::Vehicules, &surroundings).unwrap();
    let hub = surroundings.addresses.of(Member::Hub).to_owned();
    assert!(
        site.way_back(Some(&format!("{hub}/login/1/evidence")))
            .is_some()
    );
    for elsewhere in [
        "https://evil.example/",
        "http://localhost:8000@evil.example/",
        "http://evil@localhost:8000/",
        "javascript:alert(1)",
        "/login",
    ] {
        assert_eq!(site.way_back(Some(elsewhere)), None, "{elsewhere}");
    }
    let held = records::held(DataProvider::Vehicules, "camille").unwrap();
    let answer = preview::answer(&site, &asked(), held);
    let Answer::OwnPage { page, fields } = answer else {
        panic!("no page of its own");
    };
    assert_eq!(fields.len(), 1, "only what is asked for");
    let site = routes(site);
    for language in ["fr", "en"] {
        let path = format!("{}?ui_locales={language}&return_to={hub}/x", page.path());
        let (status, text) = send(&site, get(&path)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("GH-123-JK"), "{text}");
        assert!(!text.contains("Peugeot"));
        assert!(text.contains(&format!("{hub}/x")));
        let is_missing = ["demo-field", "demo-preview"].map(|text_id| text.contains(text_id));
        assert_eq!(is_missing, [false; 2], "a text is missing: {text}");
    }
    let (status, _) = send(&site, get("/preview/another")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_citizen_nobody_linked_is_asked_to_sign_in_once() {
    let surroundings = surroundings(Addresses::default());
    let site = Site::new(DataProvider::Famille, &surroundings).unwrap();
    let mut asked = asked();
    assert_eq!(
        find(&site, &asked).await,
        Answer::NeedsLink {
            link: site.at("/link")
        }
    );
    site.link("p1.camille", "camille");
    assert_eq!(
        find(&site, &asked).await,
        Answer::NoMatch,
        "another evidence"
    );
    asked.voucher.evidence_type = "quotient-familial".to_owned();
    assert!(matches!(find(&site, &asked).await, Answer::Evidence { .. }));
    let linh = CITIZENS.iter().find(|citizen| citizen.login == "linh");
    let mut told = asked.clone();
    told.voucher.sub = "p1.linh".to_owned();
    let claims = serde_json::to_value(linh.unwrap().claims()).unwrap();
    told.voucher.identity = serde_json::from_value(claims).unwrap();
    assert!(matches!(find(&site, &told).await, Answer::Evidence { .. }));
    told.voucher.identity = None;
    assert!(
        matches!(find(&site, &told).await, Answer::Evidence { .. }),
        "by name"
    );
    told.voucher.sub = "p1.nobody".to_owned();
    told.voucher.identity = Some(CivilIdentity(IdentityClaims::default()));
    assert_eq!(find(&site, &told).await, Answer::NoMatch);
    site.link("p1.camille", "ange");
    assert_eq!(find(&site, &asked).await, Answer::NoMatch, "no file");
}

/// A request for a plate, as the kit hands it over.
fn asked() -> AskedEvidence {
    let voucher = serde_json::json!({
        "iss": "http://localhost:8000", "aud": "vehicules", "sub": "p1.camille", "jti": "1",
        "iat": 1, "exp": 2, "acr": "eidas1",
        "client": { "id": "http://localhost:8000", "name": "Guichet" },
        "recipient": {}, "phase": "prepare", "exchange": "alias",
        "evidence_type": "certificat-immatriculation", "fields": ["immatriculation"],
        "purpose": "changement-titulaire", "basis": "explicit_request",
        "preview": { "state": "not_shown" }, "request_digest": "sha-256:x", "cnf": { "jkt": "x" },
    });
    AskedEvidence {
        voucher: serde_json::from_value(voucher).unwrap(),
        fields: vec!["immatriculation".to_owned()],
    }
}

#[tokio::test]
async fn a_visitor_has_it_answer_later_be_in_doubt_or_fail() {
    let surroundings = surroundings(Addresses::default());
    let site = Site::new(DataProvider::Famille, &surroundings).unwrap();
    let home = surroundings.addresses.at(Member::Famille, "/");
    let router = routes(site);
    let told = |mood: &str, origin: &str| {
        Request::post("/simulate")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", origin.trim_end_matches('/'))
            .body(Body::from(format!("mood={mood}")))
            .unwrap()
    };
    let evidence = || Request::post("/evidence").body(Body::from("{}")).unwrap();
    let (status, _) = send(&router, told("down", "https://evil.example")).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "another site");
    for (mood, expected) in [
        ("down", StatusCode::SERVICE_UNAVAILABLE),
        ("later", StatusCode::UNAUTHORIZED),
        ("working", StatusCode::UNAUTHORIZED),
    ] {
        let (status, _) = send(&router, told(mood, &home)).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert_eq!(send(&router, evidence()).await.0, expected, "{mood}");
    }
    assert_eq!(Mood::Several.answer(), Some(Answer::SeveralMatches));
    assert_eq!(Mood::Working.answer(), None);
}
