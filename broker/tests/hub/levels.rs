//! Levels: what a service asks for is what it gets, or an honest no.

use guichet_domain::Acr;
use guichet_domain::provider::UnmappedAcr;
use http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, claims_of, query};
use crate::world::World;

async fn acr_told(browser: &Browser, client: &str, back: &url::Url) -> serde_json::Value {
    let tokens = browser.redeem(client, back).await;
    claims_of(tokens["id_token"].as_str().unwrap())["acr"].clone()
}

/// The choice page of a request for this level.
async fn choice(browser: &mut Browser, client: &str, level: &str) -> crate::browser::Answer {
    let asked = format!("scope=openid%20profile&acr_values={level}");
    browser.start_and_follow(client, &asked).await
}

#[tokio::test]
async fn of_several_levels_the_lowest_known_is_asked_for_and_what_was_reached_is_told() {
    let world = World::new().await;
    let mut browser = world.browser();
    world.directory.change_provider("citoyen", |provider| {
        provider.levels = Acr::ALL.to_vec();
        provider.acr_map.insert("eidas3".into(), Acr::Eidas3);
    });
    let page = choice(&mut browser, "cantine", "eidas3%20eidas2").await;
    assert!(page.body.contains("connexion renforcée"), "{}", page.body);
    let fields = [("provider", "citoyen"), ("csrf", &page.csrf(0))];
    let left = browser.post(&page.action(0), &fields).await.to();
    assert_eq!(query(&left)["acr_values"], "eidas2 eidas3");
    world.partner.claim_in_id_token(json!({"acr": "eidas3"}));
    let callback = crate::browser::come_back(&left, "citoyen", &world.partner);
    let identity = browser.get(&callback).await;
    let consent = browser.follow(identity).await;
    let consent = browser.follow(consent).await;
    let back = browser.agree(&consent).await.at_service();
    assert_eq!(acr_told(&browser, "cantine", &back).await, "eidas3");
}

#[tokio::test]
async fn a_provider_that_has_only_a_higher_level_is_asked_for_that() {
    let world = World::new().await;
    let mut browser = world.browser();
    world.directory.change_provider("citoyen", |provider| {
        provider.levels = vec![Acr::Eidas3];
        provider.acr_map = [("eidas3".to_owned(), Acr::Eidas3)].into();
    });
    let page = choice(&mut browser, "cantine", "eidas2").await;
    let fields = [("provider", "citoyen"), ("csrf", &page.csrf(0))];
    let left = browser.post(&page.action(0), &fields).await.to();
    assert_eq!(query(&left)["acr_values"], "eidas3");
}

#[tokio::test]
async fn a_level_below_unknown_to_a_strict_record_or_beyond_its_right_sends_nothing_to_the_service()
{
    let world = World::new().await;
    for (acr, status, audited) in [
        ("eidas1", StatusCode::FORBIDDEN, "level_too_low"),
        ("gold", StatusCode::BAD_GATEWAY, "level_unmapped"),
        ("eidas3", StatusCode::BAD_GATEWAY, "id_token_acr"),
    ] {
        let strict = UnmappedAcr::Refuse;
        world
            .directory
            .change_provider("citoyen", |provider| provider.unmapped_acr = strict);
        world.partner.claim_in_id_token(json!({"acr": acr}));
        let mut browser = world.browser();
        let page = choice(&mut browser, "cantine", "eidas2").await;
        let again = browser.sign_in("citoyen", &page, &world.partner).await;
        assert_eq!(again.status, status, "{acr}");
        assert!(again.body.contains("id=\"provider-postale\""), "a way on");
        assert!(world.audit().await.contains(audited), "{acr}");
    }
}

