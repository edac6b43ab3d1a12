//! Ways into an identity: what its person closed signs nobody in, by whatever path, and leaves a way on
//! (threats N-210, N-301, N-302).

use std::time::Duration;

use guichet_broker::{Chosen, Doubt, Preferences, WayChange};
use guichet_domain::Acr;
use guichet_store::durable::WayKind;
use http::StatusCode;
use serde_json::json;

use crate::browser::{Answer, Browser, query};
use crate::people::{merged, office, person, sub};
use crate::world::World;

const PLAIN: &str = "scope=openid%20profile";

/// A hub whose account is the bank.
async fn with_account() -> World {
    World::with(|settings| settings.account = Some("banque".parse().unwrap())).await
}

fn provider(id: &str, open: bool) -> WayChange {
    let id = id.parse().unwrap();
    WayChange::Preferences(Preferences {
        providers: [(id, open)].into(),
        ..Preferences::default()
    })
}

fn others(open: bool) -> WayChange {
    WayChange::Preferences(Preferences {
        others_open: Some(open),
        ..Preferences::default()
    })
}

fn alerts(all: bool) -> WayChange {
    WayChange::Preferences(Preferences {
        tells_all: Some(all),
        ..Preferences::default()
    })
}

/// What becomes of a change of whoever is signed in at a browser.
async fn change(world: &World, browser: &Browser, change: &WayChange) -> Option<Chosen> {
    world.clock.pass(Duration::from_secs(1));
    let changed = world.hub.change_ways(&browser.headers(), change).await;
    changed.unwrap()
}

/// Signs in at the canteen with `by`, and closing `closed`.
async fn closing(world: &World, by: &str, closed: &str) -> Browser {
    let mut browser = world.browser();
    browser.log_in(world, "cantine", by).await;
    let changed = change(world, &browser, &provider(closed, false)).await;
    assert_eq!(changed, Some(Chosen::Changed));
    browser
}

/// A sign-in of a while ago: whoever comes by another provider from then on comes by a newer one.
async fn known_by(world: &World, by: &str) {
    world.browser().log_in(world, "cantine", by).await;
    world.clock.pass(Duration::from_secs(1));
}

/// The page that a fresh sign-in with a provider comes to.
async fn arriving(world: &World, by: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", PLAIN).await;
    let page = browser.sign_in(by, &choice, &world.partner).await;
    (browser, page)
}

