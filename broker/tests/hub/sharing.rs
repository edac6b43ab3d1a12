//! Whom a session answers, on which device, under which code; and its person's list of sessions.

use std::time::Duration;

use guichet_broker::SessionEnded;
use guichet_domain::SessionSharing;
use http::StatusCode;
use serde_json::json;

use crate::browser::{Answer, Browser, query};
use crate::world::World;

/// Whether the next request of a service is answered from the session.
async fn is_known(browser: &mut Browser, client: &str) -> bool {
    let page = browser
        .start_and_follow(client, "scope=openid%20profile")
        .await;
    page.body.contains("id=\"accept\"")
}

async fn end(world: &World, browser: &Browser, handle: &str) -> SessionEnded {
    let headers = browser.headers();
    world.hub.end_open_session(&headers, handle).await.unwrap()
}

fn code_on(page: &Answer) -> String {
    let code = page.body.split("id=\"browsing-code\">").nth(1);
    let code = code.unwrap_or_else(|| panic!("no code: {}", page.body));
    code.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_service_that_shares_with_nobody_neither_borrows_nor_lends() {
    let world = World::new().await;
    let rule = |client: &str, sso| world.directory.change_client(client, |it| it.sso = sso);
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    rule("banque", SessionSharing::Never);
    assert!(!is_known(&mut browser, "banque").await);
    assert!(is_known(&mut browser, "cantine").await);
    // The bank's own sign-in is no way into the canteen, nor back into the bank.
    let mut other = world.browser();
    other.log_in(&world, "banque", "citoyen").await;
    assert!(!is_known(&mut other, "cantine").await);
    assert!(!is_known(&mut other, "banque").await);
}

#[tokio::test]
async fn a_service_that_shares_with_its_own_sector_shares_with_no_other() {
    let world = World::new().await;
    let own = SessionSharing::OwnSector;
    world.directory.change_client("banque", |it| it.sso = own);
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    assert!(!is_known(&mut browser, "banque").await);
    world.directory.change_client("banque", |it| {
        it.sector = "cantine.example".parse().unwrap();
    });
    assert!(is_known(&mut browser, "banque").await);
}

#[tokio::test]
async fn a_session_of_a_provider_that_was_disabled_or_that_the_service_excludes_answers_nobody() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    world.directory.change_client("banque", |client| {
        client.providers = Some(vec!["postale".parse().unwrap()]);
    });
    assert!(!is_known(&mut browser, "banque").await, "scenario 50");
    assert!(is_known(&mut browser, "cantine").await);
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    assert!(!is_known(&mut browser, "cantine").await, "N-08");
    let silent = "scope=openid%20profile&prompt=none";
    let silent = browser.start("cantine", silent).await.at_service();
    assert_eq!(query(silent.as_str())["error"], "login_required");
}

#[tokio::test]
async fn a_device_that_is_not_ones_own_keeps_no_sign_in_for_the_next_service_or_the_next_person() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile")
        .await;
    let fields = [
        ("provider", "citoyen"),
        ("shared_device", "yes"),
        ("csrf", &choice.csrf(0)),
    ];
    let left = browser.post(&choice.action(0), &fields).await.to();
    assert_eq!(
        query(&left)["prompt"],
        "login",
        "whoever was there before is not taken for me"
    );
    assert_eq!(browser.cookie("hub-shared_device"), Some("1"));
    let callback = crate::browser::come_back(&left, "citoyen", &world.partner);
    let identity = browser.get(&callback).await;
    let consent = browser.follow(identity).await;
    let consent = browser.follow(consent).await;
    let back = browser.agree(&consent).await.at_service();
    let tokens = browser.redeem("cantine", &back).await;
    assert!(!is_known(&mut browser, "banque").await);
    assert!(!is_known(&mut browser, "cantine").await);
    let account = world.hub.signed_in(&browser.headers()).await;
    assert_eq!(account.unwrap(), None, "nor is the account open");
    // Signing out still reaches the service's tokens and the provider.
    let hint = tokens["id_token"].as_str().unwrap();
    let left = browser
        .get(&format!("/session/end?id_token_hint={hint}"))
        .await;
    assert!(left.to().contains("/citoyen/session/end"), "{left:?}");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        browser.userinfo(token).await.status,
        StatusCode::UNAUTHORIZED
    );
    // Whoever says that it is theirs after all is believed.
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let fields = [("provider", "citoyen"), ("csrf", &choice.csrf(0))];
    browser.post(&choice.action(0), &fields).await;
    assert_eq!(browser.cookie("hub-shared_device"), None);
}

