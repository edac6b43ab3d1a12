//! The page of providers: what is offered, what is not and why, and how the choice is made.

use std::time::Duration;

use guichet_domain::provider::{
    ClientList, Maintenance, ProviderAuthentication, Warning, WhenUnavailable,
};
use guichet_domain::{Acr, Timestamp};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, query};
use crate::partner::{Endpoint, Manner, Ways};
use crate::world::World;

const SCOPE: &str = "scope=openid%20profile";

async fn choice(browser: &mut Browser) -> Answer {
    browser.start_and_follow("cantine", SCOPE).await
}

/// The button of a provider as the page has it; empty where it has none.
fn button<'a>(page: &'a Answer, id: &str) -> &'a str {
    let marker = format!("id=\"provider-{id}\"");
    let Some((_, after)) = page.body.split_once(marker.as_str()) else {
        return "";
    };
    after.split("</button>").next().unwrap()
}

fn is_offered(page: &Answer, id: &str) -> bool {
    let button = button(page, id);
    !button.is_empty() && !button.starts_with(" disabled")
}

async fn press(
    browser: &mut Browser,
    page: &Answer,
    provider: &str,
    more: &[(&str, &str)],
) -> Answer {
    let csrf = page.csrf(0);
    let mut fields = vec![("provider", provider), ("csrf", csrf.as_str())];
    fields.extend_from_slice(more);
    browser.post(&page.action(0), &fields).await
}

async fn leave_for_the_service(browser: &mut Browser, page: &Answer) -> Answer {
    let forms = page.body.matches("<form method=\"post\"").count();
    let csrf = page.csrf(forms - 1);
    browser
        .post(&page.action(forms - 1), &[("csrf", csrf.as_str())])
        .await
}

fn texts(text: &str) -> (String, String) {
    (format!("{text} (fr)"), format!("{text} (en)"))
}

