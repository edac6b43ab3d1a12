//! A step taken twice, or by many at once: by the back button, in two tabs, by a second click.

use std::time::Duration;

use http::StatusCode;

use crate::browser::query;
use crate::world::World;

#[tokio::test]
async fn the_back_button_and_two_tabs_end_well() {
    let world = World::new().await;
    let mut browser = world.browser();
    let one = browser.start_and_follow("cantine", "scope=openid").await;
    let two = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    let gone = browser.leave_for("citoyen", &one, &world.partner).await;
    // Back from the provider: the list is there, and another choice counts.
    let list = browser.get(&one.action(0)).await;
    assert_eq!(list.status, StatusCode::OK);
    let consent = browser.sign_in("postale", &list, &world.partner).await;
    // The first choice is dead.
    let stale = browser.get(&gone).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.body.contains("/consent\" id=\"way-back\""),
        "{}",
        stale.body
    );
    // Back from the consent page: a way on, to it.
    let past = browser.get(&one.action(0)).await;
    assert_eq!(past.status, StatusCode::CONFLICT);
    // The other tab goes its way.
    let other = browser.sign_in("citoyen", &two, &world.partner).await;
    assert!(
        browser
            .agree(&consent)
            .await
            .at_service()
            .as_str()
            .starts_with("https://cantine")
    );
    assert!(
        browser
            .agree(&other)
            .await
            .at_service()
            .as_str()
            .starts_with("https://banque")
    );
}

#[tokio::test]
async fn a_second_click_on_accept_changes_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let fields = [("decision", "accept"), ("csrf", &consent.csrf(0))];
    let first = browser.post(&consent.action(0), &fields).await;
    let second = browser.post(&consent.action(0), &fields).await;
    assert_eq!(first.to(), second.to());
    assert!(
        browser
            .get(&second.to())
            .await
            .at_service()
            .query()
            .unwrap()
            .contains("code=")
    );
    let gone = browser.get(&second.to()).await;
    assert_eq!(gone.status, StatusCode::GONE);
}

#[tokio::test]
async fn of_two_words_at_once_one_counts_and_only_that_one_is_on_record() {
    let world = World::new().await;
    for _ in 0..8 {
        let mut browser = world.browser();
        let choice = browser.start_and_follow("banque", "scope=openid").await;
        let consent = browser.sign_in("postale", &choice, &world.partner).await;
        let before = world.audit().await;
        let (action, csrf) = (consent.action(0), consent.csrf(0));
        let (yes, no) = (
            [("decision", "accept"), ("csrf", &*csrf)],
            [("decision", "refuse"), ("csrf", &*csrf)],
        );
        let (mut one, mut other) = (browser.clone(), browser.clone());
        let answers = tokio::join!(one.post(&action, &yes), other.post(&action, &no));
        let after = world.audit().await;
        let new = |kind: &str| after.matches(kind).count() - before.matches(kind).count();
        let was_refused = answers
            .1
            .location
            .is_some_and(|to| to.contains("access_denied"));
        assert_eq!(new("consent.refused"), usize::from(was_refused));
        assert_eq!(new("consent.given"), usize::from(!was_refused));
    }
}

#[tokio::test]
async fn two_clicks_at_once_on_accept_end_at_the_service() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let (action, csrf) = (consent.action(0), consent.csrf(0));
    let yes = [("decision", "accept"), ("csrf", &*csrf)];
    let (mut one, mut other) = (browser.clone(), browser.clone());
    let (one, other) = tokio::join!(one.post(&action, &yes), other.post(&action, &yes));
    for answer in [&one, &other] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    }
    let mut at = browser.follow(other).await;
    while at.to().starts_with('/') {
        at = browser.follow(at).await;
    }
    assert!(query(&at.to()).contains_key("code"), "{at:?}");
}

#[tokio::test]
async fn a_consent_that_could_not_be_recorded_can_be_given_again() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let fields = [("decision", "accept"), ("csrf", &*consent.csrf(0))];
    world.consents.set_broken(true);
    let fault = browser.post(&consent.action(0), &fields).await;
    assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
    let path = consent.action(0).replace("/consent", "/return");
    let no_code = browser.get(&path).await;
    assert_eq!(no_code.status, StatusCode::CONFLICT, "{no_code:?}");
    world.consents.set_broken(false);
    let mut at = browser.agree(&consent).await;
    while at.to().starts_with('/') {
        at = browser.follow(at).await;
    }
    assert!(query(&at.to()).contains_key("code"), "{at:?}");
}

#[tokio::test]
async fn however_many_wait_a_provider_that_hangs_is_asked_once_and_all_are_told() {
    let world = World::new().await;
    world.partner.hang_with_metadata();
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut browser = world.browser();
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        waiting.push(async move {
            let fields = [("provider", "citoyen"), ("csrf", &*choice.csrf(0))];
            let back = browser.post(&choice.action(0), &fields).await;
            browser.follow(back).await.status
        });
    }
    let all = futures_util::future::join_all(waiting);
    let within = Duration::from_millis(1200);
    let told = tokio::time::timeout(within, all).await.unwrap();
    assert_eq!(told, [StatusCode::GATEWAY_TIMEOUT; 5]);
    assert_eq!(world.partner.metadata_requests(), 1);
}
