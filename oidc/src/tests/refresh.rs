//! Refresh tokens: what they give, to whom, and when they take everything back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use guichet_domain::SessionId;
use http::StatusCode;
use serde_json::json;

use crate::testing::{SUBJECT, World, refreshing, text};

const OFFLINE: &str = "openid given_name offline_access";

async fn world() -> World {
    let world = World::new().await;
    world.refreshing("basic", &json!({}));
    world
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_for_the_same_person() {
    let world = world().await;
    let first = world.tokens_with("basic", OFFLINE).await;
    let answered = world.refresh("basic", text(&first, "refresh_token")).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    let second = answered.json();
    for member in ["access_token", "refresh_token", "id_token"] {
        assert_ne!(second[member], first[member], "{member}");
    }
    assert_eq!(second["scope"], OFFLINE);
    let ring = world.keys.ring();
    let id_token = |tokens| {
        let verified = ring.verify_own(text(tokens, "id_token"), guichet_keys::Typ::Jwt, None);
        verified.unwrap().claims
    };
    let (before, after) = (id_token(&first), id_token(&second));
    for claim in ["iss", "sub", "aud", "auth_time", "acr"] {
        assert_eq!(after[claim], before[claim], "{claim}");
    }
    assert!(!after.contains_key("nonce"));
    assert!(!after.contains_key("sid"), "no session ends with it");
}

#[tokio::test]
async fn only_a_client_that_registered_so_gets_refresh_tokens() {
    let world = World::new().await;
    let tokens = world.tokens_with("basic", OFFLINE).await;
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(tokens["scope"], "openid given_name");
    let brought = world.refresh("basic", "anything").await;
    assert_eq!(brought.error().as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn without_a_page_nobody_agrees_to_offline_access() {
    let world = world().await;
    world.next_sign_in(7, 9);
    let form = crate::testing::Form::asking("basic");
    let form = form.with("scope", OFFLINE).with("prompt", "none");
    let code = world
        .authorize(&form)
        .await
        .location_parameter("code")
        .unwrap();
    let form = crate::testing::Form::redeeming("basic", &code);
    let tokens = world.send(form.by("basic")).await.json();
    assert_eq!(tokens["scope"], "openid given_name");
    world
        .engine
        .end_session(SessionId::from_bytes([7; 16]))
        .await
        .unwrap();
    let late = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn two_tabs_and_a_lost_answer_get_the_same_successor() {
    let world = Arc::new(world().await);
    let first = world.tokens_with("basic", OFFLINE).await;
    let token = text(&first, "refresh_token").to_owned();
    let tabs: Vec<_> = (0..10)
        .map(|_| {
            let (world, token) = (Arc::clone(&world), token.clone());
            tokio::spawn(async move { world.refresh("basic", &token).await })
        })
        .collect();
    let mut successors = Vec::new();
    for tab in tabs {
        let answered = tab.await.unwrap();
        assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
        successors.push(text(&answered.json(), "refresh_token").to_owned());
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    world.clock.advance(Duration::from_secs(59));
    let again = world.refresh("basic", &token).await;
    assert_eq!(again.status, StatusCode::OK);
    let next = world
        .refresh("basic", text(&again.json(), "refresh_token"))
        .await;
    assert_eq!(next.status, StatusCode::OK);
}

#[tokio::test]
async fn an_old_token_that_comes_back_takes_the_family_and_its_access_tokens() {
    let world = world().await;
    let first = world.tokens_with("basic", OFFLINE).await;
    let second = world
        .refresh("basic", text(&first, "refresh_token"))
        .await
        .json();
    world.clock.advance(Duration::from_secs(61));
    let third = world
        .refresh("basic", text(&second, "refresh_token"))
        .await
        .json();
    let access_token = text(&third, "access_token");
    assert_eq!(world.userinfo(access_token).await.status, StatusCode::OK);

    let stolen = world.refresh("basic", text(&first, "refresh_token")).await;
    assert_eq!(stolen.error().as_deref(), Some("invalid_grant"));
    assert_eq!(
        world.userinfo(access_token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let rightful = world.refresh("basic", text(&third, "refresh_token")).await;
    assert_eq!(rightful.error().as_deref(), Some("invalid_grant"));
    let recorded = world.recorded().await;
    let event = "refresh_token.reused basic: an old refresh token came back";
    assert!(recorded.contains(&event.to_owned()), "{recorded:?}");
}

#[tokio::test]
async fn a_token_shown_by_another_client_is_nobodys_any_more() {
    let world = world().await;
    world.refreshing("other", &json!({}));
    let tokens = world.tokens_with("basic", OFFLINE).await;
    let token = text(&tokens, "refresh_token");
    for client in ["other", "basic"] {
        let answered = world.refresh(client, token).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_grant"),
            "{client}"
        );
    }
    let userinfo = world.userinfo(text(&tokens, "access_token")).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn scope_shrinks_for_one_access_token_and_never_grows() {
    let world = world().await;
    let first = world
        .tokens_with("basic", "openid given_name email offline_access")
        .await;
    let form = refreshing(text(&first, "refresh_token"));
    let more = world
        .send(form.clone().with("scope", "openid family_name").by("basic"))
        .await;
    assert_eq!(more.error().as_deref(), Some("invalid_scope"));
    let less = world
        .send(form.with("scope", "openid email").by("basic"))
        .await
        .json();
    assert_eq!(less["scope"], "openid email");
    let userinfo = world.userinfo(text(&less, "access_token")).await.json();
    assert_eq!(userinfo.get("given_name"), None);
    assert_eq!(userinfo["email"], "angela@mail.example");
    let whole = world
        .refresh("basic", text(&less, "refresh_token"))
        .await
        .json();
    assert_eq!(whole["scope"], "openid given_name email offline_access");
}

#[tokio::test]
async fn what_the_house_has_forgotten_is_served_no_more() {
    let world = world().await;
    let first = world.tokens_with("basic", OFFLINE).await;
    let fresh = world
        .refresh("basic", text(&first, "refresh_token"))
        .await
        .json();
    let known = world.userinfo(text(&fresh, "access_token")).await.json();
    assert_eq!(known, json!({"sub": SUBJECT, "given_name": "Angela"}));
    world.house.has_forgotten.store(true, Ordering::SeqCst);
    let later = world
        .refresh("basic", text(&fresh, "refresh_token"))
        .await
        .json();
    let known = world.userinfo(text(&later, "access_token")).await.json();
    assert_eq!(known, json!({"sub": SUBJECT}));
}

#[tokio::test]
async fn tokens_of_a_session_that_is_over_end_with_it_whatever_ended_it() {
    let world = world().await;
    let online = world.tokens_with("basic", "openid given_name").await;
    let token = text(&online, "refresh_token");
    world.house.has_forgotten.store(true, Ordering::SeqCst);
    let late = world.refresh("basic", token).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));
    // For good: a house that finds the session again does not bring them back.
    world.house.has_forgotten.store(false, Ordering::SeqCst);
    let later = world.refresh("basic", token).await;
    assert_eq!(later.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn what_a_registration_lost_its_tokens_lose_with_the_next_refresh() {
    let world = world().await;
    let first = world.tokens_with("basic", OFFLINE).await;
    world.refreshing("basic", &json!({"scope": "email"}));
    let asking = refreshing(text(&first, "refresh_token")).with("scope", "openid given_name");
    let refused = world.send(asking.by("basic")).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_scope"));
    let second = world
        .refresh("basic", text(&first, "refresh_token"))
        .await
        .json();
    assert_eq!(second["scope"], "openid offline_access");
    let userinfo = world.userinfo(text(&second, "access_token")).await.json();
    assert_eq!(userinfo, json!({"sub": SUBJECT}));
}

#[tokio::test]
async fn a_claim_granted_for_its_name_is_served_after_a_refresh_too() {
    let world = world().await;
    world.next_sign_in(7, 9);
    let named = r#"{"userinfo": {"family_name": null}}"#;
    let form = crate::testing::Form::asking("basic").with("scope", OFFLINE);
    let code = world
        .authorize(&form.with("claims", named))
        .await
        .location_parameter("code")
        .unwrap();
    let form = crate::testing::Form::redeeming("basic", &code);
    let first = world.send(form.by("basic")).await.json();
    let second = world
        .refresh("basic", text(&first, "refresh_token"))
        .await
        .json();
    let userinfo = world.userinfo(text(&second, "access_token")).await.json();
    assert_eq!(
        userinfo,
        json!({"sub": SUBJECT, "given_name": "Angela", "family_name": "DUBOIS"})
    );
    // And no longer once the client may not ask for it.
    world.refreshing("basic", &json!({"scope": "given_name"}));
    let third = world
        .refresh("basic", text(&second, "refresh_token"))
        .await
        .json();
    let userinfo = world.userinfo(text(&third, "access_token")).await.json();
    assert_eq!(userinfo, json!({"sub": SUBJECT, "given_name": "Angela"}));
}

#[tokio::test]
async fn a_provider_that_serves_the_client_no_longer_refreshes_nothing() {
    let world = world().await;
    let tokens = world.tokens_with("basic", OFFLINE).await;
    world.refreshing("basic", &json!({"providers": ["postale"]}));
    let after = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(after.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_sign_out_ends_what_was_not_granted_beyond_it() {
    let world = world().await;
    world.next_sign_in(1, 1);
    let online = world.tokens_with("basic", "openid given_name").await;
    world.next_sign_in(1, 2);
    let offline = world.tokens_with("basic", OFFLINE).await;
    world
        .engine
        .end_session(SessionId::from_bytes([1; 16]))
        .await
        .unwrap();
    let ended = world.refresh("basic", text(&online, "refresh_token")).await;
    assert_eq!(ended.error().as_deref(), Some("invalid_grant"));
    let lasting = world
        .refresh("basic", text(&offline, "refresh_token"))
        .await;
    assert_eq!(lasting.status, StatusCode::OK, "{}", lasting.body);
    let access_token = lasting.json();
    let userinfo = world.userinfo(text(&access_token, "access_token")).await;
    assert_eq!(userinfo.status, StatusCode::OK);
}

#[tokio::test]
async fn a_family_ends_when_its_time_is_over_or_nobody_uses_it() {
    let day = Duration::from_hours(24);
    let world = world().await;
    let unused = world.tokens_with("basic", OFFLINE).await;
    world.clock.advance(day * 30);
    let late = world.refresh("basic", text(&unused, "refresh_token")).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));

    world.next_sign_in(7, 10);
    let mut tokens = world.tokens_with("basic", OFFLINE).await;
    for _ in 0..3 {
        world.clock.advance(day * 29);
        tokens = world
            .refresh("basic", text(&tokens, "refresh_token"))
            .await
            .json();
    }
    world.clock.advance(day * 3);
    let over = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(over.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn what_is_taken_back_of_a_person_at_a_client_takes_their_families() {
    let world = world().await;
    let tokens = world.tokens_with("basic", OFFLINE).await;
    let client = "basic".parse().unwrap();
    let person = crate::testing::PERSON;
    assert_eq!(world.engine.revoke_of(person, &client).await.unwrap(), 1);
    let after = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(after.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_code_replayed_takes_the_refresh_token_too() {
    let world = world().await;
    world.next_sign_in(7, 9);
    let form = crate::testing::Form::asking("basic").with("scope", OFFLINE);
    let code = world
        .authorize(&form)
        .await
        .location_parameter("code")
        .unwrap();
    let form = crate::testing::Form::redeeming("basic", &code);
    let tokens = world.send(form.by("basic")).await.json();
    world.send(form.by("basic")).await;
    let after = world.refresh("basic", text(&tokens, "refresh_token")).await;
    assert_eq!(after.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn no_one_time_text_is_a_refresh_token() {
    let world = world().await;
    let tokens = world.tokens_with("basic", OFFLINE).await;
    let code = world.code_for("basic").await;
    for text in [
        text(&tokens, "access_token"),
        text(&tokens, "id_token"),
        &code,
        "AAAA",
    ] {
        let answered = world.refresh("basic", text).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
    }
    let userinfo = world.userinfo(text(&tokens, "refresh_token")).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
}
