//! Who may change the ways in: whoever just signed in, by no weaker a way and by no newer one.

use std::time::Duration;

use guichet_broker::{Chosen, Doubt, WayChange};
use guichet_domain::Acr;
use http::StatusCode;
use serde_json::json;

use super::{NEW_FOR, alerts, arriving, change, known_by, others, provider, with_account};

/// Every change that locks somebody out, hides something from them, or turns it elsewhere.
fn dangerous(closed: &str) -> [WayChange; 6] {
    let handle = || "x".to_owned();
    [
        provider(closed, false),
        others(false),
        alerts(false),
        WayChange::ForgetAddress,
        WayChange::Alias {
            handle: handle(),
            open: false,
        },
        WayChange::ForgetDevice { handle: handle() },
    ]
}

#[tokio::test]
async fn a_browser_that_was_left_open_changes_no_way_in_until_its_person_signs_in_again() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    world.clock.pass(Duration::from_mins(6));
    let again = Chosen::Doubted(Doubt::SignInAgain { level: Acr::Eidas1 });
    for change in &dangerous("postale") {
        let refused = world.hub.change_ways(&browser.headers(), change).await;
        assert_eq!(refused.unwrap(), Some(again), "{change:?}");
    }
    assert!(!world.audit().await.contains("ways.changed"));
    let (_, page) = arriving(&world, "postale").await;
    assert_eq!(page.status, StatusCode::OK, "it is open: {}", page.body);
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile&prompt=login")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let closing = provider("postale", false);
    assert_eq!(
        change(&world, &browser, &closing).await,
        Some(Chosen::Changed)
    );
}

#[tokio::test]
async fn whoever_holds_the_weakest_way_closes_no_other() {
    let world = with_account().await;
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    known_by(&world, "citoyen").await;
    world.partner.claim_in_id_token(json!({"acr": "eidas1"}));
    known_by(&world, "postale").await;
    world.clock.pass(NEW_FOR);
    let mut thief = world.browser();
    thief.log_in(&world, "cantine", "postale").await;
    let again = Chosen::Doubted(Doubt::SignInAgain { level: Acr::Eidas2 });
    for change in &dangerous("citoyen") {
        let refused = world.hub.change_ways(&thief.headers(), change).await;
        assert_eq!(refused.unwrap(), Some(again), "{change:?}");
    }
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let mut owner = world.browser();
    owner.log_in(&world, "cantine", "citoyen").await;
    let closing = provider("postale", false);
    assert_eq!(
        change(&world, &owner, &closing).await,
        Some(Chosen::Changed)
    );
}

#[tokio::test]
async fn a_provider_that_just_began_to_speak_for_somebody_closes_none_that_did_before() {
    let world = with_account().await;
    known_by(&world, "citoyen").await;
    let mut thief = world.browser();
    thief.log_in(&world, "cantine", "postale").await;
    for change in &dangerous("citoyen") {
        let refused = world.hub.change_ways(&thief.headers(), change).await;
        let refused = refused.unwrap();
        assert!(
            matches!(refused, Some(Chosen::Doubted(Doubt::TooNew { .. }))),
            "{change:?}: {refused:?}"
        );
    }
    let (_, page) = arriving(&world, "citoyen").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    world.clock.pass(NEW_FOR);
    thief.log_in(&world, "cantine", "postale").await;
    let closing = provider("citoyen", false);
    let later = change(&world, &thief, &closing).await;
    assert_eq!(later, Some(Chosen::Changed), "it is one of theirs by then");
}
