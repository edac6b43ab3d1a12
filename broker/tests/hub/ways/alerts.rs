//! What a person is told of their sign-ins, in their account and by mail, and what no flood pushes out.

use std::time::Duration;

use guichet_broker::{Chosen, Preferences, WayChange};
use guichet_store::durable::WayKind;
use serde_json::json;

use super::{alerts, arriving, change, closing, known_by, with_account};
use crate::browser::Browser;
use crate::people::{person, sub};
use crate::world::World;

/// The person's messages of the account itself, in words, the latest first.
pub(crate) async fn told(world: &World, subject: &str) -> Vec<(String, String)> {
    let who = person(world, subject).await;
    let file = world.durable.people.file(who).await.unwrap().unwrap();
    let mut said = Vec::new();
    for name in file.names {
        let now = guichet_domain::Clock::now(&*world.clock);
        said.extend(
            world
                .durable
                .messages
                .of(&name.subject, now, 99)
                .await
                .unwrap(),
        );
    }
    said.sort_by_key(|record| std::cmp::Reverse(record.changed));
    let shown = said.iter().map(|record| {
        let notice = world
            .hub
            .notice(record, guichet_web::Locale::French)
            .unwrap();
        (notice.kind.to_owned(), notice.text)
    });
    shown.collect()
}

#[tokio::test]
async fn a_first_sign_in_is_told_to_nobody_and_what_was_never_there_before_is() {
    let world = with_account().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let tokens = browser.redeem("cantine", &back).await;
    let sub = crate::browser::claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let sub = sub.as_str().unwrap();
    assert_eq!(
        told(&world, sub).await,
        [],
        "there is nothing to compare with"
    );
    world.clock.pass(Duration::from_secs(1));
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile&prompt=login")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    assert_eq!(told(&world, sub).await, [], "all of it is known");
    world.clock.pass(Duration::from_secs(1));
    let mut elsewhere = world.browser();
    elsewhere.log_in(&world, "cantine", "postale").await;
    let notices = told(&world, sub).await;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].0, "unusual");
    for shown in [
        "Cantine",
        "Identité Postale",
        "première fois par ce",
        "jamais servi",
    ] {
        assert!(notices[0].1.contains(shown), "{notices:?}");
    }
    assert!(world.audit().await.contains("alert.sent"));
}

#[tokio::test]
async fn whoever_wants_it_hears_of_every_sign_in_but_once_in_a_session() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let all = alerts(true);
    assert_eq!(change(&world, &browser, &all).await, Some(Chosen::Changed));
    assert_eq!(
        change(&world, &browser, &all).await,
        Some(Chosen::Unchanged)
    );
    let before = told(&world, &subject).await.len();
    world.clock.pass(Duration::from_secs(1));
    let silent = browser
        .start("cantine", "scope=openid%20profile&prompt=none")
        .await;
    browser.walk(silent).await;
    assert_eq!(
        told(&world, &subject).await.len(),
        before,
        "it is open in this session"
    );
    world.clock.pass(Duration::from_secs(1));
    let mut again = world.browser();
    again.set_cookie("hub-device", browser.cookie("hub-device").unwrap());
    again.log_in(&world, "cantine", "citoyen").await;
    let notices = told(&world, &subject).await;
    assert_eq!(notices.len(), before + 1, "{notices:?}");
    assert_eq!(notices[0].0, "sign-in");
}

#[tokio::test]
async fn a_sign_in_that_looks_suspicious_is_told_though_all_of_it_is_known() {
    let world = with_account().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let tokens = browser.redeem("cantine", &back).await;
    let sub = crate::browser::claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    world.clock.pass(Duration::from_secs(1));
    browser.vouch(Some(("x-suspicious", "1")));
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let choice = browser
        .start_and_follow("cantine", "scope=openid%20profile&prompt=login")
        .await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let notices = told(&world, sub.as_str().unwrap()).await;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].1.contains("suspecte"), "{notices:?}");
}

