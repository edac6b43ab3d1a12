//! How a login can end, for a person who means no harm.

use std::time::Duration;

use guichet_broker::civil_register::{RegisterRefusal, RegisterUnavailable, Verdict};
use guichet_domain::Acr;
use http::StatusCode;
use serde_json::json;

use crate::browser::query;
use crate::partner::Manner;
use crate::world::World;

const SCOPE: &str = "scope=openid%20profile%20cnaf_quotient_familial";

#[tokio::test]
async fn a_person_signs_in_sees_what_leaves_and_is_back_at_the_service() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", SCOPE).await;
    assert_eq!(choice.status, StatusCode::OK);
    assert!(
        choice.body.contains("id=\"provider-citoyen\""),
        "{}",
        choice.body
    );
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    for shown in [
        "Camille Aimée",
        "MARTIN",
        "12 avril 1990",
        "Féminin",
        "Quotient familial",
        "Compte Citoyen",
    ] {
        assert!(consent.body.contains(shown), "{shown}: {}", consent.body);
    }
    assert!(
        !consent.body.contains("camille@example.org"),
        "nobody asked for it"
    );
    let back = browser.agree(&consent).await.at_service();
    assert_eq!(back.path(), "/cb");
    let answer = query(back.as_str());
    assert_eq!(answer["state"], "s-1");
    assert!(answer.contains_key("code"));
    let audit = world.audit().await;
    for event in [
        "login.started",
        "provider.shown",
        "provider.chosen",
        "provider.returned",
        "register.asked",
        "identity.verified",
        "consent.shown",
        "consent.given",
        "service.returned",
    ] {
        assert!(audit.contains(event), "{event}: {audit}");
    }
    for personal in ["MARTIN", "Camille", "1990-04-12", "camille@"] {
        assert!(!audit.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn the_provider_is_asked_with_pkce_a_nonce_and_the_hubs_own_proof() {
    let world = World::new().await;
    let mut browser = world.browser();
    let further =
        "scope=openid&acr_values=eidas2&prompt=login&max_age=60&login_hint=camille&ui_locales=en";
    let choice = browser.start_and_follow("cantine", further).await;
    let fields = [("provider", "citoyen"), ("csrf", &choice.csrf(0))];
    let left = browser.post(&choice.action(0), &fields).await.to();
    let asked = query(&left);
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["acr_values"], "eidas2");
    assert_eq!(asked["prompt"], "login");
    assert_eq!(asked["max_age"], "60");
    assert_eq!(asked["login_hint"], "camille");
    assert_eq!(asked["ui_locales"], "en");
    assert_eq!(
        asked["redirect_uri"],
        "http://localhost:8000/callback/citoyen"
    );
    assert!(!query(&plain_departure(&world).await).contains_key("max_age"));
    let callback = crate::browser::come_back(&left, "citoyen", &world.partner);
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let identity = browser.get(&callback).await;
    assert!(identity.to().ends_with("/identity"), "{identity:?}");
    let sent = &world.partner.token_requests()[0];
    let challenge = guichet_keys::pkce_s256(&sent["code_verifier"]);
    assert_eq!(challenge, asked["code_challenge"]);
    assert!(sent.contains_key("client_assertion"));
}

#[tokio::test]
async fn a_refused_consent_and_a_return_to_the_service_are_access_denied() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    assert!(consent.body.contains("J’autorise"), "a private body asks");
    let fields = [("decision", "refuse"), ("csrf", &consent.csrf(0))];
    let refused = browser.post(&consent.action(0), &fields).await.at_service();
    assert_eq!(query(refused.as_str())["error"], "access_denied");

    let choice = browser
        .start_and_follow("cantine", "scope=openid&prompt=login")
        .await;
    let left = browser
        .post(&choice.action(1), &[("csrf", &choice.csrf(1))])
        .await
        .at_service();
    assert_eq!(query(left.as_str())["error"], "access_denied");
    let audit = world.audit().await;
    assert!(audit.contains("consent.refused") && audit.contains("login.abandoned"));
    assert!(!audit.contains("consent.given"));
}

