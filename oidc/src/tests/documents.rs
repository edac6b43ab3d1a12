//! The public documents, as bytes on the wire.

use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::testing::World;

#[tokio::test]
async fn the_metadata_says_what_works() {
    let world = World::new().await;
    let document = world.get("/.well-known/openid-configuration").await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    assert_eq!(
        document.header("cache-control"),
        Some("public, max-age=3600")
    );
    assert_eq!(document.header("access-control-allow-origin"), Some("*"));
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(document.json());
    });
    let twin = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(twin.body, document.body);
}

#[tokio::test]
async fn every_advertised_endpoint_answers() {
    let world = World::new().await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    for (name, value) in document.as_object().unwrap() {
        if let Some(url) = value.as_str().filter(|url| url.starts_with("https://")) {
            let path = &url[crate::testing::ISSUER.len()..];
            let path = if path.is_empty() { "/jwks" } else { path };
            let answered = world.get(path).await;
            assert_ne!(answered.status, StatusCode::NOT_FOUND, "{name}");
        }
    }
}

#[tokio::test]
async fn the_jwk_set_is_public_and_follows_a_rotation() {
    let world = World::new().await;
    let before = world.get("/jwks").await;
    assert_eq!(before.header("access-control-allow-origin"), Some("*"));
    assert_eq!(before.header("cache-control"), Some("public, max-age=300"));
    for key in before.json()["keys"].as_array().unwrap() {
        assert_eq!(key.get("d"), None::<&Value>);
    }
    world
        .keys
        .ring()
        .rotate(guichet_domain::SigningAlg::Es256, crate::testing::NOON)
        .unwrap();
    assert_ne!(world.get("/jwks").await.body, before.body);
}

#[tokio::test]
async fn a_head_request_gets_the_headers_alone() {
    let world = World::new().await;
    let request = Request::head("/jwks")
        .body(axum::body::Body::empty())
        .unwrap();
    let answered = world.send(request).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert!(answered.body.is_empty());
    assert!(
        answered
            .header("content-length")
            .unwrap()
            .parse::<u64>()
            .unwrap()
            > 100
    );
}

#[tokio::test]
async fn an_issuer_with_a_path_is_found_both_ways() {
    let world = World::at("https://hub.example/api/v2").await;
    let inside = world.get("/.well-known/openid-configuration").await;
    assert_eq!(inside.json()["issuer"], "https://hub.example/api/v2");
    assert_eq!(
        inside.json()["token_endpoint"],
        "https://hub.example/api/v2/token"
    );
    let root = crate::well_known_routes(world.engine.clone(), world.house.clone());
    for path in [
        "/.well-known/oauth-authorization-server/api/v2",
        "/.well-known/openid-configuration/api/v2",
    ] {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = root.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}