/// Whoever is signed in at `browser` confirms the address, by the code that was mailed.
async fn confirm(world: &World, browser: &Browser, address: &str) -> usize {
    let asks = WayChange::AskAddress {
        address: address.to_owned(),
        locale: guichet_web::Locale::English,
    };
    assert_eq!(change(world, browser, &asks).await, Some(Chosen::Asked));
    let mails = world.mails.once_there_are(1).await;
    let mail = mails.last().unwrap();
    assert_eq!(mail.to, address);
    let code = mail.text.split("Your code: ").nth(1).unwrap()[..6].to_owned();
    let wrong = WayChange::ConfirmAddress {
        code: "12345".to_owned(),
    };
    assert_eq!(
        change(world, browser, &wrong).await,
        Some(Chosen::WrongCode)
    );
    let right = WayChange::ConfirmAddress { code };
    assert_eq!(change(world, browser, &right).await, Some(Chosen::Changed));
    mails.len()
}

#[tokio::test]
async fn an_unusual_sign_in_is_mailed_to_an_address_that_was_confirmed_and_to_no_other() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let sent = confirm(&world, &browser, "camille@example.org").await;
    let mut elsewhere = world.browser();
    elsewhere.log_in(&world, "cantine", "postale").await;
    let mails = world.mails.once_there_are(sent + 1).await;
    let alert = &mails[sent];
    assert_eq!(alert.to, "camille@example.org");
    assert!(alert.subject.contains("Unusual"), "{}", alert.subject);
    for shown in ["Cantine", "Identité Postale", "/account/freeze/"] {
        assert!(alert.text.contains(shown), "{shown}: {}", alert.text);
    }
    // The next is a change, told to the address that is taken away.
    let forget = WayChange::ForgetAddress;
    assert_eq!(
        change(&world, &browser, &forget).await,
        Some(Chosen::Changed)
    );
    let mails = world.mails.once_there_are(sent + 2).await;
    assert!(
        mails[sent + 1].text.contains("no longer sent"),
        "{}",
        mails[sent + 1].text
    );
    let ways = world.hub.ways(&browser.headers()).await.unwrap().unwrap();
    assert_eq!((ways.address, ways.asked), (None, None));
}

#[tokio::test]
async fn what_is_changed_in_one_save_is_told_in_one_mail_and_one_by_one_in_the_account() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let sent = confirm(&world, &browser, "camille@example.org").await;
    let before = told(&world, &subject).await.len();
    let save = |open: bool| {
        WayChange::Preferences(Preferences {
            providers: [("postale".parse().unwrap(), open)].into(),
            others_open: Some(open),
            tells_all: Some(!open),
        })
    };
    assert_eq!(
        change(&world, &browser, &save(false)).await,
        Some(Chosen::Changed)
    );
    let mails = world.mails.once_there_are(sent + 1).await;
    for shown in [
        "Identité Postale was closed",
        "closed beforehand",
        "every sign-in",
    ] {
        assert!(mails[sent].text.contains(shown), "{}", mails[sent].text);
    }
    assert_eq!(told(&world, &subject).await.len(), before + 3);
    let changed = world.audit().await.matches("ways.changed").count();

    // What is as it was is told to nobody, on record nowhere; nor is an address that is theirs already.
    assert_eq!(
        change(&world, &browser, &save(false)).await,
        Some(Chosen::Unchanged)
    );
    let theirs_already = WayChange::AskAddress {
        address: "camille@example.org".to_owned(),
        locale: guichet_web::Locale::English,
    };
    assert_eq!(
        change(&world, &browser, &theirs_already).await,
        Some(Chosen::Unchanged)
    );
    assert_eq!(world.audit().await.matches("ways.changed").count(), changed);
    assert_eq!(
        change(&world, &browser, &save(true)).await,
        Some(Chosen::Changed)
    );
    let mails = world.mails.once_there_are(sent + 2).await;
    assert_eq!(
        mails.len(),
        sent + 2,
        "one for each save that changed something"
    );
    assert!(mails[sent + 1].text.contains("opened again"));
}

#[tokio::test]
async fn nothing_goes_unmailed_because_of_what_was_changed_beside_it() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let sent = confirm(&world, &browser, "camille@example.org").await;
    for turn in 0..8 {
        change(&world, &browser, &alerts(turn % 2 == 0)).await;
    }
    let mails = world.mails.once_there_are(sent + 6).await;
    assert_eq!(mails.len(), sent + 6, "enough of the same thing was mailed");
    let save = WayChange::Preferences(Preferences {
        providers: [("postale".parse().unwrap(), false)].into(),
        tells_all: Some(true),
        ..Preferences::default()
    });
    assert_eq!(change(&world, &browser, &save).await, Some(Chosen::Changed));
    let mails = world.mails.once_there_are(sent + 7).await;
    for shown in ["Identité Postale was closed", "every sign-in"] {
        let text = &mails[sent + 6].text;
        assert!(text.contains(shown), "{text}");
    }
}

