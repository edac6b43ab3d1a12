//! `/userinfo`: claims for a live access token, and for nothing else.

use std::time::Duration;

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{Form, ISSUER, NOON, World};
use guichet_keys::{JwsAlg, Typ};

async fn token_for(world: &World, client: &str) -> String {
    world.tokens_for(client).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_claims_that_were_granted_are_served_plain() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    let answered = world.userinfo(&token).await;
    assert_eq!(answered.status, StatusCode::OK);
    assert_eq!(answered.header("content-type"), Some("application/json"));
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("userinfo", answered.json());
    });
}

#[tokio::test]
async fn the_claims_are_signed_for_a_client_that_registered_so() {
    let world = World::new().await;
    let token = token_for(&world, "signed").await;
    let answered = world.userinfo(&token).await;
    assert_eq!(answered.header("content-type"), Some("application/jwt"));
    let verified = world
        .keys
        .ring()
        .verify_own(&answered.body, Typ::Jwt, None)
        .unwrap();
    assert_eq!(verified.alg, JwsAlg::EdDsa);
    assert_eq!(verified.claims["iss"], ISSUER);
    assert_eq!(verified.claims["aud"], "signed");
    assert_eq!(verified.claims["iat"], NOON.seconds());
    assert_eq!(verified.claims["given_name"], "Angela");
}

#[tokio::test]
async fn the_token_may_come_in_a_posted_form_or_in_a_header() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    let in_form = Form::empty().with("access_token", &token);
    assert_eq!(
        world.post("/userinfo", &in_form).await.status,
        StatusCode::OK
    );
    let in_header = Request::post("/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.send(in_header).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_in_two_places_or_in_the_query_is_refused() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    let mut both = Form::empty()
        .with("access_token", &token)
        .posted("/userinfo");
    let bearer: http::HeaderValue = format!("Bearer {token}").parse().unwrap();
    both.headers_mut()
        .insert(header::AUTHORIZATION, bearer.clone());
    let mut in_query = Request::get(format!("/userinfo?access_token={token}"))
        .body(Body::empty())
        .unwrap();
    let only_in_query = world.get(&format!("/userinfo?access_token={token}")).await;
    in_query
        .headers_mut()
        .insert(header::AUTHORIZATION, bearer.clone());
    let mut twice = Request::get("/userinfo").body(Body::empty()).unwrap();
    twice
        .headers_mut()
        .append(header::AUTHORIZATION, bearer.clone());
    twice.headers_mut().append(header::AUTHORIZATION, bearer);
    let repeated = Form::empty()
        .and("access_token", &token)
        .and("access_token", &token);
    for answered in [
        world.send(both).await,
        world.send(in_query).await,
        world.send(twice).await,
        world.post("/userinfo", &repeated).await,
        only_in_query,
    ] {
        assert_eq!(answered.status, StatusCode::BAD_REQUEST);
        assert_eq!(answered.error().as_deref(), Some("invalid_request"));
        assert!(
            answered
                .header("www-authenticate")
                .unwrap()
                .starts_with("Bearer realm=")
        );
    }
}

#[tokio::test]
async fn without_a_token_there_is_a_bare_challenge() {
    let world = World::new().await;
    let empty_form = Form::empty();
    for answered in [
        world.get("/userinfo").await,
        world.post("/userinfo", &empty_form).await,
    ] {
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            answered.header("www-authenticate"),
            Some("Bearer realm=\"https://hub.example\"")
        );
        assert!(answered.body.is_empty());
    }
}

#[tokio::test]
async fn an_unknown_token_is_refused_as_rfc_6750_wants() {
    let world = World::new().await;
    let answered = world.userinfo("nobodys-token").await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    insta::assert_snapshot!(answered.header("www-authenticate").unwrap(), @r#"Bearer realm="https://hub.example", error="invalid_token", error_description="the access token is unknown, expired or revoked", error_uri="https://hub.example/errors/invalid_token""#);
}

#[tokio::test]
async fn an_access_token_expires() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    world.clock.advance(Duration::from_secs(61));
    assert_eq!(
        world.userinfo(&token).await.error().as_deref(),
        Some("invalid_token")
    );
}

#[tokio::test]
async fn an_access_token_dies_with_its_session() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    let session = crate::testing::TestHouse::outcome().session;
    world.engine.end_session(session).await.unwrap();
    assert_eq!(
        world.userinfo(&token).await.error().as_deref(),
        Some("invalid_token")
    );
}

#[tokio::test]
async fn an_access_token_dies_with_its_client() {
    let world = World::new().await;
    let token = token_for(&world, "basic").await;
    world.clients.disable("basic");
    assert_eq!(
        world.userinfo(&token).await.error().as_deref(),
        Some("invalid_token")
    );
}

#[tokio::test]
async fn a_token_without_openid_reads_no_claims() {
    let world = World::new().await;
    *world.house.change.lock().unwrap() =
        Some(|outcome| outcome.scopes = "given_name".parse().unwrap());
    let token = token_for(&world, "basic").await;
    let answered = world.userinfo(&token).await;
    assert_eq!(answered.status, StatusCode::FORBIDDEN);
    assert_eq!(answered.error().as_deref(), Some("insufficient_scope"));
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    let answered = world.userinfo(tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn no_answer_holds_a_secret_of_the_client() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    let userinfo = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    let everything = json!([tokens, userinfo.body.parse::<Value>().unwrap()]).to_string();
    assert!(!everything.contains(crate::testing::SECRET));
    assert!(!everything.contains("secret"));
}
