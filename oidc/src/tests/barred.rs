//! Somebody who is frozen gets nothing, from anything they had or anybody had for them (threat N-08); and
//! what they had before does not come back.

use std::time::Duration;

use guichet_domain::PersonId;
use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::tokens::{FAMILY, with_resources};
use crate::testing::{Answered, Form, PERSON, SECRET, SUBJECT, TestHouse, World, text};
use crate::{Answer, Outcome, Settlement, Typed};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const OFFLINE: &str = "openid given_name offline_access";

async fn world() -> World {
    let world = World::with_tokens(with_resources()).await;
    world.refreshing(
        "basic",
        &json!({"scope": "openid given_name family_quotient"}),
    );
    let may = json!({"grant_types": [EXCHANGE], "token_exchange_resources": [FAMILY]});
    world.clients.add("other", &may);
    world
}

fn outcome() -> Outcome {
    Outcome {
        person: Some(PERSON),
        ..TestHouse::outcome()
    }
}

#[tokio::test]
async fn nothing_that_was_issued_for_somebody_who_is_frozen_is_good_for_anything() {
    let world = world().await;
    let tokens = world.tokens_with("basic", OFFLINE).await;
    let (access, refresh) = (
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
    );
    assert_eq!(world.userinfo(access).await.status, StatusCode::OK);
    world.freeze();
    assert_all_dead(&world, access, refresh).await;
    // Nor afterwards: whoever had them may have them still.
    world.clock.advance(Duration::from_secs(1));
    world.thaw();
    world.clock.advance(Duration::from_secs(1));
    assert_all_dead(&world, access, refresh).await;
    world.next_sign_in(8, 10);
    let anew = world.tokens_with("basic", OFFLINE).await;
    assert_eq!(
        world.userinfo(text(&anew, "access_token")).await.status,
        200
    );
    let refreshed = world.refresh("basic", text(&anew, "refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
}

async fn assert_all_dead(world: &World, access: &str, refresh: &str) {
    assert_eq!(
        world.userinfo(access).await.status,
        StatusCode::UNAUTHORIZED
    );
    for token in [access, refresh] {
        let told = world.introspect("basic", token).await;
        assert_eq!(told.json(), json!({"active": false}));
    }
    let refreshed = world.refresh("basic", refresh).await;
    assert_eq!(refreshed.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_token_of_somebody_who_is_frozen_is_not_exchanged() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    let exchange = |token: &str| {
        Form::empty()
            .with("grant_type", EXCHANGE)
            .with("subject_token", token)
            .with(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            )
            .with("resource", FAMILY)
    };
    let exchanged = world.send(exchange(&token).by("other")).await;
    assert_eq!(exchanged.status, StatusCode::OK, "{}", exchanged.body);
    let exchanged = text(&exchanged.json(), "access_token").to_owned();
    world.freeze();
    let refused = world.send(exchange(&token).by("other")).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_request"));
    let told = world.introspect("other", &exchanged).await;
    assert_eq!(told.json(), json!({"active": false}));
}

#[tokio::test]
async fn a_code_of_somebody_who_was_frozen_meanwhile_buys_nothing_then_or_later() {
    for thawed in [false, true] {
        let world = world().await;
        world.next_sign_in(7, 9);
        let asked = world
            .authorize(&Form::asking("basic").with("scope", OFFLINE))
            .await;
        let code = asked.location_parameter("code").unwrap();
        world.clock.advance(Duration::from_secs(1));
        world.freeze();
        if thawed {
            world.thaw();
            world.clock.advance(Duration::from_secs(1));
        }
        let redeemed = world
            .send(Form::redeeming("basic", &code).by("basic"))
            .await;
        assert_eq!(
            redeemed.error().as_deref(),
            Some("invalid_grant"),
            "{thawed}"
        );
    }
}

#[tokio::test]
async fn no_code_is_issued_for_somebody_who_is_frozen_and_the_client_is_told_honestly() {
    let world = world().await;
    world.freeze();
    world.next_sign_in(7, 9);
    let asking = Form::asking("basic").with("scope", "openid given_name");
    let asked = world.authorize(&asking).await;
    assert_eq!(asked.location_parameter("code"), None);
    assert_eq!(
        asked.location_parameter("error").as_deref(),
        Some("access_denied")
    );
    // Anybody else goes on, and so does a house that names nobody.
    for person in [None, Some(PersonId::from_bytes([6; 16]))] {
        *world.house.next.lock().unwrap() = Some(Outcome {
            person,
            ..TestHouse::outcome()
        });
        let asked = world.authorize(&asking).await;
        assert!(asked.location_parameter("code").is_some(), "{person:?}");
    }
}

#[tokio::test]
async fn a_device_gets_nothing_of_somebody_who_was_frozen_before_or_after_they_agreed() {
    let world = world().await;
    world.clients.add(
        "kiosk",
        &json!({"grant_types": [DEVICE], "redirect_uris": []}),
    );
    let (early, code) = asks(&world).await;
    assert_eq!(approve(&world, &code).await, Settlement::Approved);
    let (late, code) = asks(&world).await;
    world.freeze();
    let polled = polls(&world, "kiosk", DEVICE, ("device_code", &early)).await;
    assert_eq!(polled.error().as_deref(), Some("invalid_grant"));
    assert_eq!(approve(&world, &code).await, Settlement::Refused);
    let polled = polls(&world, "kiosk", DEVICE, ("device_code", &late)).await;
    assert_eq!(polled.error().as_deref(), Some("access_denied"));
}

async fn asks(world: &World) -> (Value, String) {
    let form = Form::empty().with("scope", "openid given_name");
    let asked = world
        .send(form.by_at("/device_authorization", "kiosk"))
        .await
        .json();
    let code = text(&asked, "user_code").to_owned();
    (asked["device_code"].clone(), code)
}

async fn approve(world: &World, code: &str) -> Settlement {
    let found = world.engine.device_request(code, "203.0.113.7").await;
    let Typed::Found(waiting) = found.unwrap() else {
        panic!("no request");
    };
    let granted = world.engine.grant(&waiting.request, outcome()).await;
    let Answer::Settled(settled) = granted.unwrap() else {
        panic!("a device is not answered through a browser");
    };
    settled.what
}

async fn polls(
    world: &World,
    client: &str,
    grant_type: &str,
    (name, handle): (&'static str, &Value),
) -> Answered {
    let form = Form::empty()
        .with("grant_type", grant_type)
        .with(name, handle.as_str().unwrap());
    world.send(form.with_basic(client, SECRET)).await
}

#[tokio::test]
async fn nobody_is_asked_for_somebody_who_is_frozen() {
    let world = world().await;
    let poll = json!({
        "grant_types": [CIBA], "redirect_uris": [], "backchannel_token_delivery_mode": "poll",
    });
    world.clients.add("desk", &poll);
    let naming = || {
        let form = Form::empty().with("scope", "openid given_name");
        form.with("login_hint", SUBJECT)
            .by_at("/bc-authorize", "desk")
    };
    let asked = world.send(naming()).await.json();
    world.freeze();
    let refused = world.send(naming()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.error().as_deref(), Some("access_denied"));
    let waiting = world.engine.requests_for(PERSON).await.unwrap().remove(0);
    let granted = world.engine.grant(&waiting.request, outcome()).await;
    assert!(matches!(granted, Ok(Answer::Settled(settled)) if settled.what == Settlement::Refused));
    let polled = polls(&world, "desk", CIBA, ("auth_req_id", &asked["auth_req_id"])).await;
    assert_eq!(polled.error().as_deref(), Some("access_denied"));
}
