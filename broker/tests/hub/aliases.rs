//! Addresses that stand for a citizen's own: one for each service, shown before it is sent, cut at any moment
//! (threats N-213, N-300).

use std::time::Duration;

use guichet_broker::{Chosen, WayChange};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::people::sub;
use crate::ways::told as told_of;
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

/// What the account calls the alias at a service.
async fn handle(world: &World, browser: &Browser, client: &str) -> String {
    let ways = world.hub.ways(&browser.headers()).await.unwrap().unwrap();
    let mut aliases = ways.aliases.into_iter();
    let found = aliases.find(|alias| alias.client.as_str() == client);
    found.unwrap().handle
}

#[tokio::test]
async fn a_cut_alias_leads_nowhere_at_once_and_the_service_learns_nothing_else() {
    let world = lending().await;
    let (browser, alias) = chosen(&world, "cantine").await;
    let handle = handle(&world, &browser, "cantine").await;
    for open in [false, true, false] {
        let handle = handle.clone();
        let change = WayChange::Alias { handle, open };
        let changed = world.hub.change_ways(&browser.headers(), &change).await;
        assert_eq!(changed.unwrap(), Some(Chosen::Changed));
        assert_eq!(leads(&world, &alias).await.is_some(), open);
    }
    let audit = world.audit().await;
    assert_eq!(audit.matches("alias.cut").count(), 2, "{audit}");
    assert_eq!(audit.matches("alert.sent").count(), 3, "each is told");
    let (mut browser, consent) = at_consent(&world, "cantine").await;
    let claims = told(&mut browser, "cantine", &consent).await;
    assert_eq!(claims["email"], *alias, "not their own instead");
    let change = WayChange::Alias { handle, open: true };
    let nobody = world.browser().headers();
    let changed = world.hub.change_ways(&nobody, &change).await;
    assert_eq!(changed.unwrap(), None);
    assert_eq!(leads(&world, &alias).await, None);
}

const THIEVES: &str = "thief@evil.example";

/// Somebody who passes for Camille, by a provider that states another address of hers.
async fn thief_at_consent(world: &World, by: &str, verified: bool) -> (Browser, Answer) {
    let stated = json!({"email": THIEVES, "email_verified": verified});
    world.partner.claim_in_userinfo(stated);
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", MAIL).await;
    let consent = browser.sign_in(by, &choice, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    (browser, consent)
}

#[tokio::test]
async fn whoever_merely_arrives_leads_no_alias_elsewhere() {
    let world = lending().await;
    let (_, alias) = chosen(&world, "cantine").await;
    world.clock.pass(Duration::from_secs(1));
    let (_, consent) = thief_at_consent(&world, "postale", true).await;
    assert!(consent.body.contains(THIEVES), "the page says where to");
    assert_eq!(leads(&world, &alias).await.as_deref(), Some(OWN));
    assert!(!world.audit().await.contains("alias.led"));
}

#[tokio::test]
async fn an_alias_is_led_to_no_address_that_nobody_verified_and_by_no_way_that_is_new() {
    let world = lending().await;
    let (_, alias) = chosen(&world, "cantine").await;
    for (by, verified) in [("postale", false), ("citoyen", true)] {
        world.clock.pass(Duration::from_secs(1));
        let (mut thief, consent) = thief_at_consent(&world, by, verified).await;
        assert!(!consent.body.contains(THIEVES), "{by}: {}", consent.body);
        let claims = told(&mut thief, "cantine", &consent).await;
        assert_eq!(claims["email"], *alias);
        assert_eq!(leads(&world, &alias).await.as_deref(), Some(OWN), "{by}");
    }
}

#[tokio::test]
async fn where_an_alias_leads_changes_by_agreement_on_record_and_is_told_and_shown() {
    let world = lending().await;
    let (_, alias) = chosen(&world, "cantine").await;
    world.clock.pass(Duration::from_secs(1));
    let (mut browser, consent) = thief_at_consent(&world, "postale", true).await;
    let claims = told(&mut browser, "cantine", &consent).await;
    assert_eq!(claims["email"], *alias);
    assert_eq!(leads(&world, &alias).await.as_deref(), Some(THIEVES));
    let audit = world.audit().await;
    assert!(audit.contains("alias.led"), "{audit}");
    let sent = audit.lines().find(|line| line.contains("alert.sent"));
    assert!(sent.unwrap().contains("\"changed\""), "{audit}");
    assert!(!audit.contains(THIEVES));
    let ways = world.hub.ways(&browser.headers()).await.unwrap().unwrap();
    assert_eq!(ways.aliases[0].leads_to, THIEVES);
}

#[tokio::test]
async fn an_alias_leads_nowhere_else_before_its_person_is_told() {
    let world = World::with(|settings| {
        settings.alias_domain = Some("relay.example".to_owned());
        settings.account = Some("banque".parse().unwrap());
    })
    .await;
    let subject = sub(&world, "postale", json!({})).await;
    let (_, alias) = chosen(&world, "cantine").await;
    world.clock.pass(Duration::from_secs(1));
    let (mut browser, consent) = thief_at_consent(&world, "postale", true).await;
    let fields = [("decision", "accept"), ("csrf", &*consent.csrf(0))];
    world.messages.set_broken(true);
    let failed = browser.post(&consent.action(0), &fields).await;
    assert!(failed.status.is_server_error(), "{}", failed.body);
    assert_eq!(leads(&world, &alias).await.as_deref(), Some(OWN));
    world.messages.set_broken(false);
    let again = browser.post(&consent.action(0), &fields).await;
    browser.walk(again).await;
    assert_eq!(leads(&world, &alias).await.as_deref(), Some(THIEVES));
    let told = told_of(&world, &subject).await;
    let led = told
        .iter()
        .filter(|(_, text)| text.contains("conduit désormais"));
    assert_eq!(led.count(), 1, "{told:?}");
}
