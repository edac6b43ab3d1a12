//! Secrets, in the header or the form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::Clock as _;
use http::header;
use serde_json::{Value, json};

use super::{bare, by_assertion, is_authenticated, is_refused};
use crate::testing::{SECRET, World};

#[tokio::test]
async fn each_client_authenticates_by_its_registered_method() {
    let world = World::new().await;
    for client in ["basic", "post", "public"] {
        assert!(
            is_authenticated(&world.send(bare().by(client)).await),
            "{client}"
        );
    }
    assert!(is_authenticated(
        &by_assertion(&world, &world.assertion(&json!({}))).await
    ));
}

#[tokio::test]
async fn another_method_than_the_registered_one_is_refused() {
    let world = World::new().await;
    let posted = |id: &str| bare().with("client_id", id).with("client_secret", SECRET);
    let named = |id: &str| bare().with("client_id", id);
    for request in [
        posted("basic").posted("/token"),
        named("basic").posted("/token"),
        bare().with_basic("post", SECRET),
        named("post").posted("/token"),
        bare().with_basic("public", SECRET),
        posted("public").posted("/token"),
        bare().with_basic("jwt", SECRET),
        posted("jwt").posted("/token"),
        named("jwt").posted("/token"),
    ] {
        assert!(is_refused(&world.send(request).await));
    }
    let for_basic = world.assertion(&json!({"iss": "basic", "sub": "basic"}));
    assert!(is_refused(&by_assertion(&world, &for_basic).await));
}

#[tokio::test]
async fn empty_missing_and_wrong_secrets_fail() {
    let world = World::new().await;
    let post = bare().with("client_id", "post");
    for request in [
        bare().posted("/token"),
        bare().with_basic("basic", ""),
        bare().with_basic("basic", "wrong"),
        bare().with_basic("basic", &SECRET[1..]),
        bare().with_basic("", SECRET),
        bare().with_basic("nobody", SECRET),
        bare().with_basic("disabled", SECRET),
        post.clone().and("client_secret", "").posted("/token"),
        post.clone().and("client_secret", "wrong").posted("/token"),
        post.posted("/token"),
        bare().with("client_secret", SECRET).posted("/token"),
    ] {
        assert!(is_refused(&world.send(request).await));
    }
}

#[tokio::test]
async fn several_methods_at_once_are_refused() {
    let world = World::new().await;
    let assertion = world.assertion(&json!({}));
    for request in [
        bare()
            .with("client_secret", SECRET)
            .with("client_id", "basic")
            .with_basic("basic", SECRET),
        bare()
            .with_assertion(&assertion)
            .with_basic("basic", SECRET),
        bare()
            .with_assertion(&assertion)
            .with("client_id", "post")
            .with("client_secret", SECRET)
            .posted("/token"),
    ] {
        let answered = world.send(request).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    }
    let mut twice = bare().with_basic("basic", SECRET);
    let header = twice.headers()[header::AUTHORIZATION].clone();
    twice.headers_mut().append(header::AUTHORIZATION, header);
    assert_eq!(
        world.send(twice).await.error().as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn client_id_may_repeat_the_header_and_not_contradict_it() {
    let world = World::new().await;
    let agreeing = bare()
        .with("client_id", "basic")
        .with_basic("basic", SECRET);
    assert!(is_authenticated(&world.send(agreeing).await));
    let contradicting = bare()
        .with("client_id", "other")
        .with_basic("basic", SECRET);
    let answered = world.send(contradicting).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_secret_in_basic_may_be_encoded_or_not() {
    let world = World::new().await;
    let secret = "with+plus and 100%25 :";
    world.clients.add("odd", &json!({"client_secret": secret}));
    let raw = bare().with_basic("odd", secret);
    assert!(is_authenticated(&world.send(raw).await));
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let encoded = bare().with_basic("odd", &encoded);
    assert!(is_authenticated(&world.send(encoded).await));
}

#[tokio::test]
async fn a_broken_authorization_header_is_a_failed_authentication() {
    let world = World::new().await;
    for value in [
        "Basic",
        "Basic =",
        "Basic \u{7f}",
        "Basic <script>",
        "Bearer x",
        "Negotiate abc",
        &format!("Basic {}", STANDARD.encode("no colon")),
        &format!("Basic {}", STANDARD.encode([0xff, b':', 0xfe])),
        &format!("Basic {}", "A".repeat(8000)),
    ] {
        let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) else {
            continue;
        };
        let mut request = bare().posted("/token");
        request.headers_mut().insert(header::AUTHORIZATION, value);
        let answered = world.send(request).await;
        assert!(is_refused(&answered), "{answered:?}");
        assert!(!answered.body.contains("<script"));
    }
}

#[tokio::test]
async fn a_refusal_does_not_tell_which_clients_there_are() {
    let world = World::new().await;
    let texts = [
        world.send(bare().with_basic("basic", "wrong")).await,
        world.send(bare().with_basic("nobody", "wrong")).await,
        world.send(bare().with_basic("disabled", SECRET)).await,
        world.send(bare().with_basic("post", SECRET)).await,
    ]
    .map(|answered| (answered.status, answered.body));
    assert!(texts.iter().all(|text| *text == texts[0]));
    insta::with_settings!({sort_maps => true}, {
        let body = serde_json::from_str::<Value>(&texts[0].1).unwrap();
        insta::assert_json_snapshot!("invalid_client", body);
    });
}

#[tokio::test]
async fn each_live_secret_opens_and_none_that_ended() {
    let world = World::new().await;
    let now = world.clock.now();
    let end = now.after(std::time::Duration::from_hours(1));
    let another = "another secret of sixty-four characters or thereabouts, all told";
    for id in ["basic", "post"] {
        world.clients.add_secret(id, another, (end, now));
    }
    let basic = |secret: &str| bare().with_basic("basic", secret);
    let post = |secret: &str| {
        let named = bare().with("client_id", "post");
        named.with("client_secret", secret).posted("/token")
    };
    for secret in [SECRET, another] {
        assert!(
            is_authenticated(&world.send(basic(secret)).await),
            "{secret}"
        );
        assert!(
            is_authenticated(&world.send(post(secret)).await),
            "{secret}"
        );
    }
    world.clock.advance(std::time::Duration::from_hours(1));
    assert!(is_refused(&world.send(basic(SECRET)).await));
    assert!(is_refused(&world.send(post(SECRET)).await));
    assert!(is_authenticated(&world.send(basic(another)).await));
    assert!(is_authenticated(&world.send(post(another)).await));
}
