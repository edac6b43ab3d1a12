//! What its person closed signs nobody in, by whatever path, and leaves a way on.

use std::time::Duration;

use guichet_broker::{Chosen, Preferences, WayChange};
use http::StatusCode;
use serde_json::json;

use super::{NEW_FOR, PLAIN, arriving, change, closing, known_by, others, provider, with_account};
use crate::browser::query;
use crate::people::{merged, office, person, sub};
use crate::world::World;

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
