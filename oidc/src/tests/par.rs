//! `/par`: what is pushed, by whom, and what its reference opens (RFC 9126; threat N-47).

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;

use crate::testing::{Answered, Form, World};

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The `request_uri` of an answer of `/par`.
fn reference(answered: &Answered) -> String {
    assert_eq!(answered.status, StatusCode::CREATED, "{}", answered.body);
    answered.json()["request_uri"].as_str().unwrap().to_owned()
}

fn by(client: &str, reference: &str) -> Form {
    Form::empty()
        .with("client_id", client)
        .with("request_uri", reference)
}

async fn pushed(world: &World, client: &str) -> String {
    let request = Form::asking(client).by_at("/par", client);
    reference(&world.send(request).await)
}

#[tokio::test]
async fn a_pushed_request_is_answered_by_its_reference_alone() {
    let world = World::new().await;
    let answered = world.push(&Form::asking("jwt"), "one").await;
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("access-control-allow-origin"), None);
    assert_eq!(answered.json()["expires_in"], 60);
    let reference = reference(&answered);
    assert_eq!(reference.strip_prefix(PREFIX).unwrap().len(), 43);
    // What stands beside it does not count.
    let form = by("jwt", &reference)
        .with("state", "injected")
        .with("redirect_uri", "https://evil.example/")
        .with("scope", "openid phone");
    let answered = world.authorize(&form).await;
    assert!(
        answered.location_parameter("code").is_some(),
        "{answered:?}"
    );
    assert_eq!(answered.location_parameter("state").unwrap(), "a state");
    assert_eq!(
        world.house.last_asked().scopes().to_string(),
        "openid given_name email"
    );
}

#[tokio::test]
async fn a_reference_opens_any_number_of_pages_and_yields_one_answer() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    let form = by("basic", &reference);
    // The house of these tests answers at once: the first page is the answer.
    let first = world.authorize(&form).await;
    assert!(first.location_parameter("code").is_some());
    let request = world.house.last_asked();
    assert!(world.authorize(&form).await.is_page("invalid_request_uri"));
    // A second sign-in that the same reference opened before is not answered with a code either.
    let outcome = crate::testing::TestHouse::outcome();
    let answer = world.engine.grant(&request, outcome).await.unwrap();
    let crate::Answer::Redirect(to) = answer else {
        panic!("the query was asked for");
    };
    assert!(to.as_str().contains("error=invalid_request_uri"), "{to}");
}

#[tokio::test]
async fn a_refusal_answers_a_pushed_request_too() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    *world.house.change.lock().unwrap() =
        Some(|outcome| outcome.acr = guichet_domain::Acr::Eidas1.into());
    let form = Form::asking("basic").with("acr_values", "eidas2");
    let other = self::reference(&world.send(form.by_at("/par", "basic")).await);
    let refused = world.authorize(&by("basic", &other)).await;
    assert_eq!(
        refused.error().as_deref(),
        Some("unmet_authentication_requirements")
    );
    let again = world.authorize(&by("basic", &other)).await;
    assert!(again.is_page("invalid_request_uri"));
    assert!(
        world
            .authorize(&by("basic", &reference))
            .await
            .error()
            .is_none()
    );
}

#[tokio::test]
async fn a_reference_is_its_clients_own_and_expires() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    for form in [
        by("other", &reference),
        by("basic", &format!("{PREFIX}{}", "A".repeat(43))),
        by("basic", PREFIX),
    ] {
        let answered = world.authorize(&form).await;
        assert!(
            answered.is_page("invalid_request_uri"),
            "{form:?} {answered:?}"
        );
    }
    assert!(
        world
            .authorize(&Form::empty().with("request_uri", &reference))
            .await
            .is_page("invalid_request")
    );
    world.clock.advance(Duration::from_mins(1));
    let answered = world.authorize(&by("basic", &reference)).await;
    assert!(answered.is_page("invalid_request_uri"));
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn a_reference_is_no_code_and_a_code_no_reference() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    let text = reference.strip_prefix(PREFIX).unwrap();
    let answered = world.send(Form::redeeming("basic", text).by("basic")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
    let code = world.code_for("basic").await;
    let answered = world
        .authorize(&by("basic", &format!("{PREFIX}{code}")))
        .await;
    assert!(answered.is_page("invalid_request_uri"));
}

