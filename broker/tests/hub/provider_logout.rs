//! A provider signs somebody out here (OIDC Back-Channel Logout, threat N-14).

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::world::World;

const ADDRESS: &str = "/callback/postale/backchannel-logout";

/// A hub whose provider `postale` tells of its sign-outs, and somebody signed in with it.
async fn signed_in() -> (World, Browser, String) {
    let world = World::new().await;
    world
        .directory
        .change_provider("postale", |provider| provider.backchannel_logout = true);
    world.partner.claim_in_id_token(json!({"sid": "s-1"}));
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    (world, browser, token)
}

async fn tell(world: &World, address: &str, token: &str) -> Answer {
    world
        .browser()
        .post(address, &[("logout_token", token)])
        .await
}

async fn is_alive(browser: &Browser, token: &str) -> bool {
    browser.userinfo(token).await.status == StatusCode::OK
}

#[tokio::test]
async fn a_sign_out_at_the_provider_ends_the_session_its_tokens_and_tells_the_services() {
    for whom in [
        json!({"sid": "absent"}),
        json!({"sid": "s-1", "sub": "absent"}),
        json!({"sid": "s-1"}),
    ] {
        let (world, mut browser, token) = signed_in().await;
        let logout_token = world.partner.logout_token("postale", &whom);
        let done = tell(&world, ADDRESS, &logout_token).await;
        assert_eq!(done.status, StatusCode::OK, "{whom}: {}", done.body);
        assert!(!is_alive(&browser, &token).await, "{whom}");
        assert_eq!(world.partner.notices(1).await[0].0, "cantine");
        let choice = browser.start_and_follow("banque", "scope=openid").await;
        assert!(choice.body.contains("provider-postale"), "{whom}");
        let audit = world.audit().await;
        assert!(audit.contains("provider.signed_out") && audit.contains("\"by\":\"provider\""));
        assert!(
            !audit.contains("u-1") && !audit.contains("s-1\""),
            "no name of theirs"
        );
    }
}

#[tokio::test]
async fn another_session_or_person_at_the_provider_signs_nobody_out_here() {
    let (world, browser, token) = signed_in().await;
    for whom in [
        json!({"sub": "u-2"}),
        json!({"sid": "s-2", "sub": "absent"}),
        json!({"sid": "s-1", "sub": "u-2"}),
        json!({"sid": "s-2", "sub": "u-1"}),
    ] {
        let mut members = whom.clone();
        members["jti"] = json!(whom.to_string());
        let logout_token = world.partner.logout_token("postale", &members);
        let done = tell(&world, ADDRESS, &logout_token).await;
        assert_eq!(done.status, StatusCode::OK, "nothing to do is done: {whom}");
        assert!(is_alive(&browser, &token).await, "{whom}");
    }
}

#[tokio::test]
async fn a_logout_token_that_does_not_hold_is_refused_under_its_own_name_and_the_session_lives() {
    let (world, browser, token) = signed_in().await;
    let now = world.now_seconds();
    let signed = |members: Value| world.partner.logout_token("postale", &members);
    let unsigned = {
        let token = signed(json!({}));
        let payload = token.split('.').nth(1).unwrap().to_owned();
        // {"alg":"none","typ":"logout+jwt"}
        format!("eyJhbGciOiJub25lIiwidHlwIjoibG9nb3V0K2p3dCJ9.{payload}.")
    };
    for (what, logout_token, audited) in [
        ("nothing", String::new(), "logout_token_form"),
        ("alg none", unsigned, "logout_token_form"),
        (
            "encrypted, unasked",
            "a.b.c.d.e".to_owned(),
            "logout_token_encryption",
        ),
        (
            "another's key",
            world.partner.forged_logout_token("postale"),
            "logout_token_key",
        ),
        ("aud", signed(json!({"aud": "bank"})), "logout_token_aud"),
        (
            "iss",
            signed(json!({"iss": "https://x.example"})),
            "logout_token_iss",
        ),
        ("nonce", signed(json!({"nonce": "n"})), "logout_token_nonce"),
        (
            "events",
            signed(json!({"events": {}})),
            "logout_token_events",
        ),
        (
            "old",
            signed(json!({"iat": now - 3600})),
            "logout_token_iat",
        ),
        (
            "expired",
            signed(json!({"exp": now - 3600})),
            "logout_token_exp",
        ),
        (
            "no exp",
            signed(json!({"exp": "absent"})),
            "logout_token_exp",
        ),
        (
            "nobody",
            signed(json!({"sub": "absent"})),
            "logout_token_sub_sid",
        ),
        (
            "no jti",
            signed(json!({"jti": "absent"})),
            "logout_token_jti",
        ),
    ] {
        let refused = tell(&world, ADDRESS, &logout_token).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{what}");
        assert!(refused.body.contains(audited), "{what}: {}", refused.body);
        assert!(world.audit().await.contains(audited), "{what}");
        assert!(is_alive(&browser, &token).await, "{what}");
    }
}