#[tokio::test]
async fn one_visit_has_one_code_that_the_citizen_reads_and_the_audit_log_knows() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    let code = code_on(&consent);
    assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4]);
    browser.agree(&consent).await.at_service();
    // Over single sign-on, over a fresh sign-in, and on a page of an error.
    let again = browser.start_and_follow("banque", "scope=openid").await;
    assert_eq!(code_on(&again), code);
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    let anew = browser.sign_in("citoyen", &choice, &world.partner).await;
    assert_eq!(code_on(&anew), code);
    let early = browser.get(&choice.action(0)).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert_eq!(code_on(&early), code);
    let audit = world.audit().await;
    let known = audit.lines().filter(|line| line.contains(&code)).count();
    assert!(known > 8, "{known}: {audit}");
    // Another person, another code; and another browser, another.
    let ange = json!({"family_name": "CASANOVA", "given_name": "Ange"});
    world.partner.claim_in_userinfo(ange);
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    let other = browser.sign_in("postale", &choice, &world.partner).await;
    assert_ne!(code_on(&other), code);
    world.partner.claim_in_userinfo(json!({}));
    let mut elsewhere = world.browser();
    let choice = elsewhere.start_and_follow("cantine", "scope=openid").await;
    let same_person = elsewhere.sign_in("citoyen", &choice, &world.partner).await;
    assert_ne!(code_on(&same_person), code);
}

#[tokio::test]
async fn a_person_sees_and_ends_their_own_sessions_and_nobody_elses() {
    let world = World::new().await;
    let (mut here, mut there) = (world.browser(), world.browser());
    here.log_in(&world, "cantine", "postale").await;
    let back = there.log_in(&world, "banque", "postale").await;
    let token = there.redeem("banque", &back).await["access_token"].clone();
    let ange = json!({"family_name": "CASANOVA", "given_name": "Ange"});
    world.partner.claim_in_userinfo(ange);
    let mut stranger = world.browser();
    stranger.log_in(&world, "cantine", "postale").await;

    let mine = world.hub.open_sessions(&here.headers()).await.unwrap();
    let (_, mine) = mine.unwrap();
    assert_eq!(mine.len(), 2);
    assert!(mine[0].is_here && !mine[1].is_here);
    assert_eq!(mine[0].services, ["Cantine"]);
    assert_eq!(mine[1].services, ["Banque"]);
    let theirs = world.hub.open_sessions(&stranger.headers()).await.unwrap();
    let (_, theirs) = theirs.unwrap();
    assert_eq!(theirs.len(), 1, "N-67");
    let nobody = world.hub.open_sessions(&world.browser().headers()).await;
    assert!(nobody.unwrap().is_none());

    // The name of one's session on the page opens nothing, and ends nobody else's.
    let mut thief = world.browser();
    thief.set_cookie("hub-session", &mine[1].handle);
    assert!(!is_known(&mut thief, "banque").await);
    let ended = end(&world, &stranger, &mine[1].handle).await;
    assert!(matches!(ended, SessionEnded::Gone));
    assert!(is_known(&mut there, "banque").await);

    let ended = end(&world, &here, &mine[1].handle).await;
    assert!(matches!(ended, SessionEnded::Elsewhere));
    let dead = there.userinfo(token.as_str().unwrap()).await;
    assert_eq!(dead.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.partner.notices(1).await[0].0, "banque");
    assert!(!is_known(&mut there, "banque").await);
    let ended = end(&world, &here, &mine[0].handle).await;
    assert!(matches!(ended, SessionEnded::Here(_)));
    assert!(
        world
            .hub
            .open_sessions(&here.headers())
            .await
            .unwrap()
            .is_none()
    );
    assert!(world.audit().await.contains("\"by\":\"account\""));
}

#[tokio::test]
async fn one_person_has_so_many_sessions_and_the_earliest_gives_way() {
    let world = World::new().await;
    let mut first = world.browser();
    first.log_in(&world, "cantine", "postale").await;
    for _ in 0..64 {
        world.clock.pass(Duration::from_secs(1));
        world.browser().log_in(&world, "cantine", "postale").await;
    }
    // Which is done in the background.
    world.partner.notices(1).await;
    assert!(!is_known(&mut first, "cantine").await, "N-82");
    world.hub.finish().await;
    assert!(world.audit().await.contains("\"by\":\"too_many\""));
}

#[tokio::test]
async fn a_service_keeps_the_identity_it_was_given_when_somebody_else_signs_in_elsewhere() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile")
        .await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let back = browser.agree(&consent).await.at_service();
    let tokens = browser.redeem("cantine", &back).await;
    let ange = json!({"family_name": "CASANOVA", "given_name": "Ange"});
    world.partner.claim_in_userinfo(ange);
    let mut other = world.browser();
    let back = other.log_in(&world, "cantine", "postale").await;
    let others = other.redeem("cantine", &back).await;
    let told = async |tokens: &serde_json::Value| {
        let answer = browser
            .userinfo(tokens["access_token"].as_str().unwrap())
            .await;
        answer.body
    };
    assert!(told(&tokens).await.contains("MARTIN"));
    assert!(told(&others).await.contains("CASANOVA"));
}

#[tokio::test]
async fn a_session_that_is_gone_or_made_up_leads_to_a_fresh_sign_in_at_the_door_and_a_way_on_inside()
 {
    let world = World::new().await;
    for cookie in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", &"A".repeat(200)] {
        let mut browser = world.browser();
        browser.set_cookie("hub-session", cookie);
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        assert!(choice.body.contains("provider-citoyen"), "{cookie:.30}");
    }
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.set_cookie("hub-session", "AAAAAAAAAAAAAAAAAAAAAA");
    let stopped = browser.agree(&consent).await;
    assert_eq!(stopped.status, StatusCode::FORBIDDEN);
    assert!(stopped.body.contains("id=\"way-back\""), "{}", stopped.body);
}
