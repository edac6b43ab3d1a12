//! The civil register that fails: who is told what, who passes, and when it is left alone.

use std::time::Duration;

use guichet_broker::civil_register::{RegisterRefusal, RegisterUnavailable, Verdict};
use guichet_domain::{Profile, WithoutRegister};
use http::StatusCode;
use serde_json::json;

use crate::browser::Answer;
use crate::world::World;

#[tokio::test]
async fn each_way_of_failing_is_a_page_and_an_entry_of_its_own() {
    let mut pages = std::collections::HashSet::new();
    for why in RegisterUnavailable::ALL {
        let world = World::new().await;
        world.register.says(Err(why));
        let page = sign_in(&world, "cantine").await;
        assert!(page.status.is_server_error(), "{why:?}");
        assert!(page.body.contains("id=\"way-back\""), "{}", page.body);
        let what = page.body.split("id=\"error-what\">").nth(1).unwrap();
        assert!(
            pages.insert(what.split('<').next().unwrap().to_owned()),
            "{why:?}"
        );
        let audit = world.audit().await;
        let entry = format!("\"outcome\":\"{}\"", why.as_str());
        assert!(
            audit.contains("register.failed") && audit.contains(&entry),
            "{audit}"
        );
        assert!(!audit.contains("identity.verified"));
    }
}

#[tokio::test]
async fn applications_of_franceconnect_see_its_codes_and_its_status() {
    let world = World::new().await;
    let no = |refusal| Ok(Verdict::Refused(refusal));
    for (answer, status, code) in [
        (no(RegisterRefusal::OneNearMatch), 403, "Y010004"),
        (no(RegisterRefusal::SeveralNearMatches), 403, "Y010006"),
        (no(RegisterRefusal::MarriedNameOnly), 403, "Y010007"),
        (no(RegisterRefusal::NotFound), 403, "Y010008"),
        (no(RegisterRefusal::Rejected), 403, "Y010009"),
        (no(RegisterRefusal::Deceased), 403, "Y010015"),
        (Err(RegisterUnavailable::Timeout), 504, "Y010011"),
        (Err(RegisterUnavailable::Broken), 504, "Y010011"),
        (Err(RegisterUnavailable::Unreachable), 504, "Y010012"),
        (Err(RegisterUnavailable::Garbled), 504, "Y010012"),
        (Err(RegisterUnavailable::Unknown), 400, "Y010013"),
    ] {
        // A success in between, so that the breaker stays closed.
        world.register.says(no(RegisterRefusal::NotFound));
        sign_in(&world, "cantine").await;
        world.register.says(answer);
        let page = sign_in_for_franceconnect(&world).await;
        assert_eq!(page.status.as_u16(), status, "{code}");
        assert!(page.body.contains(code), "{code}: {}", page.body);
    }
    assert!(world.audit().await.contains("register.deceased"));
}

#[tokio::test]
async fn a_register_that_fails_again_and_again_is_left_alone_until_one_sign_in_tries() {
    let world = World::new().await;
    world.register.says(Err(RegisterUnavailable::Timeout));
    for _ in 0..5 {
        let page = sign_in(&world, "cantine").await;
        assert_eq!(page.status, StatusCode::GATEWAY_TIMEOUT);
    }
    world.register.confirms();
    let asked = world.register.asked();
    let page = sign_in(&world, "cantine").await;
    assert_eq!(
        page.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "nobody asks it"
    );
    assert_eq!(world.register.asked(), asked);
    world.clock.pass(Duration::from_secs(30));
    let page = sign_in(&world, "cantine").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(world.register.asked(), asked + 1);
}

#[tokio::test]
async fn while_it_is_down_its_earlier_word_counts_where_the_settings_say_so() {
    let world = World::with(|settings| {
        settings.register.without.eidas1 = WithoutRegister::EarlierVerdict;
    })
    .await;
    let page = sign_in(&world, "cantine").await;
    assert_eq!(page.status, StatusCode::OK);
    world.register.says(Err(RegisterUnavailable::Unreachable));
    assert_eq!(sign_in(&world, "cantine").await.status, StatusCode::OK);
    assert!(world.audit().await.contains("earlier_verdict"));
    // Nothing is remembered of somebody else, and nothing after a day.
    world
        .partner
        .claim_in_userinfo(json!({"given_name": "Claude"}));
    let nobody = sign_in(&world, "cantine").await;
    assert_eq!(nobody.status, StatusCode::SERVICE_UNAVAILABLE);
    world.partner.claim_in_userinfo(json!({}));
    world.clock.pass(Duration::from_hours(24));
    let too_late = sign_in(&world, "cantine").await;
    assert_eq!(too_late.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn whoever_was_said_to_be_deceased_does_not_come_back_when_it_is_down() {
    let world = World::with(|settings| {
        settings.register.without.eidas1 = WithoutRegister::ProvidersWord;
    })
    .await;
    world.register.confirms();
    assert_eq!(sign_in(&world, "cantine").await.status, StatusCode::OK);
    let deceased = Ok(Verdict::Refused(RegisterRefusal::Deceased));
    world.register.says(deceased);
    sign_in(&world, "cantine").await;
    world.register.says(Err(RegisterUnavailable::Unreachable));
    let page = sign_in(&world, "cantine").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    // Of whom nothing is remembered, the provider's word counts here.
    world
        .partner
        .claim_in_userinfo(json!({"given_name": "Claude"}));
    assert_eq!(sign_in(&world, "cantine").await.status, StatusCode::OK);
    assert!(world.audit().await.contains("providers_word"));
}

#[tokio::test]
async fn an_answer_that_is_none_lets_nobody_pass_and_is_no_outage() {
    let world = World::with(|settings| {
        settings.register.without.eidas1 = WithoutRegister::ProvidersWord;
    })
    .await;
    world.register.says(Err(RegisterUnavailable::Unknown));
    for _ in 0..6 {
        let page = sign_in(&world, "cantine").await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    }
    assert_eq!(world.register.asked(), 6, "it is not left alone");
    assert!(!world.audit().await.contains("providers_word"));
}

#[tokio::test]
async fn the_policy_of_one_level_is_not_that_of_another() {
    let world = World::with(|settings| {
        settings.register.without.eidas1 = WithoutRegister::ProvidersWord;
    })
    .await;
    world.register.says(Err(RegisterUnavailable::Unreachable));
    assert_eq!(sign_in(&world, "cantine").await.status, StatusCode::OK);
    world.partner.claim_in_id_token(json!({"acr": "eidas2"}));
    let substantial = sign_in(&world, "cantine").await;
    assert_eq!(substantial.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// A sign-in whose service is one of FranceConnect's by the time the register is asked.
async fn sign_in_for_franceconnect(world: &World) -> Answer {
    let profile = |profile| {
        let change = |client: &mut guichet_domain::Client| client.profile = profile;
        world.directory.change_client("cantine", change);
    };
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    profile(Profile::FranceConnect);
    let page = browser.sign_in("citoyen", &choice, &world.partner).await;
    profile(Profile::Standard);
    page
}

async fn sign_in(world: &World, client: &str) -> Answer {
    let mut browser = world.browser();
    let further = "scope=openid&acr_values=eidas1";
    let choice = browser.start_and_follow(client, further).await;
    browser.sign_in("citoyen", &choice, &world.partner).await
}
