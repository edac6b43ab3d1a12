//! The `claims` parameter: what is released where, and which demands end a request (OIDC Core §5.5).

use guichet_domain::Acr;
use guichet_keys::Typ;
use serde_json::{Value, json};

use crate::testing::{Form, SUBJECT, World};

/// The claims of the ID token and of the userinfo answer that a request gets.
async fn released(world: &World, client: &str, form: &Form) -> (Value, Value) {
    let answered = world.authorize(form).await;
    let code = answered
        .location_parameter("code")
        .unwrap_or_else(|| panic!("{answered:?}"));
    let tokens = world
        .send(Form::redeeming(client, &code).by(client))
        .await
        .json();
    let id_token = tokens["id_token"].as_str().unwrap();
    let verified = world
        .keys
        .ring()
        .verify_own(id_token, Typ::Jwt, None)
        .unwrap();
    let userinfo = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    (Value::Object(verified.claims), userinfo.json())
}

fn asking(claims: &Value) -> Form {
    Form::asking("basic")
        .with("scope", "openid")
        .with("claims", &claims.to_string())
}

#[tokio::test]
async fn a_claim_is_released_where_it_was_asked_for_and_nowhere_else() {
    let world = World::new().await;
    let form = asking(&json!({
        "userinfo": {"given_name": {"essential": true}},
        "id_token": {"email": null, "auth_time": {"essential": true}},
    }));
    let (id_token, userinfo) = released(&world, "basic", &form).await;
    assert_eq!(userinfo, json!({"sub": SUBJECT, "given_name": "Angela"}));
    assert_eq!(id_token["email"], "angela@mail.example");
    assert!(id_token.get("given_name").is_none());
    assert!(id_token["auth_time"].is_i64());
}

#[tokio::test]
async fn naming_a_claim_is_no_way_around_onboarding() {
    let world = World::new().await;
    let form = Form::asking("narrow").with("scope", "openid").with(
        "claims",
        &json!({"userinfo": {"email": {"essential": true}, "given_name": null, "family_name": null}})
            .to_string(),
    );
    let (id_token, userinfo) = released(&world, "narrow", &form).await;
    assert_eq!(userinfo, json!({"sub": SUBJECT, "given_name": "Angela"}));
    assert!(id_token.get("email").is_none());
    let asked = world.house.last_asked();
    assert_eq!(asked.claims(), [guichet_domain::Claim::GivenName]);
}

#[tokio::test]
async fn a_claim_that_has_another_value_is_left_out() {
    let world = World::new().await;
    let form = asking(&json!({"userinfo": {
        "given_name": {"value": "Angela"},
        "email": {"values": ["somebody@mail.example"]},
        "email_verified": {"value": true},
    }}));
    let (_, userinfo) = released(&world, "basic", &form).await;
    assert_eq!(
        userinfo,
        json!({"sub": SUBJECT, "given_name": "Angela", "email_verified": true})
    );
}

#[tokio::test]
async fn a_subject_that_is_named_is_the_only_one_signed_in() {
    let world = World::new().await;
    for member in ["userinfo", "id_token"] {
        let form = asking(&json!({member: {"sub": {"value": SUBJECT}}}));
        assert!(world.authorize(&form).await.error().is_none());
        let form = asking(&json!({member: {"sub": {"value": "SomebodyElse"}}}));
        let answered = world.authorize(&form).await;
        assert_eq!(answered.error().as_deref(), Some("login_required"));
    }
    let tokens = world.tokens_for("basic").await;
    let form = asking(&json!({"id_token": {"sub": {"value": "SomebodyElse"}}}))
        .with("id_token_hint", tokens["id_token"].as_str().unwrap());
    let asked_before = world.house.times_asked();
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("login_required"));
    assert_eq!(world.house.times_asked(), asked_before);
}

#[tokio::test]
async fn an_essential_level_is_reached_and_stated_or_the_request_ends() {
    let world = World::new().await;
    let essential = |values: &[&str]| {
        asking(&json!({"id_token": {"acr": {"essential": true, "values": values}}}))
    };
    let (id_token, _) = released(&world, "basic", &essential(&["eidas1"])).await;
    assert_eq!(id_token["acr"], "eidas1", "one of those asked for");
    let (id_token, _) = released(&world, "basic", &essential(&["eidas1", "eidas2"])).await;
    assert_eq!(id_token["acr"], "eidas2");
    for values in [&["eidas3"][..], &["urn:unknown"]] {
        let answered = world.authorize(&essential(values)).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("unmet_authentication_requirements")
        );
    }
    *world.house.change.lock().unwrap() = Some(|outcome| outcome.acr = Acr::Eidas1.into());
    let answered = world.authorize(&essential(&["eidas2"])).await;
    assert_eq!(
        answered.error().as_deref(),
        Some("unmet_authentication_requirements")
    );
    let voluntary = asking(&json!({"id_token": {"acr": {"value": "urn:unknown"}}}));
    let (id_token, _) = released(&world, "basic", &voluntary).await;
    assert_eq!(id_token["acr"], "eidas1", "what was reached");
}

#[tokio::test]
async fn the_age_of_a_sign_in_is_what_the_client_registered_unless_it_says_more() {
    let world = World::new().await;
    world.clients.add("basic", &json!({"default_max_age": 600}));
    world.authorize(&Form::asking("basic")).await;
    let age = |world: &World| world.house.last_asked().max_age().map(|age| age.as_secs());
    assert_eq!(age(&world), Some(600));
    world
        .authorize(&Form::asking("basic").with("max_age", "5"))
        .await;
    assert_eq!(age(&world), Some(5));
}
