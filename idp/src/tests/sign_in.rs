//! Sign-ins by password and code, and what may not shorten them.

use guichet_domain::Acr;
use http::StatusCode;

use crate::testing::{Answered, Browser, Setup, World};

/// A request at `eidas2`, as far as the second factor's page: its path and the page.
async fn as_far_as_the_code(browser: &mut Browser, login: &str) -> (String, Answered) {
    let asked = browser.ask("&acr_values=eidas2").await;
    let after_password = browser.sign_in(&asked, login).await;
    browser.follow(&after_password).await
}

#[tokio::test]
async fn a_password_brings_the_client_a_code_and_the_session_answers_the_next_request() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let answered = browser.sign_in(&asked, " Camille ").await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert!(
        answered
            .location()
            .starts_with("https://hub.example/callback?")
    );
    assert!(answered.parameter("code").is_some());
    assert_eq!(answered.parameter("state").as_deref(), Some("s"));
    let again = browser.ask("&prompt=none").await;
    assert!(again.parameter("code").is_some(), "{again:?}");
    let recorded = world.recorded().await;
    for kind in [
        "login.started",
        "password.accepted",
        "sso.started",
        "service.returned",
    ] {
        assert!(
            recorded.iter().any(|known| known == kind),
            "{kind} in {recorded:?}"
        );
    }
}

