//! The public documents, as bytes on the wire.

use guichet_domain::SigningAlg;
use guichet_keys::{JwkSet, JwsAlg, TypRule, VerifyPolicy, verify};
use http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::testing::{NOON, World};

#[tokio::test]
async fn the_metadata_says_what_works() {
    let world = World::new().await;
    let document = world.get("/.well-known/openid-configuration").await;
    assert_eq!(document.header("content-type"), Some("application/json"));
    assert_eq!(
        document.header("cache-control"),
        Some("public, max-age=300"),
        "its signature leaves caches as soon as a key that was revoked"
    );
    assert_eq!(document.header("access-control-allow-origin"), Some("*"));
    let mut members = document.json();
    // Another signature at each start: its own test reads it.
    members.as_object_mut().unwrap().remove("signed_metadata");
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(members);
    });
    let twin = world.get("/.well-known/oauth-authorization-server").await;
    assert_eq!(twin.body, document.body);
}

#[tokio::test]
async fn the_metadata_is_signed_by_a_published_key_and_signed_anew_when_the_keys_change() {
    let world = World::new().await;
    let metadata = async || {
        let document = world.get("/.well-known/openid-configuration").await;
        document.json()
    };
    let mut first = metadata().await;
    let members = first.as_object_mut().unwrap();
    let signed = members.remove("signed_metadata").unwrap();
    let keys = JwkSet::parse(world.get("/jwks").await.body.as_bytes()).unwrap();
    let policy = VerifyPolicy {
        algs: &[JwsAlg::Es256],
        typ: TypRule::JwtOrAbsent,
    };
    let mut said = verify(signed.as_str().unwrap(), &keys, policy)
        .unwrap()
        .claims;
    assert_eq!(said.remove("iss").unwrap(), first["issuer"]);
    assert!(said.remove("iat").unwrap().is_i64());
    assert_eq!(Value::Object(said), first, "the same, word for word");

    assert_eq!(metadata().await["signed_metadata"], signed, "signed once");
    let ring = world.keys.ring();
    ring.rotate(SigningAlg::Es256, NOON).unwrap();
    assert_ne!(metadata().await["signed_metadata"], signed);
    // It is no ID token: nobody is signed out by it.
    let hint = format!("/session/end?id_token_hint={}", signed.as_str().unwrap());
    assert!(world.get(&hint).await.is_page("invalid_request"));
}

#[tokio::test]
async fn who_holds_a_document_already_is_told_so() {
    let world = World::new().await;
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        let first = world.get(path).await;
        let etag = first.header("etag").unwrap().to_owned();
        for held in [etag.clone(), format!("\"x\", W/{etag}"), "*".to_owned()] {
            let asked = Request::get(path)
                .header("if-none-match", held)
                .body(axum::body::Body::empty())
                .unwrap();
            let again = world.send(asked).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), Some(&*etag));
            assert_eq!(again.header("cache-control"), first.header("cache-control"));
        }
        let asked = Request::get(path)
            .header("if-none-match", "\"another\"")
            .body(axum::body::Body::empty())
            .unwrap();
        assert_eq!(world.send(asked).await.status, StatusCode::OK);
        world.keys.ring().rotate(SigningAlg::Es256, NOON).unwrap();
        let changed = world.get(path).await;
        assert_ne!(changed.header("etag"), Some(&*etag), "{path}");
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
