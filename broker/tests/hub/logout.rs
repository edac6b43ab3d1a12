//! Signing out: of the hub, of the other services, of the provider.

use guichet_broker::ProviderDirectory as _;
use http::StatusCode;

use crate::browser::{Answer, Browser, query};
use crate::world::World;

#[tokio::test]
async fn signing_out_ends_the_session_tells_the_others_and_passes_by_the_provider() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let consent = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    browser.agree(&consent).await.at_service();

    let asked = browser
        .get(
            "/session/end?client_id=cantine&state=s-9&post_logout_redirect_uri=\
        https%3A%2F%2Fcantine.example%2Fbye",
        )
        .await;
    assert!(
        asked.body.contains("id=\"confirm\""),
        "no proof, so the person is asked: {}",
        asked.body
    );
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    let left = browser.post(&asked.action(0), &fields).await.to();
    assert!(
        left.starts_with(&format!("{}/session/end", world.partner.issuer("citoyen"))),
        "{left}"
    );
    let sent = query(&left);
    assert!(sent.contains_key("id_token_hint"));
    assert_eq!(
        sent["post_logout_redirect_uri"],
        "http://localhost:8000/logout/callback"
    );
    assert!(browser.cookie("hub-session").is_none());

    // The one that asked is told as well: it may hold more than this browser's session.
    let notices = world.partner.notices(2).await;
    let mut told: Vec<&str> = notices.iter().map(|notice| notice.0.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["banque", "cantine"]);
    assert_eq!(notices[0].1.split('.').count(), 3, "a logout token");

    let wrong = browser.clone().get("/logout/callback?state=made-up").await;
    assert_eq!(wrong.status, StatusCode::OK);
    assert!(
        wrong.location.is_none(),
        "no redirect for a state we did not send"
    );
}

#[tokio::test]
async fn the_browser_goes_back_to_the_service_that_asked_and_to_no_other_place() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let asked = browser
        .get(
            "/session/end?client_id=cantine&state=s-9&post_logout_redirect_uri=\
        https%3A%2F%2Fcantine.example%2Fbye",
        )
        .await;
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    let left = browser.post(&asked.action(0), &fields).await.to();
    let back = format!("/logout/callback?state={}", query(&left)["state"]);
    let service = browser.get(&back).await.at_service();
    assert_eq!(service.as_str(), "https://cantine.example/bye?state=s-9#");
    let again = browser.get(&back).await;
    assert!(again.location.is_none(), "once");
}

/// Presses the button of the question, on the way back to the service; where that leads first.
pub(crate) async fn sign_out(browser: &mut Browser) -> Answer {
    let asked = browser
        .get(
            "/session/end?client_id=cantine&state=s-9&post_logout_redirect_uri=\
        https%3A%2F%2Fcantine.example%2Fbye",
        )
        .await;
    let fields = [("decision", "accept"), ("csrf", &*asked.csrf(0))];
    browser.post(&asked.action(0), &fields).await
}

/// Signed in with both providers, as one service asks.
async fn signed_in_with_both(world: &World) -> Browser {
    let mut browser = world.browser();
    let two = "scope=openid%20profile&acr_values=eidas1-corroborated";
    let choice = browser.start_and_follow("cantine", two).await;
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    browser.agree(&consent).await.at_service();
    browser
}

#[tokio::test]
async fn a_sign_out_passes_by_both_providers_that_vouched_and_then_goes_back() {
    let world = World::new().await;
    // Whichever of the two the session goes by.
    for acr in ["eidas1", "eidas2"] {
        world
            .partner
            .claim_in_id_token(serde_json::json!({"acr": acr}));
        let mut browser = signed_in_with_both(&world).await;
        let left = sign_out(&mut browser).await;
        let (passed, home) = pass_by(&mut browser, left).await;
        assert_eq!(passed, ["hub-at-citoyen", "hub-at-postale"]);
        let service = home.at_service();
        assert_eq!(service.as_str(), "https://cantine.example/bye?state=s-9#");
    }
}

/// Goes from provider to provider, to each once: who the hub is at each of them, in order of names, and where
/// that ends.
pub(crate) async fn pass_by(browser: &mut Browser, mut left: Answer) -> (Vec<String>, Answer) {
    let mut passed = Vec::new();
    while left.to().contains("/session/end") {
        let sent = query(&left.to());
        assert!(sent.contains_key("id_token_hint"));
        passed.push(sent["client_id"].clone());
        let back = format!("/logout/callback?state={}", sent["state"]);
        left = browser.get(&back).await;
        let again = browser.clone().get(&back).await;
        assert!(again.location.is_none(), "once");
    }
    passed.sort_unstable();
    (passed, left)
}

