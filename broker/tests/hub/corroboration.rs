//! The word of two providers: reached when both vouch for the same person in one session, and never
//! otherwise.

use std::time::Duration;

use guichet_domain::{Acr, AcrValue, SessionSharing};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, claims_of, query};
use crate::world::World;

const TWO: &str = "scope=openid%20profile&acr_values=eidas1-corroborated";

/// The ID token of a login that ends here.
async fn told(browser: &mut Browser, client: &str, consent: &Answer) -> Value {
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    let back = browser.agree(consent).await.at_service();
    let tokens = browser.redeem(client, &back).await;
    claims_of(tokens["id_token"].as_str().unwrap())
}

/// Whoever signed in at Cantine by Identité Postale, at the choice of a second provider for Banque; and the
/// access token that Cantine has of them.
async fn one_word(world: &World) -> (Browser, Answer, String) {
    let mut browser = world.browser();
    let back = browser.log_in(world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    let choice = browser.start_and_follow("banque", TWO).await;
    asks_for_a_second(&choice, "Identité Postale");
    (browser, choice, token)
}

/// From the request of Cantine to the choice of a second provider, by way of Compte Citoyen.
async fn first_word(world: &World, browser: &mut Browser, request: &str) -> Answer {
    let choice = browser.start_and_follow("cantine", request).await;
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
    more
}

/// From now on the accounts are somebody else's.
fn becomes_ange(world: &World) {
    let ange = json!({"family_name": "CASANOVA", "given_name": "Ange"});
    world.partner.claim_in_userinfo(ange);
}

fn asks_for_a_second(page: &Answer, first: &str) {
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let needed = format!("{first} a confirmé votre identité. Choisissez maintenant un second");
    assert!(page.body.contains(&needed), "{}", page.body);
    assert!(page.body.contains("A déjà confirmé"), "{}", page.body);
}

#[tokio::test]
async fn two_providers_in_one_login_are_corroboration_and_the_token_says_so() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", TWO).await;
    assert!(choice.body.contains("deux comptes"), "{}", choice.body);
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
    world.clock.pass(Duration::from_secs(5));
    world.partner.claim_in_id_token(json!({"amr": ["otp"]}));
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    let both = "Identité Postale et Compte Citoyen ont tous deux";
    assert!(consent.body.contains(both), "{}", consent.body);
    let token = told(&mut browser, "cantine", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated");
    let mut methods = token["amr"].as_array().unwrap().clone();
    methods.sort_by_key(ToString::to_string);
    assert_eq!(methods, ["otp", "pwd"]);
    assert!(world.audit().await.contains("\"with\":\"citoyen\""));
}

#[tokio::test]
async fn a_session_asks_only_for_the_second_word_and_lends_both_afterwards() {
    let world = World::new().await;
    let (mut browser, choice, _) = one_word(&world).await;
    let silent = format!("{TWO}&prompt=none");
    let refused = browser.start("banque", &silent).await.at_service();
    assert_eq!(query(refused.as_str())["error"], "login_required");
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    let token = told(&mut browser, "banque", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated");
    // One more service, by single sign-on; and one that does not ask is not told.
    let consent = browser.start_and_follow("cantine", TWO).await;
    let token = told(&mut browser, "cantine", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated");
    let plain = browser.start_and_follow("banque", "scope=openid").await;
    assert_eq!(told(&mut browser, "banque", &plain).await["acr"], "eidas1");
}

#[tokio::test]
async fn a_second_word_does_not_lower_the_first() {
    let world = World::new().await;
    let mut browser = world.browser();
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let more = first_word(&world, &mut browser, TWO).await;
    world.partner.claim_in_id_token(json!({"acr": "eidas1"}));
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    let token = told(&mut browser, "cantine", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated", "the lower of both");
    let strong = browser
        .start_and_follow("banque", "scope=openid&acr_values=eidas2")
        .await;
    assert_eq!(told(&mut browser, "banque", &strong).await["acr"], "eidas2");
    let each = browser
        .start_and_follow("cantine", "scope=openid&acr_values=eidas2-corroborated")
        .await;
    asks_for_a_second(&each, "Compte Citoyen");
}

#[tokio::test]
async fn the_provider_that_vouched_is_not_its_own_second_nor_another_record_of_it() {
    let world = World::new().await;
    world
        .directory
        .add_provider_like("citoyen", "alias", "Compte Citoyen bis");
    world
        .directory
        .add_provider_like("postale", "realm", "Un autre royaume du même serveur");
    world.directory.change_provider("realm", |realm| {
        realm.issuer.push_str("/realm");
        realm.operator = Some("citoyen".to_owned());
    });
    let mut browser = world.browser();
    let more = first_word(&world, &mut browser, TWO).await;
    for again in ["citoyen", "alias", "realm"] {
        let fields = [("provider", again), ("csrf", &more.csrf(0))];
        let refused = browser.post(&more.action(0), &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{again}");
    }
    assert!(world.audit().await.contains("has_vouched"));
}

#[tokio::test]
async fn a_second_provider_that_names_somebody_else_is_refused_under_its_own_name() {
    let world = World::new().await;
    let (mut browser, choice, token) = one_word(&world).await;
    becomes_ange(&world);
    let refused = browser.sign_in("citoyen", &choice, &world.partner).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let says = "Vos deux comptes ne désignent pas la même personne";
    assert!(refused.body.contains(says), "{}", refused.body);
    assert!(world.audit().await.contains("identity.contradicted"));
    assert_eq!(browser.userinfo(&token).await.status, StatusCode::OK);
    // The right account of the same provider goes on where the first word left off.
    let mut right = browser.clone();
    world.partner.claim_in_userinfo(json!({}));
    let list = right.get(&choice.action(0)).await;
    let consent = right.sign_in("citoyen", &list, &world.partner).await;
    let id_token = told(&mut right, "banque", &consent).await;
    assert_eq!(id_token["acr"], "eidas1-corroborated");
}

#[tokio::test]
async fn whoever_signs_in_as_somebody_else_again_means_it_and_begins_with_one_word() {
    let world = World::new().await;
    let (mut browser, choice, token) = one_word(&world).await;
    becomes_ange(&world);
    browser.sign_in("citoyen", &choice, &world.partner).await;
    let list = browser.get(&choice.action(0)).await;
    let more = browser.sign_in("citoyen", &list, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
    let gone = browser.userinfo(&token).await.status;
    assert_eq!(gone, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_word_given_to_a_service_that_shares_with_nobody_does_not_count() {
    let world = World::new().await;
    world
        .directory
        .change_client("cantine", |client| client.sso = SessionSharing::Never);
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "postale").await;
    let choice = browser.start_and_follow("banque", TWO).await;
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
}

#[tokio::test]
async fn a_word_of_a_provider_disabled_while_the_person_is_at_the_second_does_not_count() {
    let world = World::new().await;
    let (mut browser, choice, _) = one_word(&world).await;
    world
        .directory
        .change_provider("postale", |provider| provider.active = false);
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
}

#[tokio::test]
async fn a_word_that_its_provider_took_back_does_not_count() {
    let world = World::new().await;
    world
        .directory
        .change_provider("postale", |provider| provider.backchannel_logout = true);
    let (mut browser, choice, _) = one_word(&world).await;
    let logout = world.partner.logout_token("postale", &json!({}));
    let to = "/callback/postale/backchannel-logout";
    let taken = world.browser().post(to, &[("logout_token", &logout)]).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
}

/// Both records may say this much; `citoyen` vouched at `high`, and the choice of a second one is open.
async fn vouched_at(world: &World, high: &str, asks: &str) -> (Browser, Answer) {
    let all = vec![Acr::Eidas1, Acr::Eidas2, Acr::Eidas3];
    for id in ["citoyen", "postale"] {
        world.directory.change_provider(id, |provider| {
            provider.levels.clone_from(&all);
            let ours = all.iter().map(|level| (level.to_string(), *level));
            provider.acr_map = ours.collect();
        });
    }
    let mut browser = world.browser();
    world.partner.claim_in_id_token(json!({"acr": high}));
    browser.log_in(world, "cantine", "citoyen").await;
    let choice = browser.start_and_follow("banque", asks).await;
    asks_for_a_second(&choice, "Compte Citoyen");
    (browser, choice)
}

#[tokio::test]
async fn a_provider_disabled_meanwhile_is_no_first_word_however_strong_it_was() {
    let world = World::new().await;
    let (mut browser, choice) = vouched_at(&world, "eidas2", TWO).await;
    world.partner.claim_in_id_token(json!({"acr": "eidas1"}));
    world
        .directory
        .change_provider("citoyen", |provider| provider.active = false);
    let more = browser.sign_in("postale", &choice, &world.partner).await;
    let needed = "Identité Postale a confirmé votre identité";
    assert!(more.body.contains(needed), "{}", more.body);
}

#[tokio::test]
async fn a_strong_sign_in_is_worth_no_longer_for_a_second_word() {
    let day = Duration::from_hours(24);
    let world = World::with(|settings| settings.session_idle = day).await;
    let mut browser = world.browser();
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    browser.log_in(&world, "cantine", "citoyen").await;
    world.clock.pass(Duration::from_hours(11));
    let choice = browser.start_and_follow("banque", TWO).await;
    world.partner.claim_in_id_token(json!({"acr": "eidas1"}));
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    told(&mut browser, "banque", &consent).await;
    let asks = "scope=openid&acr_values=eidas2";
    let lent = browser.start_and_follow("banque", asks).await;
    assert!(lent.body.contains("id=\"accept\""), "{}", lent.body);
    world.clock.pass(Duration::from_hours(2));
    let anew = browser.start_and_follow("banque", asks).await;
    assert!(anew.body.contains("provider-citoyen"), "{}", anew.body);
}

#[tokio::test]
async fn a_first_word_that_was_there_is_worth_what_single_sign_on_lends() {
    let world = World::new().await;
    let each = "scope=openid&acr_values=eidas2-corroborated";
    let (mut browser, choice) = vouched_at(&world, "eidas3", each).await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let token = told(&mut browser, "banque", &consent).await;
    assert_eq!(token["acr"], "eidas2-corroborated");
    // Shown anew by both, it is the higher one.
    let each = "scope=openid&acr_values=eidas3-corroborated";
    let choice = browser.start_and_follow("banque", each).await;
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    let token = told(&mut browser, "banque", &consent).await;
    assert_eq!(token["acr"], "eidas3-corroborated");
}

#[tokio::test]
async fn a_word_above_what_its_provider_may_say_today_is_none() {
    for lowered in ["citoyen", "postale"] {
        let world = World::new().await;
        let each = "scope=openid&acr_values=eidas2-corroborated";
        let (mut browser, choice) = vouched_at(&world, "eidas2", each).await;
        let consent = browser.sign_in("postale", &choice, &world.partner).await;
        told(&mut browser, "banque", &consent).await;
        let lent = browser.start_and_follow("cantine", each).await;
        assert!(lent.body.contains("id=\"accept\""), "{}", lent.body);
        world
            .directory
            .change_provider(lowered, |provider| provider.levels = vec![Acr::Eidas1]);
        let more = browser.start_and_follow("cantine", each).await;
        assert!(more.body.contains("id=\"provider-"), "{}", more.body);
    }
}

#[tokio::test]
async fn whoever_is_not_the_one_who_vouched_says_so_and_begins_with_one_word() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let choice = browser.start_and_follow("banque", TWO).await;
    asks_for_a_second(&choice, "Compte Citoyen");
    let another = [("another", "yes"), ("csrf", &choice.csrf(0))];
    let over = browser.post(&choice.action(0), &another).await;
    let choice = browser.follow(over).await;
    assert_eq!(choice.status, StatusCode::OK);
    assert!(!choice.body.contains("A déjà confirmé"), "{}", choice.body);
    assert!(!choice.body.contains("other-account"), "nobody is expected");
    becomes_ange(&world);
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    let token = told(&mut browser, "banque", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated");
    assert!(world.audit().await.contains("another_account"));
}

#[tokio::test]
async fn another_account_at_the_consent_may_be_one_of_the_provider_that_vouched() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let choice = browser.start_and_follow("banque", TWO).await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let other = [("decision", "other"), ("csrf", &consent.csrf(0))];
    let over = browser.post(&consent.action(0), &other).await;
    let choice = browser.follow(over).await;
    assert!(!choice.body.contains("A déjà confirmé"), "{}", choice.body);
    let more = browser.sign_in("citoyen", &choice, &world.partner).await;
    asks_for_a_second(&more, "Compte Citoyen");
}

#[tokio::test]
async fn a_word_of_both_is_asked_anew_where_the_service_wants_that() {
    let world = World::new().await;
    let mut browser = world.browser();
    let more = first_word(&world, &mut browser, TWO).await;
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    told(&mut browser, "cantine", &consent).await;
    let anew = format!("{TWO}&prompt=login");
    let choice = browser.start_and_follow("cantine", &anew).await;
    assert!(!choice.body.contains("A déjà confirmé"), "{}", choice.body);
    let more = browser.sign_in("postale", &choice, &world.partner).await;
    asks_for_a_second(&more, "Identité Postale");
}

#[tokio::test]
async fn the_least_a_service_accepts_may_be_two_words_whatever_its_request_names() {
    let world = World::new().await;
    let two = AcrValue::corroborated(Acr::Eidas1);
    world
        .directory
        .change_client("banque", |client| client.minimum_acr = Some(two));
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "postale").await;
    for asked in ["acr_values=eidas1", ""] {
        let choice = browser
            .start_and_follow("banque", &format!("scope=openid&{asked}"))
            .await;
        asks_for_a_second(&choice, "Identité Postale");
    }
    let both = "scope=openid&acr_values=eidas2";
    let choice = browser.start_and_follow("banque", both).await;
    assert!(!choice.body.contains("A déjà confirmé"), "{}", choice.body);
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let more = browser.sign_in("postale", &choice, &world.partner).await;
    asks_for_a_second(&more, "Identité Postale");
    let consent = browser.sign_in("citoyen", &more, &world.partner).await;
    let token = told(&mut browser, "banque", &consent).await;
    assert_eq!(token["acr"], "eidas2-corroborated");
}

/// What a service sends that cannot do with less than two words.
const ESSENTIAL: &str = "scope=openid&claims=%7B%22id_token%22%3A%7B%22acr%22%3A%7B%22essential%22%3A\
                         true%2C%22value%22%3A%22eidas1-corroborated%22%7D%7D%7D";

#[tokio::test]
async fn an_essential_acr_of_two_words_is_reached_and_stated() {
    let world = World::new().await;
    let mut browser = world.browser();
    let more = first_word(&world, &mut browser, ESSENTIAL).await;
    let consent = browser.sign_in("postale", &more, &world.partner).await;
    let token = told(&mut browser, "cantine", &consent).await;
    assert_eq!(token["acr"], "eidas1-corroborated");
}

#[tokio::test]
async fn an_essential_acr_of_two_words_is_never_answered_with_one() {
    let world = World::new().await;
    world
        .directory
        .change_provider("postale", |provider| provider.active = false);
    let mut browser = world.browser();
    let more = first_word(&world, &mut browser, ESSENTIAL).await;
    let forced = [("provider", "postale"), ("csrf", &more.csrf(0))];
    let refused = browser.post(&more.action(0), &forced).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    for next in ["/consent", "/return"] {
        let early = more.action(0).replace("/provider", next);
        let early = browser.get(&early).await;
        assert_eq!(early.status, StatusCode::CONFLICT, "{next}");
    }
    let (address, hidden) = more.form_to("/abandon");
    let hidden: Vec<(&str, &str)> = hidden.iter().map(|(name, it)| (&**name, &**it)).collect();
    let back = browser.post(&address, &hidden).await.at_service();
    assert_eq!(query(back.as_str()).get("code"), None);
}
