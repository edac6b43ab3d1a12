//! Token exchange and step-up: what comes out is never wider than what went in, and a sign-in that does
//! not suffice is said to.

use std::time::Duration;

use guichet_domain::Acr;
use http::StatusCode;
use serde_json::json;

use crate::testing::tokens::{FAMILY, TAX, with_resources};
use crate::testing::{Answered, Form, PERSON, World, text};
use crate::{SignInDemand, TokenSettings};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// A world in which `other`, which speaks for one resource, may exchange for both.
async fn world() -> World {
    let world = World::with_tokens(with_resources()).await;
    let may = json!({"grant_types": [EXCHANGE], "token_exchange_resources": [TAX, FAMILY]});
    world.clients.add("other", &may);
    let scope = json!({"scope": "openid family_quotient"});
    world.clients.add("basic", &scope);
    world
}

fn exchanging(token: &str, resource: &str) -> Form {
    Form::empty()
        .with("grant_type", EXCHANGE)
        .with("subject_token", token)
        .with("subject_token_type", ACCESS_TOKEN)
        .with("resource", resource)
}

async fn exchanged(world: &World, form: &Form) -> Answered {
    world.send(form.by("other")).await
}

#[tokio::test]
async fn a_resource_gets_a_token_of_its_own_that_says_who_acts() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    world.clock.advance(Duration::from_secs(40));
    let answered = exchanged(&world, &exchanging(&token, FAMILY)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    let tokens = answered.json();
    assert_eq!(tokens["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(tokens["expires_in"], 20, "no longer than the subject token");
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(tokens.get("id_token"), None);
    let heard = world
        .introspect("other", text(&tokens, "access_token"))
        .await
        .json();
    assert_eq!(heard["act"], json!({"sub": "other"}));
    assert_eq!(heard["acr"], "eidas2");
    assert_eq!(heard["client_id"], "other");
    assert_eq!(heard["sub"], format!("{PERSON}@other"));
    let again = exchanged(&world, &exchanging(text(&tokens, "access_token"), FAMILY)).await;
    let heard = again.json();
    let heard = world
        .introspect("other", text(&heard, "access_token"))
        .await
        .json();
    assert_eq!(heard["act"], json!({"sub": "other"}), "one hand is one");
}

#[tokio::test]
async fn an_exchanged_token_is_over_when_the_one_it_came_from_is() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    world.clock.advance(Duration::from_secs(40));
    let answered = exchanged(&world, &exchanging(&token, FAMILY)).await.json();
    let exchanged = text(&answered, "access_token");
    let is_active = async |token| world.introspect("other", token).await.json()["active"].clone();
    world.clock.advance(Duration::from_secs(19));
    assert_eq!(is_active(exchanged).await, true);
    world.clock.advance(Duration::from_secs(1));
    for token in [exchanged, &token] {
        assert_eq!(is_active(token).await, false);
    }
}

#[tokio::test]
async fn a_sign_in_that_a_service_does_not_take_is_not_exchanged_for_it_either() {
    let world = world().await;
    let exchange = |providers: &[&str]| {
        json!({
            "grant_types": [EXCHANGE], "token_exchange_resources": [FAMILY], "providers": providers,
        })
    };
    *world.house.change.lock().unwrap() =
        Some(|outcome| outcome.provider = Some("citoyen".parse().unwrap()));
    let token = world.token_for(FAMILY).await;
    world.clients.add("other", &exchange(&["postale"]));
    let refused = exchanged(&world, &exchanging(&token, FAMILY)).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_request"));
    world
        .clients
        .add("other", &exchange(&["postale", "citoyen"]));
    let obtained = exchanged(&world, &exchanging(&token, FAMILY)).await;
    assert_eq!(obtained.status, StatusCode::OK, "{}", obtained.body);
}

#[tokio::test]
async fn nothing_is_exchanged_beyond_the_policy_or_the_token() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    let good = exchanging(&token, FAMILY);
    for (form, error) in [
        (
            good.clone().with("resource", "https://elsewhere.example"),
            "invalid_target",
        ),
        (good.clone().without("resource"), "invalid_target"),
        (good.clone().and("resource", TAX), "invalid_target"),
        (
            good.clone().with("scope", "family_quotient openid"),
            "invalid_scope",
        ),
        (
            good.clone().with("subject_token", "AAAA"),
            "invalid_request",
        ),
        (good.clone().with("actor_token", "AAAA"), "invalid_request"),
        (
            good.clone().with(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:id_token",
            ),
            "invalid_request",
        ),
    ] {
        let answered = exchanged(&world, &form).await;
        assert_eq!(answered.error().as_deref(), Some(error), "{form:?}");
    }
    assert_eq!(exchanged(&world, &good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_that_was_merely_found_is_not_exchanged() {
    let world = world().await;
    let token = world.token_for(TAX).await;
    let answered = exchanged(&world, &exchanging(&token, FAMILY)).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn an_exchanged_token_dies_with_the_grant() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    let tokens = exchanged(&world, &exchanging(&token, FAMILY)).await.json();
    let grant = guichet_domain::GrantId::from_bytes([9; 16]);
    world.engine.revoke_grant(grant).await.unwrap();
    let heard = world
        .introspect("other", text(&tokens, "access_token"))
        .await
        .json();
    assert_eq!(heard, json!({"active": false}));
}

#[tokio::test]
async fn a_sign_in_that_does_not_suffice_is_told_what_would() {
    let demand = |acr: Acr, minutes| TokenSettings {
        userinfo: SignInDemand {
            acr: Some(acr.into()),
            max_age: Some(Duration::from_mins(minutes)),
        },
        ..TokenSettings::default()
    };
    for (demand, suffices) in [
        (demand(Acr::Eidas2, 60), true),
        (demand(Acr::Eidas3, 60), false),
        (demand(Acr::Eidas2, 2), false),
    ] {
        let world = World::with_tokens(demand).await;
        let tokens = world.tokens_for("basic").await;
        let answered = world.userinfo(text(&tokens, "access_token")).await;
        if suffices {
            assert_eq!(answered.status, StatusCode::OK);
            continue;
        }
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
        let error = answered.error();
        assert_eq!(error.as_deref(), Some("insufficient_user_authentication"));
        let challenge = answered.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(challenge.contains("acr_values=\"eidas"), "{challenge}");
        assert!(challenge.contains("max_age=\""), "{challenge}");
    }
}