#[tokio::test]
async fn without_a_session_prompt_none_asks_nobody() {
    let world = World::new().await;
    let answered = world.browser().ask("&prompt=none").await;
    assert_eq!(
        answered.parameter("error").as_deref(),
        Some("login_required")
    );
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_are_told_apart_by_nothing() {
    let world = World::new().await;
    let mut told = Vec::new();
    for login in ["camille", "nobody7"] {
        let mut browser = world.browser();
        let asked = browser.ask("").await;
        let (path, page) = browser.follow(&asked).await;
        let fields = [("login", login), ("password", "wrong-wrong-wrong")];
        let refused = browser.submit(&page, &path, &fields).await;
        assert_eq!(refused.location(), path);
        let names: Vec<String> = refused.headers.keys().map(ToString::to_string).collect();
        let (_, page) = browser.follow(&refused).await;
        assert!(page.body.contains("is not right"));
        // What differs is what was typed, and what differs on every page.
        let id = path.split('/').nth(2).unwrap();
        let mut body = page.body.replace(login, "LOGIN").replace(id, "ID");
        for action in [
            path.clone(),
            path.replace("password", "passkey"),
            path.replace("password", "cancel"),
        ] {
            body = body.replace(&page.csrf(&action), "CSRF");
        }
        let challenge = page.options()["challenge"].as_str().unwrap().to_owned();
        told.push((
            refused.status,
            names,
            page.status,
            body.replace(&challenge, "CHALLENGE"),
        ));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn the_level_asks_for_the_code_and_the_session_keeps_what_it_lifted() {
    let world = World::new().await;
    let mut browser = world.browser();
    let low = browser.ask("").await;
    let low = browser.sign_in(&low, "camille").await;
    assert!(low.parameter("code").is_some());
    // The password counts already: only the code is missing.
    let asked = browser.ask("&acr_values=eidas2").await;
    let (path, page) = browser.follow(&asked).await;
    assert!(path.ends_with("/code"), "{path}");
    let answered = browser
        .submit(&page, &path, &[("code", &world.code())])
        .await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
    let again = browser.ask("&acr_values=eidas2&prompt=none").await;
    assert!(again.parameter("code").is_some(), "{again:?}");
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let world = World::new().await;
    let code = world.code();
    let mut first = world.browser();
    let (path, page) = as_far_as_the_code(&mut first, "camille").await;
    assert!(
        first
            .submit(&page, &path, &[("code", &code)])
            .await
            .parameter("code")
            .is_some()
    );
    let mut second = world.browser();
    let (path, page) = as_far_as_the_code(&mut second, "camille").await;
    let refused = second.submit(&page, &path, &[("code", &code)]).await;
    assert_eq!(refused.location(), path);
    let (_, page) = second.follow(&refused).await;
    assert!(page.body.contains("was used already"));
    assert!(second.cookie("compte-citoyen-session").is_none());
}

#[tokio::test]
async fn of_ten_posts_of_one_code_one_is_answered() {
    let world = World::new().await;
    let mut browsers = Vec::new();
    for _ in 0..10 {
        let mut browser = world.browser();
        let (path, page) = as_far_as_the_code(&mut browser, "camille").await;
        browsers.push((browser, path, page));
    }
    let code = world.code();
    let mut posts = tokio::task::JoinSet::new();
    for (mut browser, path, page) in browsers {
        let code = code.clone();
        posts.spawn(async move { browser.submit(&page, &path, &[("code", &code)]).await });
    }
    let answers = posts.join_all().await;
    let signed_in = answers
        .iter()
        .filter(|answer| answer.location().starts_with("https://hub"));
    assert_eq!(signed_in.count(), 1);
}

#[tokio::test]
async fn without_a_second_factor_the_level_is_not_reached_and_nothing_can_be_enrolled_on_the_way() {
    let world = World::new().await;
    let mut browser = world.browser();
    let (path, page) = as_far_as_the_code(&mut browser, "ange").await;
    assert!(path.ends_with("/no-second-factor"), "{path}");
    assert_eq!(page.status, StatusCode::OK);
    // Enrolled now, it serves the next sign-in and not this one.
    let secret = super::account::enrol(&world, &mut browser).await;
    let base = path.trim_end_matches("/no-second-factor");
    for step in ["password", "code"] {
        let shown = browser.get(&format!("{base}/{step}")).await;
        assert_eq!(shown.status, StatusCode::CONFLICT, "{step}");
    }
    let left = browser.submit(&page, &format!("{base}/cancel"), &[]).await;
    assert_eq!(
        left.parameter("error").as_deref(),
        Some("unmet_authentication_requirements")
    );
    world.clock.advance(std::time::Duration::from_mins(1));
    let asked = browser.ask("&acr_values=eidas2").await;
    let (path, page) = browser.follow(&asked).await;
    let code = crate::testing::code_at(&secret, guichet_domain::Clock::now(&*world.clock));
    let answered = browser.submit(&page, &path, &[("code", &code)]).await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
}

#[tokio::test]
async fn the_second_factor_cannot_be_skipped_by_asking_for_the_next_page() {
    let world = World::new().await;
    let mut browser = world.browser();
    let (path, _) = as_far_as_the_code(&mut browser, "camille").await;
    let base = path.trim_end_matches("/code").to_owned();
    assert_eq!(
        browser
            .get(&format!("{base}/no-second-factor"))
            .await
            .status,
        StatusCode::CONFLICT
    );
    // The password alone is worth its level and no session was made of it.
    let none = browser.ask("&acr_values=eidas2&prompt=none").await;
    assert_eq!(none.parameter("error").as_deref(), Some("login_required"));
    assert!(browser.cookie("compte-citoyen-session").is_none());
}

#[tokio::test]
async fn a_sign_in_is_its_own_browsers_only() {
    let world = World::new().await;
    let mut attacker = world.browser();
    let asked = attacker.ask("").await;
    let path = asked.location().to_owned();
    let page = attacker.get(&path).await;
    let mut victim = world.browser();
    victim.ask("").await;
    assert_eq!(victim.get(&path).await.status, StatusCode::BAD_REQUEST);
    let fields = [("login", "camille"), ("password", crate::testing::PASSWORD)];
    let posted = victim.submit(&page, &path, &fields).await;
    assert_eq!(posted.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_form_without_its_token_is_refused_and_one_posted_twice_answers_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let (path, page) = browser.follow(&asked).await;
    let fields = [("login", "camille"), ("password", crate::testing::PASSWORD)];
    let forged = [&[("csrf", "AAAA")], fields.as_slice()].concat();
    assert_eq!(
        browser.post(&path, &forged).await.status,
        StatusCode::FORBIDDEN
    );
    let mut twin = browser.clone();
    let first = browser.submit(&page, &path, &fields).await;
    assert!(first.parameter("code").is_some());
    let second = twin.submit(&page, &path, &fields).await;
    assert!(second.status.is_client_error(), "{second:?}");
}

#[tokio::test]
async fn every_sign_in_makes_a_new_session() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("camille").await;
    let first = browser.cookie("compte-citoyen-session").unwrap().to_owned();
    let asked = browser.ask("&prompt=login").await;
    browser.sign_in(&asked, "camille").await;
    assert_ne!(
        browser.cookie("compte-citoyen-session"),
        Some(first.as_str())
    );
}

#[tokio::test]
async fn prompt_login_and_max_age_zero_ask_for_the_password_again_and_the_token_says_when() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("camille").await;
    for demand in [
        "&max_age=0",
        "&prompt=login",
        "&max_age=0&acr_values=eidas2",
    ] {
        world.clock.advance(std::time::Duration::from_mins(1));
        // With `prompt=login`, `none` cannot stand.
        let (quietly, error) = match demand.strip_suffix("login") {
            Some(prompt) => (format!("{prompt}login%20none"), "invalid_request"),
            None => (format!("{demand}&prompt=none"), "login_required"),
        };
        let none = browser.ask(&quietly).await;
        assert_eq!(none.parameter("error").as_deref(), Some(error), "{demand}");
        let asked = browser.ask(demand).await;
        assert!(
            asked.location().ends_with("/password"),
            "{demand}: {asked:?}"
        );
        let mut answered = browser.sign_in(&asked, "camille").await;
        if demand.contains("eidas2") {
            let (path, page) = browser.follow(&answered).await;
            answered = browser
                .submit(&page, &path, &[("code", &world.code())])
                .await;
        }
        let tokens = browser.redeem(&answered.parameter("code").unwrap()).await;
        let claims = super::sign_out::claims(tokens["id_token"].as_str().unwrap());
        let now = guichet_domain::Clock::now(&*world.clock).seconds();
        assert_eq!(claims["auth_time"], now, "{demand}");
    }
}

#[tokio::test]
async fn answers_leave_no_trace_of_the_request_and_speak_its_language() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let answered = browser.sign_in(&asked, "camille").await;
    assert_eq!(answered.headers["referrer-policy"], "no-referrer");
    let posted = browser.ask("&response_mode=form_post&ui_locales=fr").await;
    assert_eq!(posted.status, StatusCode::OK, "{posted:?}");
    assert!(posted.body.contains("lang=\"fr\""), "{}", posted.body);
}

#[tokio::test]
async fn leaving_tells_the_client() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let (path, page) = browser.follow(&asked).await;
    let left = browser
        .submit(&page, &path.replace("/password", "/cancel"), &[])
        .await;
    assert_eq!(left.parameter("error").as_deref(), Some("access_denied"));
    assert_eq!(browser.get(&path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_instance_of_the_low_level_refuses_a_higher_one_and_offers_no_second_factor() {
    let world = World::with(Setup {
        max_acr: Acr::Eidas1,
        ..Setup::default()
    })
    .await;
    let mut browser = world.browser();
    let refused = browser.ask("&acr_values=eidas2").await;
    assert_eq!(
        refused.parameter("error").as_deref(),
        Some("unmet_authentication_requirements")
    );
    let asked = browser.ask("").await;
    let (_, page) = browser.follow(&asked).await;
    assert!(!page.body.contains("data-ceremony"));
    browser.sign_in_directly("camille").await;
    assert_eq!(
        browser.get("/account/security/totp").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn ui_locales_are_kept_over_the_steps() {
    let world = World::new().await;
    let mut browser = world.browser();
    let asked = browser.ask("&ui_locales=fr").await;
    let (_, page) = browser.follow(&asked).await;
    assert!(page.body.contains("Se connecter"), "{}", page.body);
}
