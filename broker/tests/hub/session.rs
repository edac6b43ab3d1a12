//! Single sign-on: one sign-in, several services, and what it must not be good for.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::browser::{claims_of, query};
use crate::world::World;

#[tokio::test]
async fn a_second_service_needs_no_second_sign_in() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let consent = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    assert!(consent.body.contains("J’autorise"), "{}", consent.body);
    let back = browser.agree(&consent).await.at_service();
    assert!(query(back.as_str()).contains_key("code"));
    assert_eq!(world.partner.token_requests().len(), 1);
    assert!(world.audit().await.contains("sso.started"));
}

#[tokio::test]
async fn nothing_shown_is_enough_only_where_the_person_was_informed_of_the_same() {
    let world = World::new().await;
    let mut browser = world.browser();
    let ask = |scope: &str| format!("scope={scope}&prompt=none");
    let none = browser
        .start("cantine", &ask("openid%20profile"))
        .await
        .at_service();
    assert_eq!(query(none.as_str())["error"], "login_required");
    browser.log_in(&world, "cantine", "citoyen").await;
    let silent = browser.start("cantine", &ask("openid%20profile")).await;
    let silent = browser.follow(silent).await.at_service();
    assert!(query(silent.as_str()).contains_key("code"));
    let more = browser
        .start("cantine", &ask("openid%20profile%20email"))
        .await
        .at_service();
    assert_eq!(query(more.as_str())["error"], "interaction_required");
    let private = browser.start("banque", &ask("openid")).await.at_service();
    assert_eq!(query(private.as_str())["error"], "consent_required");
}

#[tokio::test]
async fn a_session_id_is_new_at_every_sign_in_and_the_old_one_is_dead() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let first = browser.cookie("hub-session").unwrap().to_owned();
    let choice = browser
        .start_and_follow("cantine", "scope=openid&prompt=login")
        .await;
    assert!(
        choice.body.contains("provider-citoyen"),
        "prompt=login asks again"
    );
    browser.sign_in("citoyen", &choice, &world.partner).await;
    let second = browser.cookie("hub-session").unwrap().to_owned();
    assert_ne!(first, second);
    browser.set_cookie("hub-session", &first);
    let dead = browser
        .start("banque", "scope=openid&prompt=none")
        .await
        .at_service();
    assert_eq!(query(dead.as_str())["error"], "login_required");
}

#[tokio::test]
async fn a_sign_in_as_somebody_else_ends_what_the_first_person_had_begun() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let token = tokens["access_token"].as_str().unwrap();
    let one = browser
        .start_and_follow("cantine", "scope=openid%20profile&prompt=login")
        .await;
    let consent = browser.sign_in("postale", &one, &world.partner).await;
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "CASANOVA", "given_name": "Ange"}));
    let two = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    browser.sign_in("postale", &two, &world.partner).await;
    assert_eq!(
        browser.userinfo(token).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.partner.notices(1).await[0].0, "cantine");
    assert_eq!(world.audit().await.matches("session.ended").count(), 1);
    let stopped = browser.agree(&consent).await;
    assert_eq!(stopped.status, StatusCode::FORBIDDEN);
    assert!(
        stopped.body.contains("Votre session a pris fin"),
        "{}",
        stopped.body
    );
}

#[tokio::test]
async fn refresh_tokens_live_as_long_as_their_session_or_the_one_in_its_place() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let first = browser.redeem("cantine", &back).await;
    let choice = browser
        .start_and_follow("cantine", "scope=openid&prompt=login")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let second = browser.refresh("cantine", &first).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    let second: serde_json::Value = serde_json::from_str(&second.body).unwrap();
    let served = browser
        .userinfo(second["access_token"].as_str().unwrap())
        .await;
    assert!(served.body.contains("family_name"), "{}", served.body);
    // Nobody signs out; the session just runs out.
    world.clock.pass(Duration::from_mins(31));
    let late = browser.refresh("cantine", &second).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "{}", late.body);
    assert!(late.body.contains("invalid_grant"), "{}", late.body);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    world.clock.pass(Duration::from_mins(31));
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    assert!(choice.body.contains("provider-citoyen"), "{}", choice.body);
}