#[tokio::test]
async fn an_inactive_provider_that_is_displayed_is_greyed_and_one_that_is_not_is_absent() {
    let world = World::new().await;
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    world
        .directory
        .change_provider("postale", |provider| provider.display.displayed = false);
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    assert!(
        button(&page, "citoyen").starts_with(" disabled"),
        "{}",
        page.body
    );
    assert_eq!(button(&page, "postale"), "");
    for forced in ["citoyen", "postale"] {
        let refused = press(&mut browser, &page, forced, &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let hinted = world
        .browser()
        .start_and_follow("cantine", &format!("{SCOPE}&idp_hint=postale"))
        .await;
    assert_eq!(
        hinted.status,
        StatusCode::OK,
        "a hint leads nowhere it may not"
    );
}

#[tokio::test]
async fn a_provider_that_does_not_serve_the_client_is_greyed_or_hidden_and_refused_when_forced() {
    let world = World::new().await;
    let except = |provider: &mut guichet_domain::Provider| {
        let cantine = "cantine".parse().unwrap();
        provider.audience.clients = Some(ClientList::Except(vec![cantine]));
    };
    world.directory.change_provider("postale", except);
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    assert!(button(&page, "postale").starts_with(" disabled"));
    assert!(button(&page, "postale").contains("Non accepté par Cantine"));
    world.directory.change_provider("postale", |provider| {
        provider.display.unavailable = WhenUnavailable::Hidden;
    });
    let page = choice(&mut browser).await;
    assert_eq!(button(&page, "postale"), "");
    let refused = press(&mut browser, &page, "postale", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(world.audit().await.contains("not_for_client"));
}

#[tokio::test]
async fn a_provider_whose_top_level_is_below_the_request_is_greyed() {
    let world = World::new().await;
    world
        .directory
        .change_provider("postale", |provider| provider.levels = vec![Acr::Eidas1]);
    let mut browser = world.browser();
    let page = browser
        .start_and_follow("cantine", &format!("{SCOPE}&acr_values=eidas2"))
        .await;
    assert!(is_offered(&page, "citoyen"));
    assert!(button(&page, "postale").starts_with(" disabled"));
}

#[tokio::test]
async fn a_warning_is_read_before_leaving_and_leads_on_or_back() {
    let world = World::new().await;
    world.directory.change_provider("postale", |provider| {
        let (fr, en) = texts("Bientôt remplacé");
        provider.display.warning = Some(Warning {
            fr,
            en,
            more_info_uri: None,
        });
    });
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    let warned = press(&mut browser, &page, "postale", &[]).await;
    let warning = browser.follow(warned).await;
    assert_eq!(warning.status, StatusCode::OK);
    assert!(
        warning.body.contains("Bientôt remplacé (fr)"),
        "{}",
        warning.body
    );
    assert!(world.partner.token_requests().is_empty());
    let list = browser
        .get(&format!("{}?other=yes", warning.action(0)))
        .await;
    assert!(is_offered(&list, "postale"), "{}", list.body);
    let left = press(&mut browser, &warning, "postale", &[("warned", "yes")]).await;
    assert!(
        left.to().starts_with(world.partner.origin()),
        "{}",
        left.to()
    );
}

#[tokio::test]
async fn a_hint_to_a_provider_with_a_warning_leads_to_the_warning_and_the_list_stays_in_reach() {
    let world = World::new().await;
    world.directory.change_provider("postale", |provider| {
        let (fr, en) = texts("À lire");
        provider.display.warning = Some(Warning {
            fr,
            en,
            more_info_uri: None,
        });
    });
    let mut browser = world.browser();
    let hinted = browser
        .start("cantine", &format!("{SCOPE}&idp_hint=postale"))
        .await;
    let step = browser.follow(hinted).await;
    let warning = browser.follow(step).await;
    assert!(warning.body.contains("À lire (fr)"));
    let list = browser
        .get(&format!("{}?other=yes", warning.action(0)))
        .await;
    assert!(is_offered(&list, "citoyen"));
}

#[tokio::test]
async fn a_hint_is_understood_as_clients_of_keycloak_spell_it() {
    let world = World::new().await;
    let mut browser = world.browser();
    let hinted = browser
        .start("cantine", &format!("{SCOPE}&kc_idp_hint=postale"))
        .await;
    let left = browser.follow(hinted).await;
    assert!(
        left.to().starts_with(world.partner.origin()),
        "{}",
        left.to()
    );
}

#[tokio::test]
async fn a_device_that_is_not_the_persons_keeps_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    press(&mut browser, &page, "postale", &[("remember", "yes")]).await;
    let page = choice(&mut browser).await;
    let shared = [("remember", "yes"), ("shared_device", "yes")];
    press(&mut browser, &page, "postale", &shared).await;
    assert_eq!(browser.cookie("hub-provider"), None);
    assert_eq!(browser.cookie("hub-shared_device"), Some("1"));
}

#[tokio::test]
async fn maintenance_opening_and_end_of_life_are_said_and_hold() {
    let world = World::new().await;
    let now = world.now_seconds();
    let at = |seconds: i64| Timestamp::from_seconds(now + seconds);
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    let change = |change: fn(&mut guichet_domain::Provider, Timestamp), when| {
        world
            .directory
            .change_provider("postale", |provider| change(provider, when));
    };
    change(
        |provider, _| {
            let (fr, en) = texts("Travaux cette nuit");
            provider.opening.maintenance = Some(Maintenance { fr, en });
        },
        at(0),
    );
    let shown = choice(&mut browser).await;
    assert!(button(&shown, "postale").contains("Travaux cette nuit (fr)"));
    assert!(!is_offered(&shown, "postale"));
    let refused = press(&mut browser, &page, "postale", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    change(
        |provider, when| {
            provider.opening.maintenance = None;
            provider.opening.opens = Some(when);
        },
        at(3600),
    );
    assert!(!is_offered(&choice(&mut browser).await, "postale"));
    world.clock.pass(Duration::from_hours(1));
    assert!(is_offered(&choice(&mut browser).await, "postale"));
    change(
        |provider, when| provider.opening.closes = Some(when),
        at(3600 + 86_400),
    );
    let shown = choice(&mut browser).await;
    assert!(button(&shown, "postale").contains("Ne sera plus proposé"));
    assert!(is_offered(&shown, "postale"));
    world.clock.pass(Duration::from_hours(24));
    assert!(!is_offered(&choice(&mut browser).await, "postale"));
}

#[tokio::test]
async fn the_last_choice_comes_first_on_this_device_when_the_person_asked_for_that() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    press(&mut browser, &page, "postale", &[]).await;
    assert_eq!(browser.cookie("hub-provider"), None, "nobody asked for it");
    let page = choice(&mut browser).await;
    press(&mut browser, &page, "postale", &[("remember", "yes")]).await;
    let page = choice(&mut browser).await;
    let position = |text: &str| page.body.find(text).unwrap();
    assert!(position("Votre dernier choix") < position("provider-postale"));
    assert!(position("provider-postale") < position("provider-citoyen"));
    let forgotten = press(&mut browser, &page, "", &[("forget", "yes")]).await;
    let page = browser.follow(forgotten).await;
    assert!(!page.body.contains("Votre dernier choix"));
    assert_eq!(browser.cookie("hub-provider"), None);
}

#[tokio::test]
async fn a_remembered_choice_is_never_followed_by_itself_and_never_more_than_a_choice() {
    let world = World::new().await;
    for forged in ["citoyen", "nobody", "../x"] {
        let mut browser = world.browser();
        browser.set_cookie("hub-provider", forged);
        let page = choice(&mut browser).await;
        assert_eq!(page.status, StatusCode::OK);
    }
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    let mut browser = world.browser();
    browser.set_cookie("hub-provider", "citoyen");
    let page = choice(&mut browser).await;
    assert!(!page.body.contains("Votre dernier choix"));
}

#[tokio::test]
async fn many_providers_can_be_searched_by_a_part_of_their_name() {
    let world = World::new().await;
    let mut browser = world.browser();
    assert!(!choice(&mut browser).await.body.contains("role=\"search\""));
    for number in 3..12 {
        let id = format!("region-{number}");
        world
            .directory
            .add_provider_like("postale", &id, &format!("Compte régional {number}"));
    }
    let page = choice(&mut browser).await;
    assert!(page.body.contains("role=\"search\""));
    let found = browser
        .get(&format!("{}?other=yes&q=IDENTITE", page.action(0)))
        .await;
    assert!(is_offered(&found, "postale"));
    assert_eq!(button(&found, "region-3"), "");
    let none = browser
        .get(&format!("{}?other=yes&q=%3Cscript%3E", page.action(0)))
        .await;
    assert!(none.body.contains("search-none") && !none.body.contains("<script>"));
}

#[tokio::test]
async fn an_e_mail_address_finds_the_account_of_its_domain_and_reveals_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    assert!(!choice(&mut browser).await.body.contains("by-domain"));
    world.directory.change_provider("postale", |provider| {
        provider.audience.email_domains = vec!["laposte.example".into()];
    });
    let page = choice(&mut browser).await;
    assert!(page.body.contains("by-domain"));
    let csrf = page.csrf(1);
    let mut find = async |email: &str| {
        let fields = [("email", email), ("csrf", csrf.as_str())];
        browser.post(&page.action(1), &fields).await
    };
    let unknown = find("camille@elsewhere.example").await;
    let same = find("nobody@elsewhere.example").await;
    assert_eq!(unknown.to(), same.to());
    assert!(
        !unknown.to().contains("elsewhere"),
        "an address is kept nowhere"
    );
    let found = find("Camille@LaPoste.example").await;
    assert!(
        found.to().starts_with(world.partner.origin()),
        "{}",
        found.to()
    );
    assert!(!found.to().contains("amille"), "nor passed on");
    assert!(!world.audit().await.contains("amille"));
}

#[tokio::test]
async fn a_message_of_the_operator_is_shown_in_its_time() {
    let world = World::new().await;
    let page = choice(&mut world.browser()).await;
    assert!(
        page.body.contains("Campagne d’impôts (fr)"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("À venir"));
    assert!(!page.body.contains("Passé"));
    world.clock.pass(Duration::from_hours(48));
    let page = choice(&mut world.browser()).await;
    assert!(!page.body.contains("Campagne d’impôts (fr)"));
    assert!(page.body.contains("À venir (fr)"));
}

#[tokio::test]
async fn a_provider_that_hangs_again_and_again_is_no_longer_offered_until_it_answers() {
    let world = World::new().await;
    world.partner.behave(Manner::Hanging);
    for _ in 0..5 {
        let mut browser = world.browser();
        let page = choice(&mut browser).await;
        let back = browser.leave_for("citoyen", &page, &world.partner).await;
        browser.get(&back).await;
    }
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    assert!(
        button(&page, "citoyen").contains("Ne répond pas"),
        "{}",
        page.body
    );
    assert!(is_offered(&page, "postale"));
    let refused = press(&mut browser, &page, "citoyen", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(status_of(&world, "citoyen").await, "down");
    world.partner.behave(Manner::Honest);
    world.clock.pass(Duration::from_secs(31));
    assert_eq!(status_of(&world, "citoyen").await, "degraded");
    browser.log_in(&world, "cantine", "citoyen").await;
    assert_eq!(status_of(&world, "citoyen").await, "up");
}

#[tokio::test]
async fn a_probe_finds_out_before_anybody_leaves_and_when_none_is_left_the_service_is_told() {
    let world = World::new().await;
    choice(&mut world.browser()).await;
    world.partner.hide_metadata();
    for _ in 0..5 {
        world.hub.probe_providers().await;
    }
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    assert!(!is_offered(&page, "citoyen") && !is_offered(&page, "postale"));
    assert!(page.body.contains("Rechargez cette page"), "{}", page.body);
    let left = leave_for_the_service(&mut browser, &page).await;
    let answer = query(left.at_service().as_str());
    assert_eq!(answer["error"], "temporarily_unavailable");
    assert!(world.audit().await.contains("no_provider_answers"));
}

#[tokio::test]
async fn whoever_gives_up_while_a_provider_answers_was_not_kept_from_anything() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = choice(&mut browser).await;
    let left = leave_for_the_service(&mut browser, &page).await;
    assert_eq!(query(left.at_service().as_str())["error"], "access_denied");
}

#[tokio::test]
async fn what_a_person_can_bring_about_does_not_take_a_provider_away_from_everybody() {
    // The large answer takes a busy machine a while.
    let world = World::with(|hub| hub.provider_timeout = Duration::from_secs(6)).await;
    let as_it_is: fn(&str) -> String = str::to_owned;
    let without_code: fn(&str) -> String = |back| back.replace("code=", "coda=");
    let answering = |endpoint, status, body| Ways {
        answers: Some((endpoint, status, body)),
        ..Ways::default()
    };
    let refused = r#"{"error": "invalid_grant"}"#;
    let without_id_token = Ways {
        omits_id_token: true,
        ..Ways::default()
    };
    let large = "a".repeat(3 << 20);
    for (failure, came_back, ways, claimed) in [
        ("no_answer", without_code, Ways::default(), json!({})),
        (
            "unknown_code",
            as_it_is,
            answering(Endpoint::Token, StatusCode::BAD_REQUEST, refused),
            json!({}),
        ),
        (
            "unexplained",
            as_it_is,
            answering(Endpoint::Token, StatusCode::FORBIDDEN, "<html>"),
            json!({}),
        ),
        (
            "unexplained",
            as_it_is,
            answering(Endpoint::Userinfo, StatusCode::FORBIDDEN, ""),
            json!({}),
        ),
        ("id_token_absent", as_it_is, without_id_token, json!({})),
        (
            "claim_type",
            as_it_is,
            Ways::default(),
            json!({"given_name": 5}),
        ),
        (
            "too_large",
            as_it_is,
            Ways::default(),
            json!({"picture": large}),
        ),
    ] {
        let named = format!("\"failure\":\"{failure}\"");
        let before = world.audit().await.matches(&named).count();
        world.partner.adopt(ways);
        world.partner.claim_in_userinfo(claimed);
        for _ in 0..5 {
            let mut browser = world.browser();
            let page = choice(&mut browser).await;
            let back = browser.leave_for("citoyen", &page, &world.partner).await;
            let came = browser.get(&came_back(&back)).await;
            assert!(came.to().ends_with("/provider"), "{}", came.to());
        }
        let after = world.audit().await.matches(&named).count();
        assert_eq!(after, before + 5, "{failure}");
        assert_eq!(status_of(&world, "citoyen").await, "up", "{failure}");
    }
}

#[tokio::test]
async fn a_provider_whose_errors_are_its_own_is_no_longer_offered() {
    for endpoint in [Endpoint::Pushed, Endpoint::Token, Endpoint::Userinfo] {
        let world = World::new().await;
        world.directory.change_provider("citoyen", |provider| {
            provider.requests.pushed = endpoint == Endpoint::Pushed;
        });
        let error = r#"{"error": "server_error"}"#;
        world.partner.adopt(Ways {
            answers: Some((endpoint, StatusCode::INTERNAL_SERVER_ERROR, error)),
            ..Ways::default()
        });
        for _ in 0..5 {
            let mut browser = world.browser();
            let page = choice(&mut browser).await;
            if endpoint == Endpoint::Pushed {
                press(&mut browser, &page, "citoyen", &[]).await;
            } else {
                let back = browser.leave_for("citoyen", &page, &world.partner).await;
                browser.get(&back).await;
            }
        }
        assert_eq!(status_of(&world, "citoyen").await, "down");
        let page = choice(&mut world.browser()).await;
        assert!(!is_offered(&page, "citoyen") && is_offered(&page, "postale"));
    }
}

#[tokio::test]
async fn a_record_of_ours_that_cannot_be_used_says_nothing_of_the_provider() {
    let world = World::new().await;
    world.partner.hide_metadata();
    for _ in 0..5 {
        world.hub.probe_providers().await;
    }
    assert_eq!(status_of(&world, "citoyen").await, "down");
    world.directory.change_provider("citoyen", |provider| {
        // There is no secret.
        provider.authentication = ProviderAuthentication::ClientSecretPost;
    });
    world.hub.warm_up().await;
    assert_eq!(status_of(&world, "citoyen").await, "down");
}

#[tokio::test]
async fn the_page_of_how_providers_do_says_it_in_words() {
    let world = World::new().await;
    world.directory.change_provider("postale", |provider| {
        let (fr, en) = texts("Travaux cette nuit");
        provider.opening.maintenance = Some(Maintenance { fr, en });
    });
    let page = world.browser().get("/status").await;
    assert_eq!(page.status, StatusCode::OK);
    for word in [
        "Compte Citoyen",
        "Fonctionne",
        "En maintenance",
        "Travaux cette nuit (fr)",
    ] {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
    world
        .directory
        .change_provider("postale", |provider| provider.display.displayed = false);
    assert!(
        !world
            .browser()
            .get("/status.json")
            .await
            .body
            .contains("postale")
    );
}

async fn status_of(world: &World, provider: &str) -> String {
    let feed = world.browser().get("/status.json").await;
    let feed: Value = serde_json::from_str(&feed.body).unwrap();
    let providers = feed["providers"].as_array().unwrap();
    let found = providers.iter().find(|line| line["id"] == provider);
    found.unwrap()["status"].as_str().unwrap().to_owned()
}
