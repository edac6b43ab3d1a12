//! The page of providers: what is offered, what is not and why, and how the choice is made.

use std::time::Duration;

use guichet_domain::provider::{ClientList, Maintenance, Warning, WhenUnavailable};
use guichet_domain::{Acr, Timestamp};
use http::StatusCode;

use crate::browser::{Answer, Browser};
use crate::world::World;

const SCOPE: &str = "scope=openid%20profile";

pub(crate) async fn choice(browser: &mut Browser) -> Answer {
    browser.start_and_follow("cantine", SCOPE).await
}

/// The button of a provider as the page has it; empty where it has none.
pub(crate) fn button<'a>(page: &'a Answer, id: &str) -> &'a str {
    let marker = format!("id=\"provider-{id}\"");
    let Some((_, after)) = page.body.split_once(marker.as_str()) else {
        return "";
    };
    after.split("</button>").next().unwrap()
}

pub(crate) fn is_offered(page: &Answer, id: &str) -> bool {
    let button = button(page, id);
    !button.is_empty() && !button.starts_with(" disabled")
}

pub(crate) async fn press(
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

pub(crate) async fn leave_for_the_service(browser: &mut Browser, page: &Answer) -> Answer {
    let forms = page.body.matches("<form method=\"post\"").count();
    let csrf = page.csrf(forms - 1);
    browser
        .post(&page.action(forms - 1), &[("csrf", csrf.as_str())])
        .await
}

pub(crate) fn texts(text: &str) -> (String, String) {
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
