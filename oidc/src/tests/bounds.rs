//! Requests made to be expensive (threats N-80, N-81, N-82).

use axum::body::Body;
use http::{Request, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::testing::{Form, World};

#[tokio::test]
async fn oversized_requests_end_before_anything_is_looked_up() {
    let world = World::new().await;
    let good = Form::asking("basic");
    for form in [
        good.clone().with("state", &"s".repeat(2049)),
        good.clone().with("unknown", &"u".repeat(33 * 1024)),
        good.clone().with("state", "line\nbreak"),
        (0..300).fold(good, |form, _| form.and("x", "1")),
    ] {
        assert!(world.authorize(&form).await.is_page("invalid_request"));
        assert!(
            world
                .post("/authorize", &form)
                .await
                .is_page("invalid_request")
        );
    }
    let huge = Form::asking("basic").with("state", &"s".repeat(1 << 20));
    assert!(
        world
            .post("/authorize", &huge)
            .await
            .is_page("invalid_request")
    );
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn state_and_nonce_up_to_the_limit_are_carried_back() {
    let world = World::new().await;
    let long = "x".repeat(2048);
    let form = Form::asking("basic")
        .with("state", &long)
        .with("nonce", &long);
    let answered = world.authorize(&form).await;
    assert_eq!(answered.location_parameter("state"), Some(long.clone()));
    let too_long = form.with("nonce", &(long + "x"));
    let answered = world.authorize(&too_long).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn scopes_and_levels_without_end_are_refused_or_cost_nothing() {
    let world = World::new().await;
    let scopes: Vec<String> = (0..101).map(|number| format!("s{number}")).collect();
    let form = Form::asking("basic").with("scope", &format!("openid {}", scopes.join(" ")));
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_scope"));
    let form = Form::asking("basic").with("acr_values", &"eidas9 ".repeat(2000));
    assert!(world.authorize(&form).await.error().is_none());
}

#[tokio::test]
async fn anonymous_requests_leave_nothing_behind() {
    let world = World::new().await;
    for number in 0..200 {
        let form = Form::asking("basic").with("client_id", &format!("nobody{number}"));
        world.authorize(&form).await;
    }
    assert_eq!(world.store.len_in_memory(), Some(0));
}

/// Values that are right somewhere, and values that are wrong everywhere.
const VALUES: &[&str] = &[
    "basic",
    "public",
    "disabled",
    "nobody",
    "code",
    "token",
    "openid",
    "email",
    "S256",
    "plain",
    "query",
    "form_post",
    "fragment",
    "none",
    "login",
    "0",
    "-1",
    "eidas2",
    "%",
    "",
    "\u{0}",
    "é",
    "https://basic.example/callback?tenant=a%20b",
    "https://evil.example/",
    "javascript:alert(1)",
    "//evil.example",
    "https://basic.example/callback?tenant=a%20b#x",
    "SFodC7wGy-hSND-vKlfdkGiV_o2eeXDaP8zoq1iIAg8",
];

const NAMES: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "acr_values",
    "id_token_hint",
    "request",
    "request_uri",
    "registration",
    "claims",
    "resource",
    "dpop_jkt",
    "display",
    "unknown",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_asked_nobody_is_sent_where_no_client_registered(
        changes in vec((select(NAMES), select(VALUES), any::<bool>()), 0..6),
        raw in "[ -~]{0,40}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let mut form = Form::asking("basic");
            for (name, value, is_added) in changes {
                form = if is_added { form.and(name, value) } else { form.with(name, value) };
            }
            for text in [form.text(), format!("{}&{raw}", form.text())] {
                let request = Request::post("/authorize")
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(Body::from(text))
                    .unwrap();
                let mut answered = world.send(request).await;
                let on = format!("{}/authorize?", crate::testing::ISSUER);
                if let Some(query) = answered.header("location").and_then(|to| to.strip_prefix(&on)) {
                    answered = world.get(&format!("/authorize?{query}")).await;
                }
                if let Some(location) = answered.header("location") {
                    assert!(location.starts_with("https://basic.example/callback?tenant=a%20b&"));
                } else if answered.status == StatusCode::OK {
                    assert_eq!(answered.json()["action"], crate::testing::redirect_uri("basic"));
                } else {
                    assert_eq!(answered.status, StatusCode::BAD_REQUEST);
                }
            }
        });
    }
}
