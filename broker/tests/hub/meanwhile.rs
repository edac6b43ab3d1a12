//! A sign-out while something else happens in the same browser: whoever joins meanwhile is signed out too.

use http::StatusCode;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::logout::{pass_by, sign_out};
use crate::world::World;

const AGAIN: &str = "scope=openid%20profile&prompt=login";

/// Signed in at Cantine by Compte Citoyen in one tab; in another about to come back from Identité Postale, for
/// Banque: the address of the callback.
async fn two_tabs(world: &World) -> (Browser, Browser, String) {
    let mut browser = world.browser();
    browser.log_in(world, "cantine", "citoyen").await;
    let mut other_tab = browser.clone();
    let choice = other_tab.start_and_follow("banque", AGAIN).await;
    let callback = other_tab
        .leave_for("postale", &choice, &world.partner)
        .await;
    (browser, other_tab, callback)
}

/// Which services were told, in order of names, each once.
async fn told(world: &World, least: usize) -> Vec<String> {
    let notices = world.partner.notices(least).await;
    let mut told: Vec<String> = notices.into_iter().map(|notice| notice.0).collect();
    told.sort_unstable();
    told.dedup();
    told
}

/// Nobody is signed in at this browser.
async fn is_signed_out(world: &World, browser: &mut Browser) {
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    assert!(choice.body.contains("provider-citoyen"), "{}", choice.body);
    world.hub.finish().await;
}

#[tokio::test]
async fn a_service_that_joins_while_a_sign_out_is_under_way_is_signed_out_with_the_others() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let mut other_tab = browser.clone();
    let mut first_letter = world.outbox.hold_next();
    let leaving = tokio::spawn(async move { sign_out(&mut browser).await });
    first_letter.arrived().await;

    let consent = other_tab.start_and_follow("banque", "scope=openid").await;
    let back = other_tab.agree(&consent).await.at_service();
    let tokens = other_tab.redeem("banque", &back).await;
    let token = tokens["access_token"].as_str().unwrap();
    let served = other_tab.userinfo(token).await;
    assert_eq!(served.status, StatusCode::OK, "{}", served.body);

    first_letter.go_on();
    let left = leaving.await.unwrap();
    assert!(left.to().contains("/citoyen/session/end"), "{left:?}");
    assert_eq!(told(&world, 2).await, ["banque", "cantine"]);
    let dead = other_tab.userinfo(token).await;
    assert_eq!(dead.status, StatusCode::UNAUTHORIZED, "{}", dead.body);
    is_signed_out(&world, &mut other_tab).await;
}

#[tokio::test]
async fn a_second_provider_that_speaks_while_a_sign_out_is_under_way_is_passed_by_as_well() {
    let world = World::new().await;
    let (mut browser, mut other_tab, callback) = two_tabs(&world).await;
    let mut first_letter = world.outbox.hold_next();
    let leaving = tokio::spawn(async move { (sign_out(&mut browser).await, browser) });
    first_letter.arrived().await;

    let arrived = other_tab.get(&callback).await;
    let consent = other_tab.walk(arrived).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);

    first_letter.go_on();
    let (left, mut browser) = leaving.await.unwrap();
    let (passed, home) = pass_by(&mut browser, left).await;
    assert_eq!(passed, ["hub-at-citoyen", "hub-at-postale"]);
    home.at_service();
    assert_eq!(told(&world, 1).await, ["cantine"]);
    stopped(&other_tab.agree(&consent).await);
    is_signed_out(&world, &mut other_tab).await;
}

#[tokio::test]
async fn a_tab_that_has_not_heard_of_a_second_sign_in_signs_out_of_it() {
    let world = World::new().await;
    let (mut browser, mut other_tab, callback) = two_tabs(&world).await;
    let arrived = other_tab.get(&callback).await;
    let consent = other_tab.walk(arrived).await;
    let left = sign_out(&mut browser).await;
    let (passed, _) = pass_by(&mut browser, left).await;
    assert_eq!(passed, ["hub-at-citoyen", "hub-at-postale"]);
    stopped(&other_tab.agree(&consent).await);
    is_signed_out(&world, &mut other_tab).await;
}

#[tokio::test]
async fn a_sign_in_whose_session_is_signed_out_while_it_ends_signs_nobody_in() {
    for by_provider in [false, true] {
        let world = World::new().await;
        world
            .directory
            .change_provider("citoyen", |it| it.backchannel_logout = true);
        world.partner.claim_in_id_token(json!({"sid": "s-1"}));
        let (mut browser, mut other_tab, callback) = two_tabs(&world).await;
        let identity = other_tab.get(&callback).await.to();
        let mut new_session = world.sessions.hold_next();
        let arriving = tokio::spawn(async move { (other_tab.get(&identity).await, other_tab) });
        new_session.arrived().await;

        if by_provider {
            let token = world
                .partner
                .logout_token("citoyen", &json!({"sid": "s-1"}));
            let address = "/callback/citoyen/backchannel-logout";
            let mut provider = world.browser();
            let done = provider.post(address, &[("logout_token", &token)]).await;
            assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        } else {
            let left = sign_out(&mut browser).await;
            assert!(left.to().contains("/citoyen/session/end"), "{left:?}");
        }

        new_session.go_on();
        let (answer, mut other_tab) = arriving.await.unwrap();
        stopped(&answer);
        let audit = world.audit().await;
        assert!(audit.contains("\"by\":\"overtaken\""), "{audit}");
        assert_eq!(told(&world, 1).await, ["cantine"]);
        is_signed_out(&world, &mut other_tab).await;
    }
}

/// The page of a login whose session is over, with the way back to the service.
fn stopped(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    assert!(
        answer.body.contains("https://banque.example/"),
        "{}",
        answer.body
    );
}
