//! Introspection and revocation: who may ask, who may give back, and what others hear.

use std::time::Duration;

use guichet_keys::Typ;
use http::{StatusCode, header};
use serde_json::json;

use crate::testing::tokens::{FAMILY, TAX, with_resources};
use crate::testing::{Form, ISSUER, PERSON, SUBJECT, World, text};

/// A world with resources, in which the client `basic` may refresh.
async fn world() -> World {
    let world = World::with_tokens(with_resources()).await;
    let scope = json!({"scope": "openid given_name family_quotient"});
    world.refreshing("basic", &scope);
    world
}

#[tokio::test]
async fn the_client_hears_what_its_token_stands_for() {
    let world = world().await;
    let tokens = world
        .tokens_with("basic", "openid given_name offline_access")
        .await;
    let answered = world
        .introspect("basic", text(&tokens, "access_token"))
        .await;
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("introspected_access_token", answered.json());
    });
    let answered = world
        .introspect("basic", text(&tokens, "refresh_token"))
        .await;
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("introspected_refresh_token", answered.json());
    });
}

#[tokio::test]
async fn everyone_else_hears_that_there_is_no_such_token() {
    let world = world().await;
    let tokens = world.tokens_with("basic", "openid offline_access").await;
    let nothing = json!({"active": false});
    for token in [
        text(&tokens, "access_token"),
        text(&tokens, "refresh_token"),
        "AAAA",
    ] {
        let answered = world.introspect("other", token).await;
        assert_eq!(answered.status, StatusCode::OK);
        assert_eq!(answered.json(), nothing);
    }
    world.clock.advance(Duration::from_secs(61));
    let expired = world
        .introspect("basic", text(&tokens, "access_token"))
        .await;
    assert_eq!(expired.json(), nothing);
}

#[tokio::test]
async fn a_client_that_proves_nothing_may_not_ask() {
    let world = world().await;
    let public = Form::empty().with("client_id", "public").with("token", "x");
    let answered = world.post("/token/introspection", &public).await;
    assert_eq!(answered.error().as_deref(), Some("unauthorized_client"));
    let nobody = world
        .post("/token/introspection", &Form::empty().with("token", "x"))
        .await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_resource_hears_of_its_own_tokens_and_knows_the_person_by_its_own_name() {
    let world = world().await;
    let token = world.token_for(FAMILY).await;
    let heard = world.introspect("other", &token).await.json();
    assert_eq!(heard["active"], true);
    assert_eq!(heard["aud"], json!([FAMILY]));
    assert_eq!(heard["scope"], "family_quotient");
    assert_eq!(heard["client_id"], "basic");
    assert_eq!(heard["acr"], "eidas2");
    assert_eq!(heard["sub"], format!("{PERSON}@other"));
    assert!(!heard.to_string().contains(SUBJECT));
    let userinfo = world.userinfo(&token).await;
    assert_eq!(userinfo.error().as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn a_jwt_access_token_says_what_rfc_9068_wants_under_a_name_of_its_own() {
    let world = world().await;
    let token = world.token_for(TAX).await;
    let verified = world
        .keys
        .ring()
        .verify_own(&token, Typ::AccessToken, None)
        .unwrap();
    let mut claims = serde_json::Value::Object(verified.claims);
    let subject = text(&claims, "sub").to_owned();
    assert!(
        subject.starts_with(&format!("{PERSON}@at+jwt:")),
        "{subject}"
    );
    assert_eq!(text(&claims, "jti").len(), 22);
    claims["jti"] = "[random]".into();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("jwt_access_token", claims);
    });
    let heard = world.introspect("basic", &token).await.json();
    assert_eq!(heard["active"], true);
    world.give_back("basic", &token).await;
    let heard = world.introspect("basic", &token).await.json();
    assert_eq!(heard, json!({"active": false}));
}

#[tokio::test]
async fn the_answer_is_a_jwt_for_whom_it_is_asked_or_registered() {
    let world = world().await;
    world.refreshing(
        "signed",
        &json!({"introspection_signed_response_alg": "EdDSA"}),
    );
    let own = world.tokens_with("signed", "openid").await;
    let registered = world.introspect("signed", text(&own, "access_token")).await;
    world.next_sign_in(7, 10);
    let tokens = world.tokens_with("basic", "openid").await;
    let form = Form::empty().with("token", text(&tokens, "access_token"));
    let mut request = form.by_at("/token/introspection", "basic");
    let accept = "application/token-introspection+jwt".parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, accept);
    let asked = world.send(request).await;
    for (answered, client) in [(registered, "signed"), (asked, "basic")] {
        let media_type = answered.header("content-type");
        assert_eq!(media_type, Some("application/token-introspection+jwt"));
        let ring = world.keys.ring();
        let verified = ring.verify_own(&answered.body, Typ::TokenIntrospection, None);
        let claims = verified.unwrap().claims;
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!(claims["aud"], client);
        assert_eq!(claims["token_introspection"]["active"], true);
        assert!(!claims.contains_key("exp"));
        assert!(!claims.contains_key("sub"));
    }
}

#[tokio::test]
async fn an_access_token_given_back_is_dead_and_goes_alone() {
    let world = world().await;
    let tokens = world.tokens_with("basic", "openid offline_access").await;
    let access_token = text(&tokens, "access_token");
    let given = world.give_back("basic", access_token).await;
    assert_eq!(given.status, StatusCode::OK);
    assert!(given.body.is_empty());
    assert_eq!(
        world.userinfo(access_token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let refreshed = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
    let again = world.give_back("basic", access_token).await;
    assert_eq!(
        again.status,
        StatusCode::OK,
        "what is gone is as good as revoked"
    );
}

#[tokio::test]
async fn a_refresh_token_given_back_takes_the_family_s_access_tokens() {
    let world = world().await;
    let tokens = world.tokens_with("basic", "openid offline_access").await;
    let refreshed = world
        .refresh("basic", text(&tokens, "refresh_token"))
        .await
        .json();
    world
        .give_back("basic", text(&refreshed, "refresh_token"))
        .await;
    for token in [
        text(&tokens, "access_token"),
        text(&refreshed, "access_token"),
    ] {
        assert_eq!(world.userinfo(token).await.status, StatusCode::UNAUTHORIZED);
    }
    let after = world
        .refresh("basic", text(&refreshed, "refresh_token"))
        .await;
    assert_eq!(after.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn nobody_gives_back_the_token_of_another() {
    let world = world().await;
    let tokens = world.tokens_with("basic", "openid offline_access").await;
    for token in ["access_token", "refresh_token"] {
        let answered = world.give_back("other", text(&tokens, token)).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_grant"),
            "{token}"
        );
    }
    let userinfo = world.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(userinfo.status, StatusCode::OK);
    let refreshed = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(refreshed.status, StatusCode::OK);
}