#[tokio::test]
async fn codes_are_sent_to_few_addresses_an_hour() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let asks = |number: usize| WayChange::AskAddress {
        address: format!("somebody-{number}@example.org"),
        locale: guichet_web::Locale::French,
    };
    for number in 0..5 {
        assert_eq!(
            change(&world, &browser, &asks(number)).await,
            Some(Chosen::Asked)
        );
    }
    assert_eq!(
        change(&world, &browser, &asks(5)).await,
        Some(Chosen::TooMany)
    );
    assert_eq!(world.mails.once_there_are(5).await.len(), 5);
}

#[tokio::test]
async fn whoever_comes_by_a_closed_way_is_told_to_its_person() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    closing(&world, "citoyen", "postale").await;
    world.clock.pass(Duration::from_secs(1));
    arriving(&world, "postale").await;
    let notices = told(&world, &subject).await;
    assert_eq!(notices[0].0, "kept-out", "{notices:?}");
    assert!(notices[0].1.contains("Identité Postale"), "{notices:?}");
    assert!(
        notices
            .iter()
            .any(|(kind, text)| kind == "changed" && text.contains("fermé"))
    );
}

#[tokio::test]
async fn a_device_is_known_until_it_is_forgotten() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let headers = browser.headers();
    let ways = world.hub.ways(&headers).await.unwrap().unwrap();
    let [device] = &ways.devices[..] else {
        panic!("{ways:?}")
    };
    assert!(device.is_here);
    let spoke: Vec<bool> = ways.providers.iter().map(|it| it.spoke.is_some()).collect();
    assert_eq!(spoke, [true, false], "Citoyen did");
    for forgotten in [Chosen::Changed, Chosen::Unknown] {
        let handle = device.handle.clone();
        let forget = WayChange::ForgetDevice { handle };
        assert_eq!(change(&world, &browser, &forget).await, Some(forgotten));
    }
    let subject = sub(&world, "citoyen", json!({})).await;
    let notices = told(&world, &subject).await;
    let is_told = |(kind, text): &(String, String)| kind == "changed" && text.contains("appareil");
    assert!(notices.iter().any(is_told), "{notices:?}");
    let who = person(&world, &subject).await;
    let devices = async || {
        let seen = world.durable.ways.seen_of(who, WayKind::Device, 9).await;
        seen.unwrap().len()
    };
    assert_eq!(devices().await, 1, "the one of the sign-in just now");
    world.clock.pass(Duration::from_hours(24 * 91));
    world.hub.forget_devices().await;
    assert_eq!(devices().await, 0);
}

#[tokio::test]
async fn no_alert_is_drowned_by_changing_one_thing_to_and_fro() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let sent = confirm(&world, &browser, "camille@example.org").await;
    known_by(&world, "postale").await;
    let mut refused = 0;
    for turn in 0..100 {
        let toggled = alerts(turn % 2 == 0);
        let headers = browser.headers();
        let chosen = world.hub.change_ways(&headers, &toggled).await.unwrap();
        refused += usize::from(chosen == Some(Chosen::TooMany));
    }
    assert!(refused > 50, "{refused}");
    let notices = told(&world, &subject).await;
    assert!(notices.len() < 6, "{notices:?}");
    let unusual = notices.iter().filter(|(kind, _)| kind == "unusual");
    assert!(unusual.count() > 0, "{notices:?}");
    let mails = world.mails.once_there_are(sent + 7).await;
    assert!(mails.len() < sent + 10, "{}", mails.len());
}

#[tokio::test]
async fn a_flood_of_sign_ins_pushes_no_alert_out_and_its_last_one_is_told() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    // Each time another device.
    known_by(&world, "postale").await;
    let first = told(&world, &subject).await;
    assert_eq!(first.len(), 1, "{first:?}");
    for _ in 0..20 {
        known_by(&world, "citoyen").await;
    }
    let notices = told(&world, &subject).await;
    assert_eq!(notices.len(), 13, "{notices:?}");
    assert_eq!(notices.last(), first.last());
}
