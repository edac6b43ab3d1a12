//! The link of a mailed notice: one click freezes whoever was told, signed in or not, and nothing else ever does
//! (threat N-410).

use std::time::Duration;

use guichet_broker::{Chosen, WayChange};
use guichet_store::durable::corrections::Act;

use crate::browser::Browser;
use crate::cases::with_account;
use crate::people::alice;
use crate::world::World;

const DAY: Duration = Duration::from_hours(24);

/// Camille at her own browser, a stranger who signed in as her, and the key of the link that she was mailed.
async fn told(world: &World) -> (Browser, Browser, String) {
    let mut camille = world.browser();
    camille.log_in(world, "cantine", "citoyen").await;
    let asks = WayChange::AskAddress {
        address: "camille@example.org".to_owned(),
        locale: guichet_web::Locale::English,
    };
    world.clock.pass(Duration::from_secs(1));
    let asked = world.hub.change_ways(&camille.headers(), &asks).await;
    assert_eq!(asked.unwrap(), Some(Chosen::Asked));
    let mails = world.mails.once_there_are(1).await;
    let code = mails[0].text.split("Your code: ").nth(1).unwrap()[..6].to_owned();
    let confirms = WayChange::ConfirmAddress { code };
    let confirmed = world.hub.change_ways(&camille.headers(), &confirms).await;
    assert_eq!(confirmed.unwrap(), Some(Chosen::Changed));
    world.clock.pass(Duration::from_secs(1));
    let before = world.mails.once_there_are(1).await.len();
    let mut stranger = world.browser();
    stranger.log_in(world, "cantine", "postale").await;
    let mails = world.mails.once_there_are(before + 1).await;
    let words = mails[before].text.split_whitespace();
    let mut links = words.filter(|word| word.contains("/account/freeze/"));
    let link = links.next().unwrap();
    let key = link.rsplit('/').next().unwrap().to_owned();
    world.clock.pass(Duration::from_secs(1));
    (camille, stranger, key)
}

async fn is_in(world: &World, browser: &Browser) -> bool {
    let person = world.hub.signed_in(&browser.headers()).await;
    person.unwrap().is_some()
}

async fn leads(world: &World, key: &str) -> bool {
    let followed = world.hub.follow_notice(key).await.unwrap();
    let frozen_by_none = followed.is_none();
    if frozen_by_none {
        assert!(world.hub.freeze_by_notice(key).await.unwrap().is_none());
    }
    !frozen_by_none
}

#[tokio::test]
async fn the_link_of_a_notice_freezes_whoever_was_told_everywhere_without_a_sign_in() {
    let world = with_account().await;
    let (camille, stranger, key) = told(&world).await;
    let followed = world.hub.follow_notice(&key).await.unwrap().unwrap();
    assert!(is_in(&world, &stranger).await, "looking changes nothing");
    let frozen = world.hub.freeze_by_notice(&key).await.unwrap().unwrap();
    world.clock.pass(Duration::from_secs(1));
    assert!(!is_in(&world, &camille).await && !is_in(&world, &stranger).await);
    let kept = world.cases.show(frozen.case, &alice()).await.unwrap();
    let (case, evidence) = kept.unwrap();
    assert_eq!(case.opened.by, "the person");
    assert_eq!(evidence.visit, Some(followed.visit));
    assert_eq!(evidence.sign_ins.len(), 2);
    assert!(evidence.sign_ins.iter().all(|it| !it.is_here));
}

#[tokio::test]
async fn an_old_link_freezes_nobody_who_opened_their_identity_again_since() {
    let world = with_account().await;
    let (_, _, key) = told(&world).await;
    let frozen = world.hub.freeze_by_notice(&key).await.unwrap().unwrap();
    world.clock.pass(Duration::from_secs(1));
    assert!(!leads(&world, &key).await, "it is frozen");
    let act = Act {
        by: "the person".to_owned(),
        at: guichet_domain::Clock::now(&*world.clock),
    };
    assert!(world.durable.cases.end(frozen.case, &act).await.unwrap());
    world.clock.pass(Duration::from_secs(1));
    assert!(!leads(&world, &key).await, "it was settled");
}

#[tokio::test]
async fn a_link_that_somebody_made_or_that_is_a_month_old_leads_nowhere() {
    let world = with_account().await;
    let (camille, _, key) = told(&world).await;
    let other = with_account().await;
    let (_, _, of_another_hub) = told(&other).await;
    let mut touched = key.clone();
    let last = if touched.pop() == Some('A') { 'Q' } else { 'A' };
    touched.push(last);
    for forged in [
        "",
        "AAAA",
        "ABCD-2345-WXYZ",
        touched.as_str(),
        of_another_hub.as_str(),
    ] {
        assert!(!leads(&world, forged).await, "{forged}");
    }
    assert!(leads(&world, &key).await);
    assert!(is_in(&world, &camille).await);
    world.clock.pass(31 * DAY);
    assert!(!leads(&world, &key).await);
}