#[tokio::test]
async fn a_provider_that_its_person_closed_signs_them_in_no_more_and_another_one_does() {
    let world = with_account().await;
    closing(&world, "citoyen", "postale").await;
    let (mut browser, page) = arriving(&world, "postale").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    for shown in [
        "fermé l’accès par Identité Postale",
        "/account/ways",
        "Cantine",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(
        world
            .hub
            .signed_in(&browser.headers())
            .await
            .unwrap()
            .is_none()
    );
    let choice = page.body.split("id=\"choose-again\"").next().unwrap();
    let choice = choice.rsplit("href=\"").next().unwrap();
    let choice = browser.get(choice.split('"').next().unwrap()).await;
    assert_eq!(choice.status, StatusCode::FORBIDDEN, "the banner's");
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    let back = browser.agree(&consent).await.at_service();
    assert!(query(back.as_str()).contains_key("code"), "{back}");
    let audit = world.audit().await;
    let refused = audit.lines().find(|line| line.contains("way.refused"));
    assert!(
        refused.unwrap().contains("\"provider\":\"postale\""),
        "{audit}"
    );
    let changed = audit.lines().find(|line| line.contains("ways.changed"));
    assert!(changed.unwrap().contains("\"way\":\"closed\""), "{audit}");
}

#[tokio::test]
async fn whoever_is_kept_out_leaves_for_the_service_which_learns_nothing_of_it() {
    let world = with_account().await;
    closing(&world, "citoyen", "postale").await;
    let (mut browser, page) = arriving(&world, "postale").await;
    let left = browser
        .post(&page.action(0), &[("csrf", &page.csrf(0))])
        .await;
    let told = query(left.at_service().as_str());
    assert_eq!(told["error"], "access_denied");
    assert!(!told["error_description"].contains("clos"), "{told:?}");
}

#[tokio::test]
async fn what_was_opened_again_signs_in_again_as_the_same_person() {
    let world = with_account().await;
    known_by(&world, "citoyen").await;
    let subject = sub(&world, "postale", json!({})).await;
    let mut browser = closing(&world, "citoyen", "postale").await;
    let (_, page) = arriving(&world, "postale").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let again = provider("postale", true);
    assert_eq!(
        change(&world, &browser, &again).await,
        Some(Chosen::Changed)
    );
    assert_eq!(
        change(&world, &browser, &again).await,
        Some(Chosen::Unchanged)
    );
    assert_eq!(sub(&world, "postale", json!({})).await, subject);
    let back = browser.start("cantine", "scope=openid&prompt=none").await;
    assert!(back.location.is_some());
}

#[tokio::test]
async fn a_way_that_is_closed_ends_the_sessions_that_came_by_it_and_their_tokens() {
    let world = with_account().await;
    known_by(&world, "citoyen").await;
    let mut elsewhere = world.browser();
    let back = elsewhere.log_in(&world, "cantine", "postale").await;
    let tokens = elsewhere.redeem("cantine", &back).await;
    let access = tokens["access_token"].as_str().unwrap();
    let here = closing(&world, "citoyen", "postale").await;
    assert!(
        world
            .hub
            .signed_in(&here.headers())
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        world
            .hub
            .signed_in(&elsewhere.headers())
            .await
            .unwrap()
            .is_none()
    );
    let userinfo = elsewhere.userinfo(access).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
    let refreshed = elsewhere.refresh("cantine", &tokens).await;
    assert!(
        refreshed.body.contains("invalid_grant"),
        "{}",
        refreshed.body
    );
    let silent = elsewhere.start("banque", "scope=openid&prompt=none").await;
    assert_eq!(
        query(silent.at_service().as_str())["error"],
        "login_required"
    );
    let audit = world.audit().await;
    assert!(audit.contains("\"by\":\"way_closed\""), "{audit}");
}

#[tokio::test]
async fn a_login_that_was_on_its_way_by_a_closed_way_ends_there() {
    let world = with_account().await;
    let mut here = world.browser();
    here.log_in(&world, "cantine", "citoyen").await;
    let mut later = world.browser();
    let choice = later.start_and_follow("cantine", PLAIN).await;
    let consent = later.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK);
    let mut late = world.browser();
    let choice = late.start_and_follow("cantine", PLAIN).await;
    let callback = late.leave_for("postale", &choice, &world.partner).await;
    let closing = provider("postale", false);
    assert_eq!(change(&world, &here, &closing).await, Some(Chosen::Changed));
    let identity = late.get(&callback).await;
    let closed = late.walk(identity).await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN, "{}", closed.body);
    assert!(closed.body.contains("id=\"closed-way\""), "{}", closed.body);
    let fields = [("decision", "accept"), ("csrf", &*consent.csrf(0))];
    let agreed = later.post(&consent.action(0), &fields).await;
    let ended = later.walk(agreed).await;
    assert_eq!(ended.status, StatusCode::FORBIDDEN, "{}", ended.body);
    assert_eq!(world.audit().await.matches("service.returned").count(), 1);
}

#[tokio::test]
async fn the_way_in_use_cannot_be_closed_however_it_is_asked() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "postale").await;
    let own = provider("postale", false);
    assert_eq!(change(&world, &browser, &own).await, Some(Chosen::InUse));
    let unknown = provider("nobody", false);
    assert_eq!(
        change(&world, &browser, &unknown).await,
        Some(Chosen::Unknown)
    );
    let nobody = world.browser();
    assert_eq!(change(&world, &nobody, &own).await, None);
    assert!(!world.audit().await.contains("ways.changed"));
}

#[tokio::test]
async fn of_two_sessions_that_close_each_others_way_one_wins_and_a_way_is_left() {
    for _ in 0..4 {
        let world = with_account().await;
        for by in ["citoyen", "postale"] {
            known_by(&world, by).await;
        }
        world.clock.pass(NEW_FOR);
        let (mut one, mut other) = (world.browser(), world.browser());
        one.log_in(&world, "cantine", "citoyen").await;
        other.log_in(&world, "cantine", "postale").await;
        let (headers, others) = (one.headers(), other.headers());
        let closes_other = provider("postale", false);
        let closes_one = provider("citoyen", false);
        let (first, second) = tokio::join!(
            world.hub.change_ways(&headers, &closes_other),
            world.hub.change_ways(&others, &closes_one),
        );
        let outcomes = [first.unwrap(), second.unwrap()];
        let changed = outcomes.iter().filter(|it| **it == Some(Chosen::Changed));
        assert_eq!(changed.count(), 1, "{outcomes:?}");
        let mut kept_out = 0;
        for by in ["citoyen", "postale"] {
            let (_, page) = arriving(&world, by).await;
            kept_out += usize::from(page.status == StatusCode::FORBIDDEN);
        }
        assert_eq!(kept_out, 1);
    }
}

/// A provider that comes later.
fn comes(world: &World, id: &str, name: &str) {
    world.directory.add_provider_like("postale", id, name);
    let issuer = world.partner.issuer(id);
    world.directory.change_provider(id, |provider| {
        provider.issuer = issuer;
        provider.client_id = format!("hub-at-{id}");
    });
}

