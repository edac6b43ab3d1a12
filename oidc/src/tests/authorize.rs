//! `/authorize`: what is accepted, what is refused, and who hears of it.

use http::{Method, Request, StatusCode, header};
use std::time::Duration;

use crate::testing::{Form, ISSUER, SUBJECT, World};
use crate::{Prompt, ResponseMode};
use guichet_domain::Acr;

#[tokio::test]
async fn an_accepted_request_reaches_the_house_as_it_was_asked() {
    let world = World::new().await;
    let form = Form::asking("basic")
        .with("prompt", "login consent")
        .with("max_age", "600")
        .with("login_hint", "angela")
        .with("ui_locales", "fr-FR en")
        .with("idp_hint", "postal")
        .with("acr_values", "eidas3 eidas2 unknown")
        .with("scope", "openid  email nonsense family_quotient")
        .with(
            "claims",
            r#"{"userinfo": {"phone_number": null, "nonsense": {"value": 5}}}"#,
        )
        .with("claims_locales", "fr")
        .with("display", "popup");
    world.clients.add(
        "basic",
        &serde_json::json!({"scope": "openid email family_quotient"}),
    );
    let answered = world.authorize(&form).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER, "{}", answered.body);

    let asked = world.house.last_asked();
    assert_eq!(asked.client().as_str(), "basic");
    assert_eq!(asked.scopes().to_string(), "openid email family_quotient");
    assert_eq!(asked.acr().required, Acr::Eidas2);
    assert_eq!(
        asked.prompt(),
        Prompt {
            login: true,
            consent: true,
            ..Prompt::default()
        }
    );
    assert_eq!(asked.max_age(), Some(Duration::from_mins(10)));
    assert_eq!(asked.login_hint(), Some("angela"));
    assert_eq!(asked.ui_locales(), Some("fr-FR en"));
    assert_eq!(asked.idp_hint(), Some("postal"));
    assert_eq!(asked.display(), Some(crate::Display::Popup));
    assert_eq!(asked.redirect().unwrap().mode, ResponseMode::Query);
    assert!(asked.hinted_subject().is_none());
}