#[tokio::test]
async fn a_provider_that_is_down_at_the_sign_out_is_named_and_the_other_is_reached() {
    let world = World::new().await;
    for down in ["citoyen", "postale"] {
        let mut browser = signed_in_with_both(&world).await;
        let nowhere = "http://127.0.0.1:9/status".parse().ok();
        world
            .directory
            .change_provider(down, |it| it.status_uri = nowhere);
        let left = sign_out(&mut browser).await;
        let sent = query(&left.to());
        assert_ne!(sent["client_id"], format!("hub-at-{down}"));
        let back = format!("/logout/callback?state={}", sent["state"]);
        let told = browser.get(&back).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        let name = world.directory.provider(down).unwrap().name.clone();
        assert!(told.body.contains(&format!("chez {name}")), "{}", told.body);
        assert!(
            told.body.contains("https://cantine.example/bye?state=s-9"),
            "the way back: {}",
            told.body
        );
        assert!(browser.cookie("hub-session").is_none());
        world
            .directory
            .change_provider(down, |it| it.status_uri = None);
    }
}

#[tokio::test]
async fn a_link_from_anywhere_signs_nobody_out() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let asked = browser.get("/session/end").await;
    assert!(asked.body.contains("id=\"confirm\""));
    let forged = browser
        .post("/logout", &[("decision", "accept"), ("csrf", "AAAA")])
        .await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let stay = [("decision", "refuse"), ("csrf", &asked.csrf(0))];
    assert_eq!(browser.post("/logout", &stay).await.status, StatusCode::OK);
    let still = browser.start_and_follow("banque", "scope=openid").await;
    assert!(still.body.contains("id=\"accept\""), "{}", still.body);
}

#[tokio::test]
async fn signing_out_in_one_tab_stops_the_login_of_another() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let consent = browser.start_and_follow("banque", "scope=openid").await;
    let asked = browser.get("/session/end").await;
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    browser.post("/logout", &fields).await;
    let stopped = browser.agree(&consent).await;
    assert_eq!(stopped.status, StatusCode::FORBIDDEN);
    world.hub.finish().await;
}

#[tokio::test]
async fn a_consent_of_a_session_that_ended_is_none_in_the_next_one() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let consent = browser.start_and_follow("banque", "scope=openid").await;
    let asked = browser.get("/session/end").await;
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    browser.post("/logout", &fields).await;
    // The same person, in a session of its own.
    browser.log_in(&world, "cantine", "citoyen").await;
    let stopped = browser.agree(&consent).await;
    assert_eq!(stopped.status, StatusCode::FORBIDDEN, "{}", stopped.body);
    world.hub.finish().await;
}

#[tokio::test]
async fn a_service_that_proves_it_is_of_this_session_signs_out_at_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let hint = browser.redeem("cantine", &back).await["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    // A later session of the same person gave that service another `sid`.
    let mut elsewhere = world.browser();
    elsewhere.log_in(&world, "cantine", "citoyen").await;
    let asked = elsewhere
        .get(&format!("/session/end?id_token_hint={hint}"))
        .await;
    assert!(asked.body.contains("id=\"confirm\""), "{}", asked.body);
    let left = browser
        .get(&format!("/session/end?id_token_hint={hint}"))
        .await;
    assert!(left.to().contains("/citoyen/session/end"), "{left:?}");
    assert!(world.audit().await.contains("session.ended"));
}

#[tokio::test]
async fn signing_out_ends_also_what_the_session_continued() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "banque", "citoyen").await;
    let token = browser.redeem("banque", &back).await["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let choice = browser
        .start_and_follow("cantine", "scope=openid&prompt=login")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let served = browser.userinfo(&token).await;
    assert_eq!(served.status, StatusCode::OK, "{}", served.body);
    let asked = browser.get("/session/end").await;
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    browser.post("/logout", &fields).await;
    assert_eq!(
        browser.userinfo(&token).await.status,
        StatusCode::UNAUTHORIZED
    );
    let mut told: Vec<String> = world
        .partner
        .notices(2)
        .await
        .into_iter()
        .map(|it| it.0)
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["banque", "cantine"]);
}

#[tokio::test]
async fn a_session_does_not_end_before_the_services_letters_are_safe() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let tokens = browser.redeem("cantine", &back).await;
    let token = tokens["access_token"].as_str().unwrap();
    let asked = browser.get("/session/end").await;
    let fields = [("decision", "accept"), ("csrf", &asked.csrf(0))];
    world.outbox.set_broken(true);
    let fault = browser.post("/logout", &fields).await;
    assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(browser.userinfo(token).await.status, StatusCode::OK);
    world.outbox.set_broken(false);
    let again = browser.post("/logout", &fields).await;
    assert!(again.to().contains("/citoyen/session/end"), "{again:?}");
    assert_eq!(
        browser.userinfo(token).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(world.partner.notices(1).await[0].0, "cantine");
}

#[tokio::test]
async fn a_sign_out_that_a_service_posts_finds_the_session() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let tokens = browser.redeem("cantine", &back).await;
    let hint = tokens["id_token"].as_str().unwrap();
    // From another site, a `SameSite=Lax` cookie does not come along.
    let mut without_cookies = world.browser();
    let posted = without_cookies
        .post("/session/end", &[("id_token_hint", hint)])
        .await;
    let left = browser.follow(posted).await;
    assert!(left.to().contains("/citoyen/session/end"), "{left:?}");
}
