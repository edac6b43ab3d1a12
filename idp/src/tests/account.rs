//! The account's own pages.

use std::time::Duration;

use guichet_domain::Clock as _;
use http::StatusCode;

use crate::testing::{Browser, TOTP, World, code_at};

const ADD: &str = "/account/security/totp";

/// Adds an application to the account this browser is signed in to; its secret.
pub(super) async fn enrol(world: &World, browser: &mut Browser) -> String {
    let page = browser.get(ADD).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let secret = page.text_of("totp-secret");
    let code = code_at(&secret, world.clock.now());
    let added = browser
        .submit(&page, ADD, &[("code", &code), ("label", "Mon téléphone")])
        .await;
    assert_eq!(added.location(), "/account/security?done=totp-added");
    secret
}

#[tokio::test]
async fn an_application_is_added_after_it_proved_its_secret_and_its_owner_is_told() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("ange").await;
    let page = browser.get(ADD).await;
    let again = browser.submit(&page, ADD, &[("code", "000000")]).await;
    assert_eq!(again.location(), "/account/security/totp?code=refused");
    let (_, second) = browser.follow(&again).await;
    assert_eq!(page.text_of("totp-secret"), second.text_of("totp-secret"));
    assert!(second.body.contains("<svg"));
    enrol(&world, &mut browser).await;
    let list = browser.get("/account/security?done=totp-added").await;
    assert!(list.body.contains("Mon téléphone"), "{}", list.body);
    assert!(list.body.contains("was added"));
    // The queue is served by a task of its own.
    while world.mails.0.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let mails = world.mails.0.lock().unwrap();
    assert_eq!(mails[0].to, "ange@example.org");
    assert!(mails[0].text.contains("Compte Citoyen"));
}

#[tokio::test]
async fn the_code_that_proved_an_application_does_not_sign_in_as_well() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("ange").await;
    let secret = enrol(&world, &mut browser).await;
    let asked = browser.ask("&acr_values=eidas2").await;
    let (path, page) = browser.follow(&asked).await;
    let code = code_at(&secret, world.clock.now());
    let refused = browser.submit(&page, &path, &[("code", &code)]).await;
    assert_eq!(refused.location(), path);
}

#[tokio::test]
async fn a_session_of_five_minutes_ago_must_sign_in_again_to_change_second_factors() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("ange").await;
    let page = browser.get(ADD).await;
    assert_eq!(page.status, StatusCode::OK);
    world.clock.advance(Duration::from_mins(5));
    let code = code_at(&page.text_of("totp-secret"), world.clock.now());
    let late = browser.submit(&page, ADD, &[("code", &code)]).await;
    assert_eq!(late.location(), "/sign-in?to=totp");
    assert!(
        browser
            .get("/account/security")
            .await
            .body
            .contains("no-authenticators")
    );
}

#[tokio::test]
async fn a_password_alone_neither_adds_nor_removes_where_there_is_a_second_factor() {
    let world = World::new().await;
    let mut thief = world.browser();
    thief.sign_in_directly("camille").await;
    let list = thief.get("/account/security").await;
    let remove = link_to_remove(&list.body);
    for path in [ADD, "/account/security/passkey", &remove] {
        let led = thief.get(path).await;
        assert!(
            led.location().starts_with("/sign-in?to="),
            "{path}: {led:?}"
        );
    }
    assert!(
        thief
            .post(&remove, &[("csrf", "a"), ("decision", "accept")])
            .await
            .location()
            .starts_with("/sign-in")
    );
    // With the second factor, its owner may.
    let started = thief.get("/sign-in?to=security").await;
    let after_password = thief.sign_in(&started, "camille").await;
    let (path, page) = thief.follow(&after_password).await;
    let done = thief.submit(&page, &path, &[("code", &world.code())]).await;
    assert_eq!(done.location(), "/account/security");
    let question = thief.get(&remove).await;
    assert!(
        question.body.contains("last second factor"),
        "{}",
        question.body
    );
    let removed = thief
        .submit(&question, &remove, &[("decision", "accept")])
        .await;
    assert_eq!(removed.location(), "/account/security?done=removed");
    assert!(
        thief
            .get("/account/security")
            .await
            .body
            .contains("no-authenticators")
    );
    assert!(
        world
            .recorded()
            .await
            .iter()
            .any(|kind| kind == "authenticator.removed")
    );
}

#[tokio::test]
async fn nobody_removes_what_is_somebody_elses() {
    let world = World::new().await;
    let mut camille = world.browser();
    camille.sign_in_directly("camille").await;
    let remove = link_to_remove(&camille.get("/account/security").await.body);
    let mut ange = world.browser();
    ange.sign_in_directly("ange").await;
    assert_eq!(ange.get(&remove).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_account_pages_lead_a_stranger_to_the_sign_in_and_back() {
    let world = World::new().await;
    let mut browser = world.browser();
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let led = browser.get("/account/security").await;
    assert_eq!(led.location(), "/sign-in?to=security");
    let (_, started) = browser.follow(&led).await;
    let signed_in = browser.sign_in(&started, "ange").await;
    assert_eq!(signed_in.location(), "/account/security");
    assert!(browser.get("/").await.body.contains("Ange MARTIN"));
}

#[tokio::test]
async fn an_account_is_added_once_and_its_seed_secret_works() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("camille").await;
    let new = crate::NewAccount {
        login_name: "CAMILLE".into(),
        password: "another-long-secret".into(),
        identity: guichet_domain::IdentityClaims::default(),
        totp: None,
    };
    let refused = world.idp.add_account(new).await;
    assert!(matches!(refused, Err(crate::AddAccountError::Taken)));
    assert_eq!(world.code(), code_at(TOTP, world.clock.now()));
}

fn link_to_remove(body: &str) -> String {
    let end = body.find("/remove\"").unwrap() + "/remove".len();
    let start = body[..end].rfind('"').unwrap() + 1;
    body[start..end].to_owned()
}