#[tokio::test]
async fn a_session_that_is_too_weak_is_stepped_up_by_the_same_person_at_the_same_provider() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let page = choice(&mut browser, "banque", "eidas2").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("déjà connecté avec Compte Citoyen"),
        "{}",
        page.body
    );
    let fields = [("provider", "citoyen"), ("csrf", &page.csrf(0))];
    let left = browser.post(&page.action(0), &fields).await.to();
    let asked = query(&left);
    assert_eq!(asked["acr_values"], "eidas2");
    assert!(
        !asked.contains_key("prompt"),
        "only what is missing is asked for: {left}"
    );
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let before = browser.cookie("hub-session").unwrap().to_owned();
    let callback = crate::browser::come_back(&left, "citoyen", &world.partner);
    let identity = browser.get(&callback).await;
    let consent = browser.follow(identity).await;
    let consent = browser.follow(consent).await;
    assert_ne!(before, browser.cookie("hub-session").unwrap(), "N-51");
    let back = browser.agree(&consent).await.at_service();
    assert_eq!(acr_told(&browser, "banque", &back).await, "eidas2");
    // And what it reached serves the next one.
    let consent = choice(&mut browser, "cantine", "eidas2").await;
    assert!(consent.body.contains("id=\"accept\""), "{}", consent.body);
}

#[tokio::test]
async fn whoever_steps_up_as_somebody_else_is_told_and_the_session_stays() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let token = tokens["access_token"].as_str().unwrap();
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let ange = json!({"family_name": "CASANOVA", "given_name": "Ange"});
    world.partner.claim_in_userinfo(ange);
    let page = choice(&mut browser, "banque", "eidas2").await;
    let told = browser.sign_in("postale", &page, &world.partner).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(told.body.contains("votre session ouverte"), "{}", told.body);
    assert!(world.audit().await.contains("somebody_else"));
    assert_eq!(browser.userinfo(token).await.status, StatusCode::OK);
    // Whoever signs in again means it.
    let consent = browser.sign_in("postale", &told, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    assert_eq!(
        browser.userinfo(token).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_high_sign_in_is_lent_as_substantial_and_a_high_request_signs_in_each_time() {
    let world = World::new().await;
    world.directory.change_provider("citoyen", |provider| {
        provider.levels = Acr::ALL.to_vec();
        provider.acr_map.insert("eidas3".into(), Acr::Eidas3);
    });
    world.partner.claim_in_id_token(json!({"acr": "eidas3"}));
    let mut browser = world.browser();
    let page = choice(&mut browser, "cantine", "eidas3").await;
    let consent = browser.sign_in("citoyen", &page, &world.partner).await;
    let back = browser.agree(&consent).await.at_service();
    assert_eq!(acr_told(&browser, "cantine", &back).await, "eidas3");
    let consent = choice(&mut browser, "banque", "eidas2").await;
    assert!(consent.body.contains("renforcé"), "{}", consent.body);
    let back = browser.agree(&consent).await.at_service();
    assert_eq!(acr_told(&browser, "banque", &back).await, "eidas2");
    let page = choice(&mut browser, "cantine", "eidas3").await;
    let fields = [("provider", "citoyen"), ("csrf", &page.csrf(0))];
    let left = browser.post(&page.action(0), &fields).await.to();
    assert_eq!(
        query(&left)["prompt"],
        "login",
        "not by a session there either"
    );
    let silent = browser
        .start("cantine", "scope=openid&acr_values=eidas3&prompt=none")
        .await
        .at_service();
    assert_eq!(query(silent.as_str())["error"], "login_required");
}

#[tokio::test]
async fn the_least_a_service_accepts_holds_whatever_its_request_names() {
    let world = World::new().await;
    let two = Some(Acr::Eidas2.into());
    world
        .directory
        .change_client("banque", |client| client.minimum_acr = two);
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let page = choice(&mut browser, "banque", "eidas1").await;
    assert!(page.body.contains("connexion renforcée"), "{}", page.body);
    let again = browser.sign_in("citoyen", &page, &world.partner).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_suspicious_context_raises_the_floor_also_under_single_sign_on() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let weak = |provider: &mut guichet_domain::Provider| provider.levels = vec![Acr::Eidas1];
    world.directory.change_provider("postale", weak);
    browser.vouch(Some(("x-suspicious", "1")));
    let page = choice(&mut browser, "banque", "eidas1").await;
    assert!(page.body.contains("connexion renforcée"), "{}", page.body);
    assert!(page.body.contains("Pas assez protégé"), "{}", page.body);
    let again = browser.sign_in("citoyen", &page, &world.partner).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    // What was suspicious at the door stays so within.
    browser.vouch(None);
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let consent = browser.sign_in("citoyen", &again, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    assert!(world.audit().await.contains("\"floor\":\"eidas2\""));
}