#[tokio::test]
async fn neither_button_decides_nothing() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid%20email")
        .await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    for decision in ["", "yes", "ACCEPT"] {
        let fields = [("decision", decision), ("csrf", &consent.csrf(0))];
        let answer = browser.post(&consent.action(0), &fields).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{decision}");
    }
    assert!(
        browser
            .agree(&consent)
            .await
            .at_service()
            .query()
            .unwrap()
            .contains("code=")
    );
}

#[tokio::test]
async fn whatever_goes_wrong_at_the_provider_leads_back_to_the_choice_with_its_name() {
    let world = World::new().await;
    for (manner, status, audit) in [
        (Manner::Hanging, StatusCode::GATEWAY_TIMEOUT, "timeout"),
        (Manner::Babbling, StatusCode::BAD_GATEWAY, "garbled"),
        (Manner::Refusing, StatusCode::BAD_GATEWAY, "unknown_code"),
        (
            Manner::SigningElsewhere,
            StatusCode::BAD_GATEWAY,
            "id_token_key",
        ),
    ] {
        world.partner.behave(manner);
        let mut browser = world.browser();
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
        let failed = browser.get(&callback).await;
        let again = browser.follow(failed).await;
        assert_eq!(again.status, status, "{audit}");
        assert!(
            again.body.contains("role=\"status\""),
            "a banner: {}",
            again.body
        );
        assert!(again.body.contains("Compte Citoyen") && !again.body.contains("evil"));
        assert!(
            world.audit().await.contains(&format!("\"{audit}\"")),
            "{audit}"
        );
        world.partner.behave(Manner::Honest);
        let consent = browser.sign_in("postale", &again, &world.partner).await;
        assert_eq!(consent.status, StatusCode::OK, "there is a way on");
    }
}

#[tokio::test]
async fn a_person_who_cancels_at_the_provider_may_choose_again() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
    let cancelled = callback.replace(
        "code=c-1",
        "error=access_denied&error_description=%3Cb%3Eevil",
    );
    let back = browser.get(&cancelled).await;
    let again = browser.follow(back).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(
        again.body.contains("Vous n’avez pas terminé"),
        "{}",
        again.body
    );
    assert!(!again.body.contains("evil"));
    assert!(world.partner.token_requests().is_empty());
}

#[tokio::test]
async fn a_level_that_does_not_suffice_is_not_accepted_and_one_that_does_is_stated() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid&acr_values=eidas2")
        .await;
    let again = browser.sign_in("citoyen", &choice, &world.partner).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert!(again.body.contains("pas assez protégée"), "{}", again.body);
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let consent = browser.sign_in("citoyen", &again, &world.partner).await;
    assert!(consent.body.contains("renforcé"), "{}", consent.body);
}

#[tokio::test]
async fn a_provider_that_cannot_reach_the_level_is_greyed_and_refused_on_the_server() {
    let world = World::new().await;
    world
        .directory
        .change_provider("postale", |provider| provider.levels = vec![Acr::Eidas1]);
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("cantine", "scope=openid&acr_values=eidas2")
        .await;
    assert!(choice.body.contains("Pas assez protégé"), "{}", choice.body);
    for forged in ["postale", "nobody", ""] {
        let fields = [("provider", forged), ("csrf", &choice.csrf(0))];
        let answer = browser.post(&choice.action(0), &fields).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{forged}");
        assert!(answer.body.contains("id=\"way-back\""));
    }
}

#[tokio::test]
async fn a_hint_leads_straight_to_a_provider_that_may_be_used_and_to_the_list_otherwise() {
    let world = World::new().await;
    let straight = world
        .browser()
        .start_and_follow("cantine", "scope=openid&idp_hint=postale")
        .await;
    assert!(straight.to().starts_with(&world.partner.issuer("postale")));
    world.directory.change_client("cantine", |client| {
        client.providers = Some(vec!["citoyen".parse().unwrap()]);
    });
    let list = world
        .browser()
        .start_and_follow("cantine", "scope=openid&idp_hint=postale")
        .await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(
        list.body.contains("Non accepté par Cantine"),
        "{}",
        list.body
    );
}

