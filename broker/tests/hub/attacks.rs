//! The threats of `docs/threats.md` towards the broker, one by one.

use std::time::Duration;

use guichet_domain::Acr;
use http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, query};
use crate::partner::Manner;
use crate::world::World;

async fn at_provider(world: &World) -> (Browser, String) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
    (browser, callback)
}

#[tokio::test]
async fn a_callback_for_another_provider_is_refused() {
    let world = World::new().await;
    let (mut browser, callback) = at_provider(&world).await;
    let swapped = callback.replace("/callback/citoyen", "/callback/postale");
    let refused = browser.get(&swapped).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        world.partner.token_requests().is_empty(),
        "no code was sent to anybody"
    );
    assert!(world.audit().await.contains("mix_up"));
    // Nothing changed: the true answer still counts.
    assert!(browser.get(&callback).await.to().ends_with("/identity"));
}

#[tokio::test]
async fn an_answer_without_the_issuer_it_promised_or_with_another_is_refused() {
    let world = World::new().await;
    for forge in [
        |callback: &str| callback.split("&iss=").next().unwrap().to_owned(),
        |callback: &str| callback.replace("%2Fcitoyen", "%2Fpostale"),
    ] {
        let (mut browser, callback) = at_provider(&world).await;
        let back = browser.get(&forge(&callback)).await;
        assert!(back.to().ends_with("/provider"), "{back:?}");
        assert!(world.partner.token_requests().is_empty());
        assert!(world.audit().await.contains("wrong_issuer"));
    }
}

#[tokio::test]
async fn a_callback_replayed_or_in_another_browser_is_refused() {
    let world = World::new().await;
    let (mut browser, callback) = at_provider(&world).await;
    let (mut stranger, mut other) = (world.browser(), world.browser());
    assert_eq!(stranger.get(&callback).await.status, StatusCode::FORBIDDEN);
    other.start("banque", "scope=openid").await;
    assert_eq!(other.get(&callback).await.status, StatusCode::FORBIDDEN);
    assert!(world.partner.token_requests().is_empty());
    assert!(browser.get(&callback).await.to().ends_with("/identity"));
    let replayed = browser.get(&callback).await;
    assert_eq!(replayed.status, StatusCode::CONFLICT);
    assert_eq!(world.partner.token_requests().len(), 1);
}

#[tokio::test]
async fn a_state_that_is_missing_or_made_up_has_no_effect() {
    let world = World::new().await;
    let (mut browser, callback) = at_provider(&world).await;
    let state = &query(&callback)["state"];
    let (login, _) = state.split_once('.').unwrap();
    let made_up = format!("{login}.{}", "A".repeat(43));
    for (forged, status) in [
        (callback.replace(state, &made_up), StatusCode::FORBIDDEN),
        (callback.replace(state, login), StatusCode::BAD_REQUEST),
        (
            callback.replace(&format!("state={state}&"), ""),
            StatusCode::BAD_REQUEST,
        ),
        (format!("{callback}&state={state}"), StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(browser.get(&forged).await.status, status, "{forged}");
    }
    assert!(world.partner.token_requests().is_empty());
    assert!(browser.get(&callback).await.to().ends_with("/identity"));
}

#[tokio::test]
async fn every_lie_of_an_id_token_is_refused_under_its_own_name() {
    let world = World::new().await;
    for (lie, name) in [
        (json!({"iss": "https://other.example"}), "id_token_iss"),
        (json!({"aud": "another-client"}), "id_token_aud"),
        (json!({"nonce": "old"}), "id_token_nonce"),
        (json!({"exp": 1}), "id_token_exp"),
        (json!({"iat": 1}), "id_token_iat"),
        (json!({"sub": ""}), "id_token_sub"),
        (json!({"sub": "null"}), "id_token_sub"),
        (json!({"azp": "another"}), "id_token_azp"),
    ] {
        let (mut browser, callback) = at_provider(&world).await;
        world.partner.claim_in_id_token(lie.clone());
        let refused = browser.get(&callback).await;
        assert!(refused.to().ends_with("/provider"), "{lie}");
        let page = browser.follow(refused).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{lie}");
        assert!(
            world.audit().await.contains(&format!("\"{name}\"")),
            "{lie}"
        );
        assert!(browser.cookie("hub-session").is_none());
    }
}

#[tokio::test]
async fn a_missing_subject_and_another_one_at_userinfo_are_refused() {
    let world = World::new().await;
    for (token, userinfo) in [
        (json!({"sub": "absent"}), json!({})),
        (json!({"sub": null}), json!({"sub": null})),
        (json!({}), json!({"sub": "somebody-else"})),
        (json!({}), json!({"sub": "absent"})),
    ] {
        let (mut browser, callback) = at_provider(&world).await;
        world.partner.claim_in_id_token(token.clone());
        world.partner.claim_in_userinfo(userinfo.clone());
        let refused = browser.get(&callback).await;
        assert!(refused.to().ends_with("/provider"), "{token} {userinfo}");
    }
    assert!(!world.audit().await.contains("provider.returned"));
}

#[tokio::test]
async fn a_provider_or_client_disabled_meanwhile_ends_the_login() {
    let world = World::new().await;
    let (mut browser, callback) = at_provider(&world).await;
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    let refused = browser.get(&callback).await;
    let page = browser.follow(refused).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        world.partner.token_requests().is_empty(),
        "its answer is not even looked at"
    );
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = true);

    let (mut browser, callback) = at_provider(&world).await;
    let identity = browser.get(&callback).await.to();
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    assert!(browser.get(&identity).await.to().ends_with("/provider"));
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = true);

    let (mut browser, callback) = at_provider(&world).await;
    let identity = browser.get(&callback).await;
    let consent = browser.follow(identity).await;
    let consent = browser.follow(consent).await;
    let fields = [("decision", "accept"), ("csrf", &consent.csrf(0))];
    let agreed = browser.post(&consent.action(0), &fields).await;
    world
        .directory
        .change_client("cantine", |client| client.active = false);
    let closed = browser.follow(agreed).await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
    assert!(closed.location.is_none());
}

