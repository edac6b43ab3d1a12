//! How providers do: one that fails by itself is no longer offered until it answers, and nobody else takes one away.

use std::time::Duration;

use guichet_domain::provider::{Maintenance, ProviderAuthentication};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::query;
use crate::choice::{button, choice, is_offered, leave_for_the_service, press, texts};
use crate::partner::{Endpoint, Manner, Ways};
use crate::world::World;

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