#[tokio::test]
async fn a_logout_token_counts_once_and_at_its_own_providers_address() {
    let (world, mut browser, _) = signed_in().await;
    let logout_token = world.partner.logout_token("postale", &json!({}));
    let elsewhere = "/callback/citoyen/backchannel-logout";
    let refused = tell(&world, elsewhere, &logout_token).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "it tells of none");
    world
        .directory
        .change_provider("citoyen", |provider| provider.backchannel_logout = true);
    let refused = tell(&world, elsewhere, &logout_token).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "another issuer's");
    let unknown = tell(&world, "/callback/nobody/backchannel-logout", &logout_token).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    let done = tell(&world, ADDRESS, &logout_token).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    browser.log_in(&world, "cantine", "postale").await;
    let replayed = tell(&world, ADDRESS, &logout_token).await;
    assert_eq!(replayed.status, StatusCode::BAD_REQUEST);
    let still = browser.start_and_follow("banque", "scope=openid").await;
    assert!(still.body.contains("id=\"accept\""), "{}", still.body);
}

#[tokio::test]
async fn a_logout_that_could_not_be_carried_out_is_carried_out_when_the_provider_tries_again() {
    let (world, browser, token) = signed_in().await;
    let logout_token = world.partner.logout_token("postale", &json!({}));
    world.outbox.set_broken(true);
    let failed = tell(&world, ADDRESS, &logout_token).await;
    assert!(failed.body.contains("server_error"), "{}", failed.body);
    world.outbox.set_broken(false);
    let in_hand = tell(&world, ADDRESS, &logout_token).await;
    assert_eq!(in_hand.status, StatusCode::BAD_REQUEST, "one at a time");
    world.clock.pass(Duration::from_secs(5));
    let done = tell(&world, ADDRESS, &logout_token).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(!is_alive(&browser, &token).await);
    world.clock.pass(Duration::from_secs(5));
    let replayed = tell(&world, ADDRESS, &logout_token).await;
    assert!(
        replayed.body.contains("logout_token_jti"),
        "{}",
        replayed.body
    );
}

#[tokio::test]
async fn what_anybody_can_send_is_an_entry_a_minute_and_no_more() {
    let (world, ..) = signed_in().await;
    for _ in 0..5 {
        tell(&world, ADDRESS, "forged").await;
    }
    world.clock.pass(Duration::from_mins(1));
    tell(&world, ADDRESS, "forged").await;
    let audit = world.audit().await;
    let entries: Vec<&str> = audit
        .lines()
        .filter(|line| line.contains("provider.sign_out_refused"))
        .collect();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(
        entries[1].contains("\"unrecorded_since_last\":\"4\""),
        "{}",
        entries[1]
    );
}

#[tokio::test]
async fn a_session_that_went_on_elsewhere_still_ends_with_the_sign_in_it_began_with() {
    let (world, mut browser, token) = signed_in().await;
    let again = "scope=openid%20profile&prompt=login";
    let choice = browser.start_and_follow("banque", again).await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let logout_token = world
        .partner
        .logout_token("postale", &json!({"sid": "s-1"}));
    let done = tell(&world, ADDRESS, &logout_token).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(!is_alive(&browser, &token).await);
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    assert!(choice.body.contains("provider-postale"), "{}", choice.body);
}