#[tokio::test]
async fn no_step_is_skipped_by_asking_for_the_next_one() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let login = choice.action(0).trim_end_matches("/provider").to_owned();
    for page in ["/identity", "/consent", "/return"] {
        let answer = browser.get(&format!("{login}{page}")).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{page}");
        assert!(
            answer.body.contains("/provider\" id=\"way-back\""),
            "{}",
            answer.body
        );
    }
    let forced = browser
        .post(&format!("{login}/consent"), &[("decision", "accept")])
        .await;
    assert_eq!(forced.status, StatusCode::CONFLICT);
    let empty = browser.post(&format!("{login}/provider"), &[]).await;
    assert_eq!(empty.status, StatusCode::FORBIDDEN, "no token");
    assert_eq!(
        browser.get(&format!("{login}/provider")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_form_of_another_login_browser_or_purpose_is_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    let one = browser.start_and_follow("cantine", "scope=openid").await;
    let two = browser.start_and_follow("cantine", "scope=openid").await;
    for token in [two.csrf(0), one.csrf(1), String::new(), "A".repeat(43)] {
        let fields = [("provider", "citoyen"), ("csrf", token.as_str())];
        let answer = browser.post(&one.action(0), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let mut stripped = world.browser();
    let fields = [("provider", "citoyen"), ("csrf", &one.csrf(0))];
    let answer = stripped.post(&one.action(0), &fields).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "another browser, cookies stripped"
    );
}

#[tokio::test]
async fn a_login_sent_to_a_victim_cannot_go_on_in_their_browser() {
    let world = World::new().await;
    let mut attacker = world.browser();
    let choice = attacker.start_and_follow("cantine", "scope=openid").await;
    let mut victim = world.browser();
    victim.start("banque", "scope=openid").await;
    let page = victim.get(&choice.action(0)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.body.contains("https://cantine.example/"),
        "a way on: {}",
        page.body
    );
}

#[tokio::test]
async fn neither_a_state_nor_a_login_is_a_session() {
    let world = World::new().await;
    let (browser, callback) = at_provider(&world).await;
    let state = query(&callback)["state"].clone();
    let login = state.split('.').next().unwrap();
    let secret = state.split('.').nth(1).unwrap();
    for value in [state.as_str(), login, secret, &secret[..22]] {
        let mut thief = browser.clone();
        thief.set_cookie("hub-session", value);
        let answer = thief
            .start("cantine", "scope=openid&prompt=none")
            .await
            .at_service();
        assert_eq!(query(answer.as_str())["error"], "login_required");
    }
}

#[tokio::test]
async fn a_level_above_the_providers_right_is_not_believed() {
    let world = World::new().await;
    world.directory.change_provider("citoyen", |provider| {
        provider.levels = vec![Acr::Eidas1, Acr::Eidas2];
        provider.acr_map.insert("high".into(), Acr::Eidas3);
    });
    world.partner.claim_in_id_token(json!({"acr": "high"}));
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid&acr_values=eidas2")
        .await;
    let again = browser.sign_in("citoyen", &choice, &world.partner).await;
    assert_eq!(again.status, StatusCode::BAD_GATEWAY);
    assert!(world.audit().await.contains("id_token_acr"));
}

#[tokio::test]
async fn cookies_stripped_mid_way_are_told_with_a_way_on() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let page = world.browser().get(&choice.action(0)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.body.contains("cookies") && page.body.contains("https://cantine.example/"));
}

#[tokio::test]
async fn a_scanner_that_looks_at_an_address_spends_nothing() {
    let world = World::new().await;
    let (mut browser, callback) = at_provider(&world).await;
    assert_eq!(
        browser.head(&callback).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert!(browser.get(&callback).await.to().ends_with("/identity"));
}

#[tokio::test]
async fn a_fresh_sign_in_that_a_provider_does_not_vouch_for_is_not_believed() {
    let world = World::new().await;
    let now = world.now_seconds();
    for (claims, is_believed) in [
        (json!({}), true),
        (json!({"auth_time": "absent"}), false),
        (json!({"auth_time": now - 3600}), false),
    ] {
        world.partner.claim_in_id_token(claims.clone());
        let mut browser = world.browser();
        let choice = browser
            .start_and_follow("cantine", "scope=openid&prompt=login")
            .await;
        let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
        let next = browser.get(&callback).await.to();
        assert_eq!(next.ends_with("/identity"), is_believed, "{claims}: {next}");
    }
}

#[tokio::test]
async fn a_slow_answer_of_one_provider_does_not_undo_the_choice_of_another() {
    let world = World::new().await;
    world.hub.warm_up().await;
    let (mut browser, slow) = at_provider(&world).await;
    world.partner.behave(Manner::Hanging);
    let mut tab = browser.clone();
    let choosing = async {
        while world.partner.token_requests().is_empty() {
            tokio::task::yield_now().await;
        }
        let login = slow_login(&slow);
        let choice = tab.get(&format!("/login/{login}/provider")).await;
        tab.leave_for("postale", &choice, &world.partner).await
    };
    let (late, callback) = tokio::join!(browser.get(&slow), choosing);
    assert_eq!(late.status, StatusCode::CONFLICT, "{late:?}");
    world.partner.behave(Manner::Honest);
    let identity = browser.get(&callback).await;
    assert!(identity.to().ends_with("/identity"), "{identity:?}");
}

/// The login that a callback's state names.
fn slow_login(callback: &str) -> String {
    let state = crate::browser::query(callback)["state"].clone();
    state.split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn nobody_fills_the_audit_log_with_requests_that_are_refused() {
    let world = World::new().await;
    let mut browser = world.browser();
    for number in 0..50 {
        let unknown = format!("/authorize?client_id=nobody-{number}&response_type=code");
        let page = browser.get(&unknown).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    }
    let audit = world.audit().await;
    assert_eq!(audit.matches("error.shown").count(), 0, "{audit}");
    for number in 0..50 {
        let elsewhere = format!(
            "/authorize?client_id=cantine&response_type=code&redirect_uri=https%3A%2F%2Fevil-{number}.example%2F"
        );
        browser.get(&elsewhere).await;
    }
    let audit = world.audit().await;
    assert_eq!(audit.matches("error.shown").count(), 1, "{audit}");
}

#[tokio::test]
async fn a_page_of_a_login_that_is_asked_for_again_and_again_is_on_record_once_a_minute() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start("cantine", "scope=openid").await.to();
    let too_early = choice.replace("/provider", "/consent");
    for _ in 0..20 {
        let page = browser.get(&too_early).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.body);
    }
    let audit = world.audit().await;
    assert_eq!(audit.matches("error.shown").count(), 1, "{audit}");
    world.clock.pass(Duration::from_mins(1));
    browser.get(&too_early).await;
    let audit = world.audit().await;
    assert_eq!(audit.matches("error.shown").count(), 2, "{audit}");
    assert!(audit.contains("unrecorded_since_last"), "{audit}");
}