#[tokio::test]
async fn each_no_of_the_register_is_a_page_of_its_own_with_a_way_on() {
    let world = World::new().await;
    for (refusal, words) in [
        (RegisterRefusal::Deceased, "ne permet plus de se connecter"),
        (RegisterRefusal::NotFound, "n’a pas été trouvée"),
        (RegisterRefusal::SeveralNearMatches, "plusieurs personnes"),
    ] {
        world.register.says(Ok(Verdict::Refused(refusal)));
        let mut browser = world.browser();
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        let page = browser.sign_in("citoyen", &choice, &world.partner).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains(words), "{}", page.body);
        assert!(
            page.body.contains("/provider\" id=\"way-back\""),
            "{}",
            page.body
        );
        assert!(world.audit().await.contains(refusal.as_str()));
    }
}

#[tokio::test]
async fn a_register_that_is_away_lets_the_person_try_again() {
    let world = World::new().await;
    world.register.says(Err(RegisterUnavailable::Timeout));
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
    let identity = browser.get(&callback).await.to();
    let page = browser.get(&identity).await;
    assert_eq!(page.status, StatusCode::GATEWAY_TIMEOUT);
    world
        .register
        .says(Ok(Verdict::Refused(RegisterRefusal::NotFound)));
    assert_eq!(browser.get(&identity).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_incomplete_identity_is_told_and_leads_back() {
    let world = World::new().await;
    world
        .partner
        .claim_in_userinfo(json!({"birthdate": "absent"}));
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let again = browser.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(again.status, StatusCode::BAD_GATEWAY);
    assert!(
        again.body.contains("toute votre identité"),
        "{}",
        again.body
    );
    assert!(world.audit().await.contains("birthdate"));
}

#[tokio::test]
async fn a_login_left_alone_expires() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    world.clock.pass(Duration::from_mins(16));
    let gone = browser.get(&choice.action(0)).await;
    assert_eq!(gone.status, StatusCode::GONE);
    assert!(gone.body.contains("a expiré"), "{}", gone.body);
}

#[tokio::test]
async fn only_openid_leaves_the_person_anonymous() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    assert!(
        consent.body.contains("Vous restez anonyme"),
        "{}",
        consent.body
    );
    assert!(!consent.body.contains("MARTIN"));
}

#[tokio::test]
async fn error_codes_have_public_pages_and_the_hubs_client_keys_are_published() {
    let world = World::new().await;
    let mut browser = world.browser();
    let page = browser.get("/errors/access_denied").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("access_denied"));
    assert_eq!(
        browser.get("/errors/nonsense").await.status,
        StatusCode::NOT_FOUND
    );
    let keys = browser.get("/client/jwks").await;
    assert!(
        guichet_keys::JwkSet::parse(keys.body.as_bytes()).is_ok_and(|set| !set.keys().is_empty())
    );
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_before_anyone_leaves() {
    let world = World::new().await;
    world.directory.change_provider("citoyen", |provider| {
        provider.issuer = "http://127.0.0.1:1/nobody".to_owned();
    });
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let fields = [("provider", "citoyen"), ("csrf", &choice.csrf(0))];
    let back = browser.post(&choice.action(0), &fields).await;
    let again = browser.follow(back).await;
    assert_eq!(again.status, StatusCode::BAD_GATEWAY);
    assert!(
        again.body.contains("Compte Citoyen est injoignable"),
        "{}",
        again.body
    );
}

#[tokio::test]
async fn a_provider_may_rotate_its_keys_during_a_login() {
    let world = World::new().await;
    world.browser().log_in(&world, "cantine", "citoyen").await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
    world.partner.behave(Manner::SigningElsewhere);
    world.partner.publish_other_keys();
    world.clock.pass(Duration::from_secs(31));
    let identity = browser.get(&callback).await;
    assert!(identity.to().ends_with("/identity"), "{identity:?}");
}

#[tokio::test]
async fn metadata_that_cannot_be_refreshed_stays_in_use() {
    let world = World::new().await;
    world.hub.warm_up().await;
    world.partner.hide_metadata();
    world.clock.pass(Duration::from_hours(2));
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK);
}

/// Where a person leaves for when the service asks for nothing particular.
async fn plain_departure(world: &World) -> String {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let fields = [("provider", "citoyen"), ("csrf", &*choice.csrf(0))];
    browser.post(&choice.action(0), &fields).await.to()
}
