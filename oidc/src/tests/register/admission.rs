//! Who is let in, and how many.

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::{CALLBACK, open, register, registered, request, service, with};
use crate::register::policy::RegistrationPolicy;
use crate::testing::{Form, INITIAL, ISSUER, NOON, World, policy};

#[tokio::test]
async fn what_is_off_has_no_address_and_is_not_advertised() {
    let world = World::new().await;
    assert_eq!(
        register(&world, &service()).await.status,
        StatusCode::NOT_FOUND
    );
    let document = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("registration_endpoint"), None);
}

#[tokio::test]
async fn a_client_that_registered_signs_people_in_with_the_secret_it_was_told() {
    let world = World::registering(policy()).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(
        document["registration_endpoint"],
        format!("{ISSUER}/register")
    );
    let answered = register(&world, &service()).await;
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    let client = answered.json();
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["client_id_issued_at"], NOON.seconds());
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["scope"], "openid given_name email");
    let (id, secret) = (
        client["client_id"].as_str().unwrap(),
        client["client_secret"].as_str().unwrap(),
    );
    let asking = Form::asking(id).with("redirect_uri", CALLBACK);
    let code = world
        .authorize(&asking)
        .await
        .location_parameter("code")
        .unwrap();
    let form = Form::redeeming(id, &code).with("redirect_uri", CALLBACK);
    let tokens = world.send(form.with_basic(id, secret)).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let recorded = world.recorded().await;
    assert_eq!(recorded[0], format!("client.registered {id}"));
}

#[tokio::test]
async fn nobody_registers_without_an_initial_access_token_that_is_alive() {
    let world = World::registering(policy()).await;
    let without = Request::post("/register")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(service().to_string()))
        .unwrap();
    let answered = world.send(without).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    assert!(
        answered
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    for token in ["x", &format!("{INITIAL}x"), "bearer"] {
        let asked = request(Method::POST, "/register", token, Some(&service()));
        assert_eq!(world.send(asked).await.status, StatusCode::UNAUTHORIZED);
    }
    world.clock.advance(std::time::Duration::from_hours(2));
    let late = register(&world, &service()).await;
    assert_eq!(late.error().as_deref(), Some("invalid_token"));
    assert_eq!(world.published.fetches(), 0);
}

#[tokio::test]
async fn an_initial_access_token_is_worth_its_uses_and_a_mistake_costs_none() {
    let world = World::registering(policy()).await;
    for _ in 0..5 {
        let wrong = with(&json!({"redirect_uris": ["https://new.example/cb#x"]}));
        let answered = register(&world, &wrong).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_redirect_uri"));
    }
    for _ in 0..3 {
        registered(&world, &service()).await;
    }
    assert_eq!(
        register(&world, &service()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_flood_of_registrations_is_told_to_wait_and_ends_at_the_most_there_may_be() {
    let limited = RegistrationPolicy {
        open: true,
        per_minute: 4,
        most_clients: 6,
        ..policy()
    };
    let world = World::registering(limited).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(register(&world, &service()).await.status.as_u16());
    }
    assert_eq!(statuses, [201, 201, 201, 201, 429, 429]);
    world.clock.advance(std::time::Duration::from_mins(1));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(register(&world, &service()).await.status.as_u16());
    }
    assert_eq!(statuses, [201, 201, 400]);
}

#[tokio::test]
async fn a_client_is_registered_only_once_it_is_on_record() {
    let world = open().await;
    world
        .records
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let answered = register(&world, &service()).await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(crate::RegisteredClients::registered(&*world.clients), 0);
}
