//! Passkeys, with one of software.

use http::StatusCode;

use crate::testing::{Answered, Browser, SoftPasskey, World};

const ADD: &str = "/account/security/passkey";

/// `ange` adds a passkey in this browser.
async fn add(browser: &mut Browser) -> SoftPasskey {
    browser.sign_in_directly("ange").await;
    let page = browser.get(ADD).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let (passkey, posted) = SoftPasskey::create(&page.options());
    let added = browser
        .submit(&page, ADD, &[("credential", &posted), ("label", "Clé")])
        .await;
    assert_eq!(added.location(), "/account/security?done=passkey-added");
    passkey
}

/// A client's request at `eidas2`, at the page it begins with.
async fn begin(browser: &mut Browser) -> (String, Answered) {
    let asked = browser.ask("&acr_values=eidas2&prompt=login").await;
    let (path, page) = browser.follow(&asked).await;
    (path.replace("/password", "/passkey"), page)
}

#[tokio::test]
async fn a_passkey_alone_reaches_the_level_even_where_the_password_is_locked() {
    let world = World::new().await;
    let mut passkey = add(&mut world.browser()).await;
    let mut browser = world.browser();
    for _ in 0..20 {
        browser.sign_in_directly("ange").await;
        let (path, page) = begin(&mut browser).await;
        let wrong = [("login", "ange"), ("password", "wrong-wrong-wrong")];
        browser
            .submit(&page, &path.replace("/passkey", "/password"), &wrong)
            .await;
    }
    let mut owner = world.browser();
    let (path, page) = begin(&mut owner).await;
    let posted = passkey.get(&page.options());
    let answered = owner.submit(&page, &path, &[("credential", &posted)]).await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
    let again = owner.ask("&acr_values=eidas2&prompt=none").await;
    assert!(again.parameter("code").is_some());
}

#[tokio::test]
async fn after_a_password_the_account_s_own_passkey_is_the_second_factor() {
    let world = World::new().await;
    let mut browser = world.browser();
    let mut passkey = add(&mut browser).await;
    // The session of a password: only the second factor is missing.
    let asked = browser.ask("&acr_values=eidas2").await;
    let (path, page) = browser.follow(&asked).await;
    assert!(path.ends_with("/code"));
    let posted = passkey.get(&page.options());
    let action = path.replace("/code", "/passkey");
    let answered = browser
        .submit(&page, &action, &[("credential", &posted)])
        .await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
}

#[tokio::test]
async fn the_passkey_of_another_account_is_no_second_factor() {
    let world = World::new().await;
    let mut passkey = add(&mut world.browser()).await;
    let mut browser = world.browser();
    let asked = browser.ask("&acr_values=eidas2").await;
    let after_password = browser.sign_in(&asked, "camille").await;
    let (path, page) = browser.follow(&after_password).await;
    // The page offers camille no passkey; the attacker posts one all the same.
    assert!(!page.body.contains("data-ceremony"));
    let (_, other) = begin(&mut browser).await;
    let posted = passkey.get(&other.options());
    let action = path.replace("/code", "/passkey");
    let forged = [("csrf", other.csrf_of_passkey()), ("credential", posted)];
    let fields: Vec<(&str, &str)> = forged.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(
        browser.post(&action, &fields).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn an_answer_counts_for_its_own_challenge_once() {
    let world = World::new().await;
    let mut passkey = add(&mut world.browser()).await;
    let mut browser = world.browser();
    let (first_path, first) = begin(&mut browser).await;
    let (path, page) = begin(&mut browser).await;
    // The first sign-in's challenge was replaced by the second's.
    let posted = passkey.get(&first.options());
    let refused = browser
        .submit(&first, &first_path, &[("credential", &posted)])
        .await;
    assert!(refused.location().ends_with("/password"), "{refused:?}");
    // And what was taken is gone.
    let posted = passkey.get(&page.options());
    let refused = browser
        .submit(&page, &path, &[("credential", &posted)])
        .await;
    assert!(refused.location().ends_with("/password"), "{refused:?}");
    let (_, page) = browser.follow(&refused).await;
    assert!(page.body.contains("could not be used"));
    let posted = passkey.get(&page.options());
    let answered = browser
        .submit(&page, &path, &[("credential", &posted)])
        .await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
}

#[tokio::test]
async fn a_passkey_that_lies_is_refused() {
    let world = World::new().await;
    let mut passkey = add(&mut world.browser()).await;
    let lies: [fn(&mut SoftPasskey); 3] = [
        |passkey| passkey.verifies = false,
        |passkey| passkey.origin = "http://localhost:8011".into(),
        // A clone that was used less: its counter is behind (WebAuthn §6.1.1).
        |passkey| passkey.counter = 1,
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let honest = (passkey.verifies, passkey.origin.clone(), passkey.counter);
        lie(&mut passkey);
        let mut browser = world.browser();
        let (path, page) = begin(&mut browser).await;
        let posted = passkey.get(&page.options());
        let refused = browser
            .submit(&page, &path, &[("credential", &posted)])
            .await;
        assert!(
            refused.location().ends_with("/password"),
            "{number}: {refused:?}"
        );
        assert!(browser.cookie("compte-citoyen-session").is_none());
        (passkey.verifies, passkey.origin, passkey.counter) = honest;
    }
    let mut browser = world.browser();
    let (path, page) = begin(&mut browser).await;
    let posted = passkey.get(&page.options());
    let answered = browser
        .submit(&page, &path, &[("credential", &posted)])
        .await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
}

#[tokio::test]
async fn without_script_the_form_says_what_else_to_do() {
    let world = World::new().await;
    let mut browser = world.browser();
    let (path, page) = begin(&mut browser).await;
    assert!(page.body.contains("needs JavaScript"));
    let refused = browser.submit(&page, &path, &[("credential", "")]).await;
    let (_, page) = browser.follow(&refused).await;
    assert!(page.body.contains("choose another way"));
}

#[tokio::test]
async fn one_passkey_is_not_added_twice_nor_for_another_challenge() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("ange").await;
    let page = browser.get(ADD).await;
    let (_, posted) = SoftPasskey::create(&page.options());
    let newer = browser.get(ADD).await;
    let refused = browser
        .submit(&newer, ADD, &[("credential", &posted)])
        .await;
    assert_eq!(refused.location(), "/account/security?done=passkey-failed");
    let replayed = browser.submit(&page, ADD, &[("credential", &posted)]).await;
    assert_eq!(replayed.location(), "/account/security?done=passkey-failed");
}
