//! Keys that clients publish: fetched once for many, again when a key is new, and within bounds
//! (threats N-36, N-41).

use std::time::Duration;

use guichet_domain::Clock as _;
use serde_json::{Value, json};

use crate::testing::{Answered, Form, World};

const URI: &str = "https://jwt.example/jwks";

/// A world whose client `jwt` publishes its keys.
async fn world() -> World {
    let world = World::new().await;
    world.clients.add(
        "jwt",
        &json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": URI}),
    );
    world
        .published
        .put(URI, world.client_keys.client_ring().jwks());
    world
}

/// Tries to authenticate with an assertion that names this key.
async fn attempt(world: &World, jti: &str) -> bool {
    let now = world.clock.now().seconds();
    let assertion = world.assertion(&json!({"jti": jti, "iat": now, "exp": now + 60}));
    is_authenticated(&by_assertion(world, &assertion).await)
}

async fn by_assertion(world: &World, assertion: &str) -> Answered {
    let form = Form::redeeming("jwt", "no-such-code").with_assertion(assertion);
    world.post("/token", &form).await
}

fn is_authenticated(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}

async fn other_keys() -> bytes::Bytes {
    World::new().await.client_keys.client_ring().jwks()
}

#[tokio::test]
async fn keys_are_fetched_once_and_kept_until_they_are_stale() {
    let world = world().await;
    for jti in ["a", "b", "c"] {
        assert!(attempt(&world, jti).await);
    }
    assert_eq!(world.published.fetches(), 1);
    world.clock.advance(Duration::from_mins(10));
    assert!(attempt(&world, "d").await);
    assert_eq!(world.published.fetches(), 2);
}

#[tokio::test]
async fn many_at_once_share_one_fetch() {
    let world = world().await;
    let engine = &world.engine;
    let client = engine.active_client("jwt").unwrap();
    let all = (0..20).map(|_| engine.keys_of(&client));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.published.fetches(), 1);
}

#[tokio::test]
async fn a_key_nobody_has_seen_is_looked_for_once_in_a_while() {
    let world = world().await;
    world.published.put(URI, other_keys().await);
    assert!(!attempt(&world, "a").await, "the key is not published yet");
    world
        .published
        .put(URI, world.client_keys.client_ring().jwks());
    assert!(
        !attempt(&world, "b").await,
        "a moment later it is not asked for"
    );
    assert_eq!(world.published.fetches(), 1);
    world.clock.advance(Duration::from_secs(30));
    assert!(attempt(&world, "c").await);
    assert_eq!(world.published.fetches(), 2);
}

#[tokio::test]
async fn keys_outlive_a_short_silence_of_their_publisher_and_no_long_one() {
    let world = world().await;
    assert!(attempt(&world, "a").await);
    world.published.take_away(URI);
    world.clock.advance(Duration::from_mins(59));
    assert!(attempt(&world, "b").await);
    assert!(attempt(&world, "c").await);
    assert_eq!(
        world.published.fetches(),
        2,
        "and it is not asked at every turn"
    );
    world.clock.advance(Duration::from_mins(2));
    assert!(!attempt(&world, "d").await);
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_not_asked_at_every_request() {
    let world = world().await;
    world.published.take_away(URI);
    for jti in ["a", "b", "c"] {
        assert!(!attempt(&world, jti).await);
    }
    assert_eq!(world.published.fetches(), 1);
}

#[tokio::test]
async fn what_is_published_must_be_public_keys_of_bearable_size() {
    let world = world().await;
    let mut private: Value =
        serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    private["keys"][0]["d"] = "AAAA".into();
    for document in [
        private.to_string(),
        "<html>".to_owned(),
        format!("{{\"keys\":[],\"x\":\"{}\"}}", "x".repeat(70_000)),
    ] {
        world.published.put(URI, document);
        assert!(!attempt(&world, "a").await);
        world.clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn another_address_in_the_registration_is_fetched_at_once() {
    let world = world().await;
    assert!(attempt(&world, "a").await);
    let moved = "https://jwt.example/moved";
    world.published.put(moved, other_keys().await);
    world.clients.add(
        "jwt",
        &json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": moved}),
    );
    assert!(
        !attempt(&world, "b").await,
        "the old key went with the old address"
    );
}