#[tokio::test]
async fn a_session_is_no_way_around_a_services_list_of_providers_or_its_level() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let lifted = browser
        .start_and_follow("banque", "scope=openid&acr_values=eidas2")
        .await;
    assert!(lifted.body.contains("provider-citoyen"), "{}", lifted.body);
    world.directory.change_client("banque", |client| {
        client.providers = Some(vec!["postale".parse().unwrap()]);
    });
    let list = browser.start_and_follow("banque", "scope=openid").await;
    assert!(
        list.body.contains("Non accepté par Banque"),
        "{}",
        list.body
    );
}

#[tokio::test]
async fn a_session_older_than_asked_is_not_enough() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let asked = |age: u64| format!("scope=openid%20profile&prompt=none&max_age={age}");
    world.clock.pass(Duration::from_secs(2));
    let recent = browser.start("cantine", &asked(2)).await;
    assert!(recent.to().ends_with("/return"), "{recent:?}");
    let old = browser.start("cantine", &asked(1)).await.at_service();
    assert_eq!(query(old.as_str())["error"], "login_required");
}

#[tokio::test]
async fn a_hint_of_somebody_else_is_answered_by_nobody() {
    let world = World::new().await;
    let mut browser = world.browser();
    let camille = browser.log_in(&world, "cantine", "postale").await;
    let hint = browser.redeem("cantine", &camille).await["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let silent = format!("scope=openid%20profile&prompt=none&id_token_hint={hint}");
    assert!(
        browser
            .start("cantine", &silent)
            .await
            .to()
            .ends_with("/return")
    );

    world
        .partner
        .claim_in_userinfo(json!({"family_name": "CASANOVA", "given_name": "Ange"}));
    let mut other = world.browser();
    other.log_in(&world, "cantine", "postale").await;
    let nobody = other.start("cantine", &silent).await.at_service();
    assert_eq!(query(nobody.as_str())["error"], "login_required");
    let hinted = format!("scope=openid&id_token_hint={hint}");
    let choice = other.start_and_follow("cantine", &hinted).await;
    let again = other.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.body.contains("une autre identité"), "{}", again.body);
}

#[tokio::test]
async fn one_person_has_one_name_per_service_whichever_provider_they_use() {
    let world = World::new().await;
    let mut subjects = Vec::new();
    for (client, provider) in [
        ("cantine", "citoyen"),
        ("cantine", "postale"),
        ("banque", "postale"),
    ] {
        let mut browser = world.browser();
        let back = browser.log_in(&world, client, provider).await;
        let tokens = browser.redeem(client, &back).await;
        let claims = claims_of(tokens["id_token"].as_str().unwrap());
        assert_eq!(claims["acr"], "eidas1");
        assert_eq!(claims["amr"], json!(["pwd"]));
        subjects.push((claims["sub"].clone(), claims["sid"].clone()));
    }
    assert_eq!(subjects[0].0, subjects[1].0);
    assert_ne!(subjects[1].0, subjects[2].0);
    assert_ne!(subjects[0].1, subjects[1].1, "a sid is of one session");
}

#[tokio::test]
async fn whoever_finds_somebody_elses_session_may_use_an_account_of_their_own() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "postale").await;
    let consent = browser
        .start_and_follow("banque", "scope=openid%20family_name")
        .await;
    assert!(consent.body.contains("MARTIN"));
    let fields = [("decision", "other"), ("csrf", &consent.csrf(0))];
    let back = browser.post(&consent.action(0), &fields).await;
    let choice = browser.follow(back).await;
    let asked = browser
        .post(
            &choice.action(0),
            &[("provider", "postale"), ("csrf", &choice.csrf(0))],
        )
        .await;
    assert_eq!(
        query(&asked.to())["prompt"],
        "login",
        "the provider must ask who they are"
    );
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "CASANOVA", "given_name": "Ange"}));
    let callback = crate::browser::come_back(&asked.to(), "postale", &world.partner);
    let identity = browser.get(&callback).await;
    let consent = browser.follow(identity).await;
    let consent = browser.follow(consent).await;
    assert!(consent.body.contains("CASANOVA") && !consent.body.contains("MARTIN"));
    assert!(
        browser
            .agree(&consent)
            .await
            .at_service()
            .query()
            .unwrap()
            .contains("code=")
    );
}
