//! Attacks on where answers go and on what they carry (threats N-21, N-24, N-25, N-28, N-29).

use serde_json::json;

use crate::testing::{Form, ISSUER, World, redirect_uri};

#[tokio::test]
async fn a_redirect_uri_that_only_resembles_the_registered_one_gets_a_page() {
    let world = World::new().await;
    let registered = redirect_uri("basic");
    for uri in [
        "https://basic.example/callback",
        "https://basic.example/callback?tenant=a b",
        "https://basic.example/callback?tenant=a+b",
        "https://basic.example/callback?tenant=a%20b&more=1",
        "https://basic.example/callback?tenant=a%20b#fragment",
        "https://basic.example/callback/?tenant=a%20b",
        "https://basic.example/callback/../evil?tenant=a%20b",
        "https://basic.example/callback;/..;/evil?tenant=a%20b",
        "https://basic.example/callback%2f%2e%2e%2fevil?tenant=a%20b",
        "https://basic.example/callback%252e?tenant=a%20b",
        "https://basic.example\\@evil.example/callback?tenant=a%20b",
        "https://basic.example@evil.example/callback?tenant=a%20b",
        "https://basic.example:443/callback?tenant=a%20b",
        "https://basic.example:8443/callback?tenant=a%20b",
        "https://basic.example.evil.example/callback?tenant=a%20b",
        "https://basicXexample/callback?tenant=a%20b",
        "https://BASIC.example/callback?tenant=a%20b",
        "HTTPS://basic.example/callback?tenant=a%20b",
        "http://basic.example/callback?tenant=a%20b",
        "//basic.example/callback?tenant=a%20b",
        "https://basic.example/callback?tenant=a%20b\n",
        "https://basic.example/\tcallback?tenant=a%20b",
        " https://basic.example/callback?tenant=a%20b",
        "https://b\u{430}sic.example/callback?tenant=a%20b",
        "https://[::1]/callback?tenant=a%20b",
        "javascript:alert(1)",
        "data:text/html,x",
        "*",
    ] {
        assert_ne!(uri, registered);
        let form = Form::asking("basic").with("redirect_uri", uri);
        let answered = world.authorize(&form).await;
        assert!(answered.is_page("invalid_request"), "{uri} {answered:?}");
        assert!(!answered.body.contains("evil"), "{uri} is repeated");
    }
}

#[tokio::test]
async fn the_redirect_uri_of_another_client_gets_a_page() {
    let world = World::new().await;
    let form = Form::asking("basic").with("redirect_uri", &redirect_uri("other"));
    assert!(world.authorize(&form).await.is_page("invalid_request"));
}

#[tokio::test]
async fn only_the_port_of_a_loopback_address_is_free() {
    let world = World::new().await;
    world.clients.add(
        "native",
        &json!({
            "redirect_uris": ["http://127.0.0.1/callback"],
            "post_logout_redirect_uris": [],
        }),
    );
    let ask = |uri: &str| Form::asking("native").with("redirect_uri", uri);
    let answered = world
        .authorize(&ask("http://127.0.0.1:49152/callback"))
        .await;
    assert_eq!(answered.location().port(), Some(49152));
    for uri in [
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.2/callback",
        "http://localhost:49152/callback",
        "https://127.0.0.1:49152/callback",
        "http://127.0.0.1:0/callback",
    ] {
        let answered = world.authorize(&ask(uri)).await;
        assert!(answered.is_page("invalid_request"), "{uri}");
    }
}

#[tokio::test]
async fn a_fragment_does_not_survive_the_answer() {
    let world = World::new().await;
    for form in [
        Form::asking("basic"),
        Form::asking("basic").with("scope", "email"),
    ] {
        let answered = world.authorize(&form).await;
        assert_eq!(answered.location().fragment(), Some(""));
        assert!(answered.header("location").unwrap().ends_with('#'));
    }
}

#[tokio::test]
async fn a_private_scheme_is_sent_its_answer_without_a_fragment() {
    let world = World::new().await;
    world.clients.add(
        "app",
        &json!({"redirect_uris": ["com.example.app:/callback"], "post_logout_redirect_uris": []}),
    );
    let form = Form::asking("app").with("redirect_uri", "com.example.app:/callback");
    let answered = world.authorize(&form).await;
    let location = answered.header("location").unwrap();
    assert!(location.starts_with("com.example.app:/callback?code="));
    assert!(!location.contains('#'));
}

#[tokio::test]
async fn error_texts_never_repeat_the_request() {
    let world = World::new().await;
    let poison = "<b>call+0900</b>";
    for name in [
        "scope",
        "prompt",
        "max_age",
        "response_type",
        "response_mode",
        "id_token_hint",
        "code_challenge",
        "acr_values",
        "nonce",
        "redirect_uri",
        "client_id",
        "error",
        "error_description",
    ] {
        let form = Form::asking("basic")
            .with(name, poison)
            .with("state", "clean");
        let answered = world.authorize(&form).await;
        assert!(!answered.body.contains("0900"), "{name}");
        let location = answered.header("location").unwrap_or_default();
        assert!(!location.contains("0900"), "{name}");
        if !location.is_empty() {
            let text = answered
                .location_parameter("error_description")
                .unwrap_or_default();
            assert!(
                text.bytes()
                    .all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\')
            );
        }
    }
}

#[tokio::test]
async fn a_posted_answer_carries_hostile_text_as_plain_values() {
    let world = World::new().await;
    let state = "\"><script>alert(1)</script>]]>&amp;";
    let form = Form::asking("basic")
        .with("response_mode", "form_post")
        .with("state", state);
    let answered = world.authorize(&form).await;
    assert!(answered.header("location").is_none());
    let page = answered.json();
    assert_eq!(page["action"], redirect_uri("basic"));
    let fields = page["fields"].as_array().unwrap();
    let names: Vec<&str> = fields
        .iter()
        .map(|field| field[0].as_str().unwrap())
        .collect();
    assert_eq!(names, ["code", "state", "iss"]);
    assert_eq!(fields[1][1], state);
    assert_eq!(fields[2][1], ISSUER);
}

#[tokio::test]
async fn a_refusal_travels_in_the_mode_that_was_asked_for() {
    let world = World::new().await;
    let form = Form::asking("basic")
        .with("response_mode", "form_post")
        .with("scope", "email");
    let page = world.authorize(&form).await.json();
    let fields = page["fields"].as_array().unwrap();
    let names: Vec<&str> = fields
        .iter()
        .map(|field| field[0].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["error", "error_description", "error_uri", "state", "iss"]
    );
    assert_eq!(fields[0][1], "invalid_scope");
}