#[tokio::test]
async fn the_answer_keeps_the_query_and_has_each_parameter_once() {
    let world = World::new().await;
    let answered = world.authorize(&Form::asking("basic")).await;
    let location = answered.location();
    let names: Vec<String> = location
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    assert_eq!(names, ["tenant", "code", "state", "iss"]);
    assert_eq!(answered.location_parameter("tenant").unwrap(), "a b");
    assert_eq!(answered.location_parameter("state").unwrap(), "a state");
    assert_eq!(answered.location_parameter("iss").unwrap(), ISSUER);
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_posted_request_goes_on_by_address_so_that_the_cookies_come_along() {
    let world = World::new().await;
    let form = Form::asking("basic")
        .with("state", "é & =")
        .with("foo", "1");
    let answered = world.post("/authorize", &form).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert_eq!(answered.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(world.house.times_asked(), 0, "the house sees the browser");
    let on = answered.location();
    assert!(
        on.as_str().starts_with(&format!("{ISSUER}/authorize?")),
        "{on}"
    );
    assert_eq!(answered.location_parameter("foo"), None);
    let answered = world.get(&on.as_str()[ISSUER.len()..]).await;
    assert!(answered.location_parameter("code").is_some());
    assert_eq!(answered.location_parameter("state").unwrap(), "é & =");
}

#[tokio::test]
async fn a_posted_request_that_no_address_can_carry_is_told_so() {
    let world = World::new().await;
    let form = Form::asking("basic").with("ui_locales", &"x".repeat(25 * 1024));
    assert!(
        world
            .post("/authorize", &form)
            .await
            .is_page("invalid_request")
    );
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn a_posted_request_must_be_a_form() {
    let world = World::new().await;
    let mut request = Form::asking("basic").posted("/authorize");
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    assert!(world.send(request).await.is_page("invalid_request"));
}

#[tokio::test]
async fn a_head_request_starts_no_sign_in() {
    let world = World::new().await;
    let path = format!("/authorize?{}", Form::asking("basic").text());
    let request = Request::builder()
        .method(Method::HEAD)
        .uri(path)
        .body(axum::body::Body::empty())
        .unwrap();
    let answered = world.send(request).await;
    assert_eq!(answered.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn core_3_1_2_6_no_redirect_before_client_and_uri_are_known() {
    let world = World::new().await;
    let page = async |form: Form, error: &str| {
        let answered = world.authorize(&form).await;
        assert!(answered.is_page(error), "{form:?} {answered:?}");
    };
    let good = Form::asking("basic");
    page(good.clone().without("client_id"), "invalid_request").await;
    page(
        good.clone().with("client_id", "nobody"),
        "unauthorized_client",
    )
    .await;
    page(Form::asking("disabled"), "unauthorized_client").await;
    page(good.clone().without("redirect_uri"), "invalid_request").await;
    page(good.clone().and("client_id", "basic"), "invalid_request").await;
    page(good.clone().and("state", "another"), "invalid_request").await;
    page(
        good.clone()
            .and("response_mode", "query")
            .and("response_mode", "form_post"),
        "invalid_request",
    )
    .await;
    page(
        good.with("redirect_uri", "https://evil.example/"),
        "invalid_request",
    )
    .await;
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn what_is_wrong_beyond_that_goes_to_the_client() {
    let world = World::new().await;
    let good = Form::asking("basic");
    for (form, error) in [
        (good.clone().without("response_type"), "invalid_request"),
        (
            good.clone().with("response_mode", "fragment"),
            "invalid_request",
        ),
        (
            good.clone().with("response_mode", "fragment.jwt"),
            "invalid_request",
        ),
        (
            good.clone().with("request", "x.y.z"),
            "invalid_request_object",
        ),
        (
            good.clone().with("request_uri", "urn:x"),
            "invalid_request_uri",
        ),
        (
            good.clone()
                .with("request", "x.y.z")
                .with("request_uri", "urn:x"),
            "invalid_request",
        ),
        (
            good.clone().with("claims", "{ not even json"),
            "invalid_request",
        ),
        (
            good.clone().with("dpop_jkt", "no thumbprint"),
            "invalid_request",
        ),
        (good.clone().with("resource", "relative"), "invalid_target"),
        (
            good.clone().with("registration", "{}"),
            "registration_not_supported",
        ),
        (good.clone().without("scope"), "invalid_scope"),
        (good.clone().with("scope", "email"), "invalid_scope"),
        (
            good.clone().with("scope", "openid \"quoted\""),
            "invalid_scope",
        ),
        (good.clone().with("prompt", "none login"), "invalid_request"),
        (good.clone().with("max_age", "-1"), "invalid_request"),
        (good.clone().with("max_age", "+5"), "invalid_request"),
        (good.clone().with("max_age", "soon"), "invalid_request"),
        (
            good.clone().with("acr_values", "eidas3"),
            "unmet_authentication_requirements",
        ),
        (
            good.clone().with("id_token_hint", "x.y.z"),
            "invalid_request",
        ),
        (good.clone().and("scope", "openid"), "invalid_request"),
        (good.clone().and("nonce", "a nonce"), "invalid_request"),
    ] {
        let answered = world.authorize(&form).await;
        assert_eq!(answered.error().as_deref(), Some(error), "{form:?}");
        assert_eq!(answered.location().host_str(), Some("basic.example"));
        assert_eq!(
            answered.location_parameter("state").as_deref(),
            Some("a state")
        );
        assert_eq!(answered.location_parameter("iss").as_deref(), Some(ISSUER));
        assert_eq!(
            answered.location_parameter("error_uri").unwrap(),
            format!("{ISSUER}/errors/{error}")
        );
        assert!(answered.location_parameter("code").is_none());
    }
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn only_the_code_response_type_is_served() {
    let world = World::new().await;
    for response_type in [
        "token",
        "id_token",
        "code token",
        "code id_token",
        "none",
        "CODE",
    ] {
        let form = Form::asking("basic").with("response_type", response_type);
        let answered = world.authorize(&form).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("unsupported_response_type")
        );
        assert!(!answered.header("location").unwrap().contains("#error"));
    }
}

#[tokio::test]
async fn pkce_is_s256_or_nothing() {
    let world = World::new().await;
    let good = Form::asking("basic");
    for form in [
        good.clone()
            .without("code_challenge")
            .without("code_challenge_method"),
        good.clone().without("code_challenge"),
        good.clone().without("code_challenge_method"),
        good.clone().with("code_challenge_method", "plain"),
        good.clone().with("code_challenge_method", "s256"),
        good.clone().with("code_challenge", "too-short"),
        good.clone().with("code_challenge", &"=".repeat(43)),
        Form::asking("public")
            .without("code_challenge")
            .without("code_challenge_method"),
        Form::asking("lax").with("code_challenge_method", "plain"),
        Form::asking("lax").without("code_challenge"),
    ] {
        let answered = world.authorize(&form).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_request"),
            "{form:?}"
        );
    }
    let without = Form::asking("lax")
        .without("code_challenge")
        .without("code_challenge_method");
    assert!(
        world
            .authorize(&without)
            .await
            .location_parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn a_scope_the_client_was_not_onboarded_for_is_refused() {
    let world = World::new().await;
    for scope in [
        "openid email",
        "openid family_quotient",
        "openid given_name birth",
    ] {
        let form = Form::asking("narrow").with("scope", scope);
        let answered = world.authorize(&form).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_scope"),
            "{scope}"
        );
    }
    let form = Form::asking("narrow").with("scope", "openid given_name offline_access");
    assert!(world.authorize(&form).await.error().is_none());
    assert_eq!(
        world.house.last_asked().scopes().to_string(),
        "openid given_name"
    );
}

#[tokio::test]
async fn unknown_prompt_values_are_ignored_and_none_stands_alone() {
    let world = World::new().await;
    let form = Form::asking("basic").with("prompt", "create login");
    assert!(world.authorize(&form).await.error().is_none());
    assert!(world.house.last_asked().prompt().login);
    let form = Form::asking("basic").with("prompt", "none");
    assert!(world.authorize(&form).await.error().is_none());
    assert!(world.house.last_asked().prompt().none);
}

#[tokio::test]
async fn an_id_token_hint_pins_the_subject_even_when_expired() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    world.clock.advance(Duration::from_hours(24));
    let form = Form::asking("basic").with("id_token_hint", tokens["id_token"].as_str().unwrap());
    assert!(world.authorize(&form).await.error().is_none());
    let asked = world.house.last_asked();
    assert_eq!(asked.hinted_subject().unwrap().as_str(), SUBJECT);
}

#[tokio::test]
async fn an_id_token_hint_of_another_client_or_another_kind_is_refused() {
    let world = World::new().await;
    let tokens = world.tokens_for("signed").await;
    let userinfo = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    for (client, hint) in [
        ("basic", tokens["id_token"].as_str().unwrap()),
        ("signed", userinfo.body.as_str()),
    ] {
        let form = Form::asking(client).with("id_token_hint", hint);
        let answered = world.authorize(&form).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_request"),
            "{client}"
        );
    }
}

#[tokio::test]
async fn oversized_hints_are_left_aside() {
    let world = World::new().await;
    let form = Form::asking("basic")
        .with("login_hint", &"x".repeat(257))
        .with("ui_locales", "fr\nen")
        .with("idp_hint", "");
    assert!(world.authorize(&form).await.error().is_none());
    let asked = world.house.last_asked();
    assert_eq!(asked.login_hint(), None);
    assert_eq!(asked.ui_locales(), None);
    assert_eq!(asked.idp_hint(), None);
}

#[tokio::test]
async fn an_accepted_request_survives_being_kept_sealed() {
    let world = World::new().await;
    world.authorize(&Form::asking("basic")).await;
    let asked = world.house.last_asked();
    let text = serde_json::to_string(&asked).unwrap();
    assert!(
        text.len() < 1024,
        "a login in flight takes {} bytes",
        text.len()
    );
    let kept: crate::AcceptedRequest = serde_json::from_str(&text).unwrap();
    assert_eq!(
        kept.redirect().unwrap().uri(),
        asked.redirect().unwrap().uri()
    );
    let refusal = world
        .engine
        .refuse(
            &kept,
            guichet_domain::OAuthError::LoginRequired,
            "nobody is signed in",
        )
        .await
        .unwrap();
    let crate::Answer::Redirect(url) = refusal else {
        panic!("the query was asked for");
    };
    assert!(url.as_str().contains("error=login_required"));
}
