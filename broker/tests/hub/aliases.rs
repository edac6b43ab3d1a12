//! Addresses that stand for a citizen's own: one for each service, shown before it is sent, cut at any moment
//! (threat N-213).

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::browser::{Answer, Browser};
use crate::world::World;

const MAIL: &str = "scope=openid%20email";
const OWN: &str = "camille@example.org";

async fn lending() -> World {
    World::with(|settings| {
        settings.alias_domain = Some("relay.example".to_owned());
    })
    .await
}

async fn at_consent(world: &World, client: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow(client, MAIL).await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    (browser, consent)
}

async fn say(browser: &mut Browser, consent: &Answer, decision: &str) -> Answer {
    let fields = [("decision", decision), ("csrf", &*consent.csrf(0))];
    let said = browser.post(&consent.action(0), &fields).await;
    browser.follow(said).await
}

/// What the service is told once the page is agreed to.
async fn told(browser: &mut Browser, client: &str, consent: &Answer) -> Value {
    let back = browser.agree(consent).await.at_service();
    let tokens = browser.redeem(client, &back).await;
    let claims = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    serde_json::from_str(&claims.body).unwrap()
}

/// The alias that a citizen chooses for a service.
async fn chosen(world: &World, client: &str) -> (Browser, String) {
    let (mut browser, consent) = at_consent(world, client).await;
    let shown = say(&mut browser, &consent, "alias").await;
    assert!(!shown.body.contains(OWN), "{}", shown.body);
    let claims = told(&mut browser, client, &shown).await;
    let alias = claims["email"].as_str().unwrap().to_owned();
    assert!(
        shown.body.contains(&alias),
        "what was shown is what was sent"
    );
    (browser, alias)
}

async fn leads(world: &World, alias: &str) -> Option<String> {
    world.hub.mail_leads(alias).await.unwrap()
}

#[tokio::test]
async fn a_service_gets_the_alias_that_was_shown_and_mail_to_it_leads_to_the_citizen() {
    let world = lending().await;
    let (mut browser, consent) = at_consent(&world, "cantine").await;
    assert!(consent.body.contains(OWN), "{}", consent.body);
    let own = told(&mut browser, "cantine", &consent).await["email"].clone();
    assert_eq!(own, OWN);
    let (_, alias) = chosen(&world, "cantine").await;
    assert!(alias.ends_with("@relay.example"), "{alias}");
    assert_eq!(leads(&world, &alias).await.as_deref(), Some(OWN));
    assert_eq!(
        leads(&world, &alias.to_uppercase()).await.as_deref(),
        Some(OWN)
    );
    for nobody in [
        "nobody@relay.example",
        "@relay.example",
        OWN,
        "",
        "a@b@relay.example",
    ] {
        assert_eq!(leads(&world, nobody).await, None, "{nobody}");
    }
    assert!(world.audit().await.contains("alias.made"));
    assert!(!world.audit().await.contains(&alias));
}

#[tokio::test]
async fn an_alias_stays_the_same_at_its_service_and_is_another_elsewhere() {
    let world = lending().await;
    let (_, first) = chosen(&world, "cantine").await;
    world.clock.pass(Duration::from_secs(1));
    let (mut browser, consent) = at_consent(&world, "cantine").await;
    assert!(
        consent.body.contains(&first),
        "chosen before: {}",
        consent.body
    );
    let again = told(&mut browser, "cantine", &consent).await;
    assert_eq!(again["email"], *first);
    let (_, elsewhere) = chosen(&world, "banque").await;
    assert_ne!(elsewhere, first, "nothing joins them");
    // Their own again, where they want that.
    let (mut browser, consent) = at_consent(&world, "cantine").await;
    let shown = say(&mut browser, &consent, "own_address").await;
    assert!(shown.body.contains(OWN), "{}", shown.body);
    let claims = told(&mut browser, "cantine", &shown).await;
    assert_eq!(claims["email"], OWN);
}

#[tokio::test]
async fn a_cut_alias_leads_nowhere_at_once_and_the_service_learns_nothing_else() {
    let world = lending().await;
    let (browser, alias) = chosen(&world, "cantine").await;
    let headers = browser.headers();
    let cantine = "cantine".parse().unwrap();
    for cut in [true, false, true] {
        let changed = world.hub.cut_alias(&headers, &cantine, cut).await;
        assert_eq!(changed.unwrap(), Some(true));
        assert_eq!(leads(&world, &alias).await.is_none(), cut);
    }
    let (mut browser, consent) = at_consent(&world, "cantine").await;
    let claims = told(&mut browser, "cantine", &consent).await;
    assert_eq!(claims["email"], *alias, "not their own instead");
    let nobody = world.browser().headers();
    assert_eq!(
        world.hub.cut_alias(&nobody, &cantine, false).await.unwrap(),
        None
    );
    assert_eq!(leads(&world, &alias).await, None);
}
