//! The link that is mailed to whoever closed their account: it arrives whoever dies, and opens that account for
//! its person alone, as they are used to sign in, for a while (threat N-330).

use std::time::Duration;

use guichet_broker::{CaseEvidence, Chosen, OpenedBy, WayChange};
use guichet_domain::{CaseId, PersonId, Sealed};
use guichet_store::durable::cases::{Case, CaseKind};
use guichet_store::durable::corrections::Act;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, claims_of};
use crate::people::person;
use crate::world::World;

const DAY: Duration = Duration::from_hours(24);

/// A hub whose account is the bank.
async fn with_account() -> World {
    World::with(|settings| {
        settings.account = Some("banque".parse().unwrap());
        settings.thaw_return = Some("https://banque.example/cb".to_owned());
    })
    .await
}

/// Camille with an address, known by "postale" at the level that it states.
async fn camille(world: &World) -> PersonId {
    let mut browser = world.browser();
    let back = browser.log_in(world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let sub = claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let before = world.mails.once_there_are(0).await.len();
    let asks = WayChange::AskAddress {
        address: "camille@example.org".to_owned(),
        locale: guichet_web::Locale::English,
    };
    world.clock.pass(Duration::from_secs(1));
    let asked = world.hub.change_ways(&browser.headers(), &asks).await;
    assert_eq!(asked.unwrap(), Some(Chosen::Asked));
    let mails = world.mails.once_there_are(before + 1).await;
    let code = mails[before].text.split("Your code: ").nth(1).unwrap()[..6].to_owned();
    let confirms = WayChange::ConfirmAddress { code };
    let confirmed = world.hub.change_ways(&browser.headers(), &confirms).await;
    assert_eq!(confirmed.unwrap(), Some(Chosen::Changed));
    world.clock.pass(Duration::from_secs(1));
    person(world, sub.as_str().unwrap()).await
}

/// They closed their account, and the node died before it did any more.
async fn closed(world: &World, person: PersonId, number: u8) -> CaseId {
    let case = Case {
        id: CaseId::from_bytes([number; 16]),
        kind: CaseKind::Closure,
        person: Some(person),
        opened: Act {
            by: "the person".to_owned(),
            at: guichet_domain::Clock::now(&*world.clock),
        },
        reason: "closed by themselves".to_owned(),
        evidence: Sealed::from_bytes(Vec::new()),
        ended: None,
    };
    assert!(world.durable.cases.open(&case).await.unwrap());
    world.clock.pass(Duration::from_secs(1));
    case.id
}

/// The links that were mailed, once the cases that were left are followed.
async fn links(world: &World) -> Vec<String> {
    world.hub.follow_cases().await;
    let mails = world.mails.once_there_are(0).await;
    let words = mails.iter().flat_map(|mail| mail.text.split_whitespace());
    let links = words.filter(|word| word.contains("/account/reopen/"));
    links.map(str::to_owned).collect()
}

/// Whoever follows the link signs in by `provider`.
async fn follows(world: &World, link: &str, provider: &str) -> Option<Answer> {
    let mut parts = link.rsplit('/');
    let (key, case) = (parts.next().unwrap(), parts.next().unwrap());
    let cookie = world.hub.follow_reopening(case, key).await.unwrap()?;
    let mut browser = world.browser();
    let (name, value) = cookie.to_str().unwrap().split_once('=').unwrap();
    browser.set_cookie(name, value.split(';').next().unwrap());
    let choice = browser.start_and_follow("banque", "scope=openid").await;
    Some(browser.sign_in(provider, &choice, &world.partner).await)
}

async fn is_open(world: &World, case: CaseId) -> bool {
    let case = world.durable.cases.case(case).await.unwrap().unwrap();
    case.ended.is_some()
}

#[tokio::test]
async fn the_link_is_mailed_though_the_node_died_and_opens_the_account_once() {
    let world = with_account().await;
    let camille = camille(&world).await;
    let case = closed(&world, camille, 1).await;
    let mailed = links(&world).await;
    assert_eq!(mailed.len(), 1);
    assert_eq!(links(&world).await, mailed, "once");
    follows(&world, &mailed[0], "postale").await.unwrap();
    assert!(is_open(&world, case).await);
    assert!(follows(&world, &mailed[0], "postale").await.is_none());
}

#[tokio::test]
async fn the_link_leads_nowhere_after_thirty_days() {
    let world = with_account().await;
    let camille = camille(&world).await;
    let case = closed(&world, camille, 1).await;
    let mailed = links(&world).await;
    world.clock.pass(31 * DAY);
    assert!(follows(&world, &mailed[0], "postale").await.is_none());
    assert!(!is_open(&world, case).await);
}

#[tokio::test]
async fn beside_the_link_a_new_way_or_a_lower_level_than_usual_is_one_word_of_two() {
    let world = with_account().await;
    let eidas2 = json!({"acr": "eidas2"});
    world.partner.claim_in_id_token(eidas2.clone());
    let camille = camille(&world).await;
    let case = closed(&world, camille, 1).await;
    let mailed = links(&world).await;
    for (provider, states) in [("citoyen", &eidas2), ("postale", &json!({"acr": "eidas1"}))] {
        world.partner.claim_in_id_token(states.clone());
        let more = follows(&world, &mailed[0], provider).await.unwrap();
        assert!(more.body.contains("un second"), "{provider}: {}", more.body);
        assert!(!is_open(&world, case).await, "{provider} {states}");
    }
    world.partner.claim_in_id_token(eidas2);
    follows(&world, &mailed[0], "postale").await.unwrap();
    assert!(is_open(&world, case).await);
}

#[tokio::test]
async fn the_link_opens_nothing_that_is_frozen_besides_nor_anybody_elses_account() {
    let world = with_account().await;
    let camille = camille(&world).await;
    let case = closed(&world, camille, 1).await;
    let mailed = links(&world).await;
    // Somebody else who closed theirs, with the link of hers.
    let papers: Value = json!({"family_name": "BERNARD"});
    world.partner.claim_in_userinfo(papers);
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let sub = claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let other = person(&world, sub.as_str().unwrap()).await;
    world.clock.pass(Duration::from_secs(1));
    let theirs = closed(&world, other, 2).await;
    follows(&world, &mailed[0], "postale").await.unwrap();
    assert!(!is_open(&world, case).await && !is_open(&world, theirs).await);
    // Frozen besides, by herself: the link alone opens neither.
    world.partner.claim_in_userinfo(json!({}));
    let (nothing, by) = (CaseEvidence::default(), OpenedBy::Person);
    let frozen = world.cases.open(camille, CaseKind::Freeze, by, &nothing);
    let frozen = frozen.await.unwrap().id;
    world.clock.pass(Duration::from_secs(1));
    let page = follows(&world, &mailed[0], "postale").await.unwrap();
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("un second"), "{}", page.body);
    assert!(!is_open(&world, case).await && !is_open(&world, frozen).await);
}