#[tokio::test]
async fn a_provider_that_comes_later_follows_the_choice_for_those() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let closed = others(false);
    assert_eq!(
        change(&world, &browser, &closed).await,
        Some(Chosen::Changed)
    );
    comes(&world, "nouveau", "Nouveau compte");
    let (_, page) = arriving(&world, "nouveau").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    let (_, known) = arriving(&world, "postale").await;
    assert_eq!(known.status, StatusCode::OK, "it was known: {}", known.body);
    let open = others(true);
    assert_eq!(change(&world, &browser, &open).await, Some(Chosen::Changed));
    comes(&world, "encore", "Encore un");
    let (_, page) = arriving(&world, "encore").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
}

#[tokio::test]
async fn a_closed_way_gives_no_second_word_and_opens_nothing_that_is_frozen() {
    let world = World::with(|settings| {
        settings.account = Some("banque".parse().unwrap());
        settings.thaw_return = Some("https://banque.example/cb".to_owned());
    })
    .await;
    let here = closing(&world, "citoyen", "postale").await;
    world.clock.pass(Duration::from_secs(1));
    world
        .hub
        .freeze(&here.headers(), "")
        .await
        .unwrap()
        .unwrap();
    world.clock.pass(Duration::from_secs(1));
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    let page = browser.sign_in("postale", &more, &world.partner).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(!world.audit().await.contains("person.thawed"));
}

#[tokio::test]
async fn what_one_of_two_closed_holds_for_both_once_they_are_merged() {
    let world = with_account().await;
    let one = sub(&world, "citoyen", json!({})).await;
    let one = person(&world, &one).await;
    closing(&world, "citoyen", "postale").await;
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "BERNARD"}));
    let other = sub(&world, "postale", json!({"family_name": "BERNARD"})).await;
    let other = person(&world, &other).await;
    let office = office(&world);
    merged(&office, other, one).await;
    world.clock.pass(Duration::from_secs(1));
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "BERNARD"}));
    let (_, page) = arriving(&world, "postale").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
}

#[tokio::test]
async fn nobody_reads_at_rest_what_was_closed() {
    let world = with_account().await;
    let subject = sub(&world, "citoyen", json!({})).await;
    closing(&world, "citoyen", "postale").await;
    let who = person(&world, &subject).await;
    let rows = world.durable.ways.choices(who).await.unwrap();
    assert_eq!(rows.len(), 1);
    let bytes = rows[0].sealed.as_bytes();
    assert!(!bytes.windows(7).any(|part| part == b"postale"));
}

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
    for shown in ["Cantine", "Identité Postale", "/account/not-me?code="] {
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
    let same = WayChange::AskAddress {
        address: "camille@example.org".to_owned(),
        locale: guichet_web::Locale::English,
    };
    assert_eq!(
        change(&world, &browser, &same).await,
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
async fn a_save_with_one_thing_that_may_not_be_changes_nothing() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    for (refused, outcome) in [("citoyen", Chosen::InUse), ("nobody", Chosen::Unknown)] {
        let save = WayChange::Preferences(Preferences {
            providers: [
                (refused.parse().unwrap(), false),
                ("postale".parse().unwrap(), false),
            ]
            .into(),
            others_open: Some(false),
            tells_all: Some(true),
        });
        assert_eq!(change(&world, &browser, &save).await, Some(outcome));
    }
    let ways = world.hub.ways(&browser.headers()).await.unwrap().unwrap();
    assert!(ways.others_open && !ways.tells_all);
    assert!(ways.providers.iter().all(|it| it.closed.is_none()));
    assert!(!world.audit().await.contains("ways.changed"));
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
    for forgotten in [Chosen::Changed, Chosen::Unchanged] {
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

/// For how long a provider is new.
const NEW_FOR: Duration = Duration::from_hours(72);

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

#[tokio::test]
async fn what_was_granted_for_long_by_a_closed_way_is_refreshed_no_more() {
    let world = with_account().await;
    known_by(&world, "citoyen").await;
    let offline = "scope=openid%20profile%20offline_access&prompt=consent";
    let mut elsewhere = world.browser();
    let choice = elsewhere.start_and_follow("cantine", offline).await;
    let consent = elsewhere.sign_in("postale", &choice, &world.partner).await;
    let back = elsewhere.agree(&consent).await.at_service();
    let tokens = elsewhere.redeem("cantine", &back).await;
    let first = elsewhere.refresh("cantine", &tokens).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.body);
    let tokens = serde_json::from_str(&first.body).unwrap();
    let here = closing(&world, "citoyen", "postale").await;
    let refused = elsewhere.refresh("cantine", &tokens).await;
    assert!(refused.body.contains("invalid_grant"), "{}", refused.body);
    // Nothing was forgotten: it is the citizen's to open again.
    let opens = provider("postale", true);
    assert_eq!(change(&world, &here, &opens).await, Some(Chosen::Changed));
    let again = elsewhere.refresh("cantine", &tokens).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
}