#[tokio::test]
async fn what_is_wrong_is_said_to_the_client_when_it_pushes() {
    let world = World::new().await;
    let good = Form::asking("jwt");
    for (jti, (form, error)) in [
        (
            good.clone().with("request_uri", "https://a.example/"),
            "invalid_request",
        ),
        (
            good.clone()
                .with("request_uri", "urn:ietf:params:oauth:request_uri:x"),
            "invalid_request",
        ),
        (good.clone().without("redirect_uri"), "invalid_request"),
        (
            good.clone().with("redirect_uri", "https://evil.example/"),
            "invalid_request",
        ),
        (
            good.clone().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
        (good.clone().without("code_challenge"), "invalid_request"),
        (good.clone().with("scope", "email"), "invalid_scope"),
        (good.clone().and("state", "twice"), "invalid_request"),
        (
            good.clone().with("request", "x.y.z"),
            "invalid_request_object",
        ),
        (
            good.clone().with("resource", "https://a.example/#f"),
            "invalid_target",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let answered = world.push(&form, &jti.to_string()).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{form:?}");
        assert_eq!(answered.error().as_deref(), Some(error), "{form:?}");
        assert!(answered.header("location").is_none());
    }
}

#[tokio::test]
async fn nobody_pushes_in_the_name_of_another() {
    let world = World::new().await;
    // No proof at all, and somebody else's.
    let answered = world.post("/par", &Form::asking("basic")).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    let answered = world.push(&Form::asking("basic"), "one").await;
    assert_eq!(answered.error().as_deref(), Some("invalid_client"));
    // The client is who proved it, whatever the form leaves out.
    let form = Form::asking("basic").without("client_id");
    let reference = reference(&world.send(form.by_at("/par", "basic")).await);
    assert!(
        world
            .authorize(&by("basic", &reference))
            .await
            .error()
            .is_none()
    );
}

#[tokio::test]
async fn other_methods_and_larger_bodies_have_a_status_of_their_own() {
    let world = World::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answered = world.send(Form::asking("jwt").method(method, "/par")).await;
        assert_eq!(answered.status, StatusCode::METHOD_NOT_ALLOWED);
    }
    let form = Form::asking("jwt").with("claims", &"x".repeat(33 * 1024));
    let answered = world.push(&form, "one").await;
    assert_eq!(answered.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_client_that_must_push_is_served_in_no_other_way() {
    let world = World::new().await;
    world.clients.add(
        "basic",
        &json!({"require_pushed_authorization_requests": true}),
    );
    let answered = world.authorize(&Form::asking("basic")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    assert_eq!(answered.location().host_str(), Some("basic.example"));
    let reference = pushed(&world, "basic").await;
    assert!(
        world
            .authorize(&by("basic", &reference))
            .await
            .error()
            .is_none()
    );
}

#[tokio::test]
async fn a_pushed_request_is_checked_anew_when_the_browser_comes() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    world.clients.add(
        "basic",
        &json!({"redirect_uris": ["https://basic.example/new"]}),
    );
    let answered = world.authorize(&by("basic", &reference)).await;
    assert!(answered.is_page("invalid_request"));
    world.clients.disable("basic");
    let answered = world.authorize(&by("basic", &reference)).await;
    assert!(answered.is_page("unauthorized_client"));
}

#[tokio::test]
async fn a_posted_reference_goes_on_by_address_and_is_not_spent_by_that() {
    let world = World::new().await;
    let reference = pushed(&world, "basic").await;
    let answered = world.post("/authorize", &by("basic", &reference)).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    let on = answered.location();
    let answered = world
        .get(&on.as_str()[crate::testing::ISSUER.len()..])
        .await;
    assert!(answered.location_parameter("code").is_some());
}

/// The request of the public client, as it comes from `address`.
async fn public_push(world: &World, address: &str) -> Answered {
    let mut request = Form::asking("public").posted("/par");
    let counted_by = crate::CountedBy(address.to_owned());
    request.extensions_mut().insert(counted_by);
    world.send(request).await
}

#[tokio::test]
async fn one_address_pushes_so_many_requests_of_public_clients_and_no_more() {
    let world = World::new().await;
    for _ in 0..60 {
        assert_eq!(
            public_push(&world, "203.0.113.7").await.status,
            StatusCode::CREATED
        );
    }
    let refused = public_push(&world, "203.0.113.7").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.error().as_deref(), Some("temporarily_unavailable"));
    assert_eq!(
        public_push(&world, "198.51.100.9").await.status,
        StatusCode::CREATED
    );
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(
        public_push(&world, "203.0.113.7").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn no_client_takes_the_room_of_all() {
    let world = World::new().await;
    let ends = crate::testing::NOON.after(Duration::from_mins(1));
    for _ in 0..10_000 {
        let attempts = &world.store.attempts;
        attempts
            .count("pushed by one client", b"jwt", ends)
            .await
            .unwrap();
    }
    let refused = world.push(&Form::asking("jwt"), "one").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    pushed(&world, "basic").await;
    let large = Form::asking("basic").with("claims", &format!("{{{}}}", " ".repeat(13 * 1024)));
    let refused = world.send(large.by_at("/par", "basic")).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn nobody_pushes_in_the_name_of_the_houses_own_client() {
    let own = |settings: &mut crate::EngineSettings| {
        settings.pushed.own_client = Some("public".parse().unwrap());
    };
    let world = World::with(own).await;
    let refused = public_push(&world, "203.0.113.7").await;
    assert_eq!(refused.error().as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn an_answer_is_remembered_as_long_as_a_sign_in_may_take_and_no_longer() {
    let world = World::with(|settings| {
        settings.pushed.sign_in_lifetime = Duration::from_mins(30);
    })
    .await;
    let reference = pushed(&world, "basic").await;
    world.authorize(&by("basic", &reference)).await;
    let request = world.house.last_asked();
    let again = async || {
        let outcome = crate::testing::TestHouse::outcome();
        let answer = world.engine.grant(&request, outcome).await.unwrap();
        let crate::Answer::Redirect(to) = answer else {
            panic!("the query was asked for");
        };
        to.as_str().contains("code=")
    };
    world.clock.advance(Duration::from_mins(29));
    assert!(!again().await);
    // No sign-in is left by now that could answer; the guard has its room back.
    world.clock.advance(Duration::from_mins(2));
    assert!(again().await);
}
