//! `/session/end`: what reaches the house, and what ends on its page (threats N-26, N-34, N-64).

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SigningAlg;
use http::{Request, StatusCode};
use serde_json::json;

use crate::SignOutRequest;
use crate::testing::{Answered, Form, ISSUER, NOON, SID, SUBJECT, World};

const BYE: &str = "https://basic.example/bye?from=hub";

async fn hint_for(world: &World, client: &str) -> String {
    world.tokens_for(client).await["id_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn end(world: &World, form: &Form) -> Answered {
    world.get(&format!("/session/end?{}", form.text())).await
}

fn last(world: &World) -> SignOutRequest {
    world
        .house
        .signed_out
        .lock()
        .unwrap()
        .last()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_client_signs_out_and_gets_the_browser_back() {
    let world = World::new().await;
    let hint = hint_for(&world, "basic").await;
    world.clock.advance(Duration::from_hours(10));
    let form = Form::empty()
        .with("id_token_hint", &hint)
        .with("client_id", "basic")
        .with("post_logout_redirect_uri", BYE)
        .with("state", "after")
        .with("ui_locales", "fr")
        .with("logout_hint", "angela");
    let answered = end(&world, &form).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert_eq!(
        answered.header("location"),
        Some("https://basic.example/bye?from=hub&state=after#"),
        "and no fragment of the page it comes from"
    );
    let request = last(&world);
    assert_eq!(request.client.unwrap().as_str(), "basic");
    assert_eq!(request.sid.as_deref(), Some(SID));
    assert_eq!(request.ui_locales.as_deref(), Some("fr"));
}

#[tokio::test]
async fn a_posted_sign_out_goes_on_by_address_so_that_the_session_is_seen() {
    let world = World::new().await;
    let form = Form::empty().with("id_token_hint", &hint_for(&world, "basic").await);
    let answered = world.post("/session/end", &form).await;
    assert_eq!(answered.status, StatusCode::SEE_OTHER);
    assert!(world.house.signed_out.lock().unwrap().is_empty());
    let on = answered.location();
    let answered = world.get(&on.as_str()[ISSUER.len()..]).await;
    assert_eq!(answered.body, "signed out");
    assert_eq!(last(&world).sid.as_deref(), Some(SID));
}

#[tokio::test]
async fn without_a_hint_the_house_knows_no_session_and_must_ask() {
    let world = World::new().await;
    assert_eq!(end(&world, &Form::empty()).await.body, "signed out");
    let request = last(&world);
    assert_eq!(request.sid, None);
    assert_eq!(request.client, None);

    let form = Form::empty()
        .with("client_id", "basic")
        .with("post_logout_redirect_uri", BYE);
    end(&world, &form).await;
    let request = last(&world);
    assert_eq!(request.sid, None);
    assert_eq!(request.return_to.unwrap().as_str(), BYE);
}

#[tokio::test]
async fn a_return_address_is_registered_by_that_very_client() {
    let world = World::new().await;
    let hint = hint_for(&world, "basic").await;
    let with_hint = Form::empty().with("id_token_hint", &hint);
    for uri in [
        "https://other.example/bye?from=hub",
        "https://basic.example/bye",
        "https://basic.example/bye?from=hub#x",
        "https://basic.example/callback?tenant=a%20b",
        "javascript:alert(1)",
        "//evil.example",
        "https://evil.example/",
        "https://basic.example@evil.example/bye?from=hub",
    ] {
        let form = with_hint.clone().with("post_logout_redirect_uri", uri);
        assert!(end(&world, &form).await.is_page("invalid_request"), "{uri}");
    }
    for form in [
        Form::empty().with("post_logout_redirect_uri", BYE),
        with_hint.clone().with("client_id", "other"),
        Form::empty()
            .with("client_id", "other")
            .with("post_logout_redirect_uri", BYE),
        Form::empty().with("client_id", "nobody"),
        with_hint.and("id_token_hint", &hint),
    ] {
        assert!(
            end(&world, &form).await.is_page("invalid_request"),
            "{form:?}"
        );
    }
    assert!(world.house.signed_out.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_disabled_client_still_signs_out_and_gets_no_browser_back() {
    let world = World::new().await;
    let hint = hint_for(&world, "basic").await;
    let form = Form::empty().with("id_token_hint", &hint);
    world.clients.disable("basic");
    assert_eq!(end(&world, &form).await.body, "signed out");
    let form = form.with("post_logout_redirect_uri", BYE);
    assert!(end(&world, &form).await.is_page("invalid_request"));
}

#[tokio::test]
async fn a_client_disabled_while_the_person_confirms_gets_no_browser_back() {
    let world = World::new().await;
    let form = Form::empty()
        .with("client_id", "basic")
        .with("post_logout_redirect_uri", BYE);
    end(&world, &form).await;
    let request = last(&world);
    assert!(world.engine.signed_out(&request).is_some());
    world.clients.disable("basic");
    assert!(world.engine.signed_out(&request).is_none());
}

#[tokio::test]
async fn a_hint_signed_by_a_key_since_rotated_still_holds() {
    let world = World::new().await;
    let hint = hint_for(&world, "basic").await;
    world.keys.ring().rotate(SigningAlg::Es256, NOON).unwrap();
    end(&world, &Form::empty().with("id_token_hint", &hint)).await;
    assert_eq!(last(&world).sid.as_deref(), Some(SID));
}

#[tokio::test]
async fn forged_hints_are_refused() {
    let world = World::new().await;
    let genuine = hint_for(&world, "basic").await;
    let claims = json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": "basic", "exp": NOON.seconds() + 60,
        "iat": NOON.seconds(), "auth_time": NOON.seconds(), "sid": SID,
    });
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = genuine.rsplit('.').next().unwrap();
    let foreign = World::new().await;
    let by_foreign_key = foreign
        .keys
        .ring()
        .sign_jwt(SigningAlg::Es256, guichet_keys::Typ::Jwt, &claims)
        .unwrap();
    let sign = |typ, claims: &serde_json::Value| {
        world
            .keys
            .ring()
            .sign_jwt(SigningAlg::Es256, typ, claims)
            .unwrap()
    };
    let mut of_other_issuer = claims.clone();
    of_other_issuer["iss"] = json!("https://other.example");
    let logout_token = sign(guichet_keys::Typ::LogoutToken, &claims);
    let other_issuer = sign(guichet_keys::Typ::Jwt, &of_other_issuer);
    for hint in [
        format!("{}.{}.", part(&json!({"alg": "none"})), part(&claims)),
        format!(
            "{}.{}.{signature}",
            part(&json!({"alg": "HS256"})),
            part(&claims)
        ),
        format!(
            "{}.{}.{signature}",
            genuine.split('.').next().unwrap(),
            part(&claims)
        ),
        format!("{genuine}A"),
        "nonsense".to_owned(),
        by_foreign_key,
        logout_token,
        other_issuer,
    ] {
        let form = Form::empty().with("id_token_hint", &hint);
        assert!(
            end(&world, &form).await.is_page("invalid_request"),
            "{hint}"
        );
    }
}

#[tokio::test]
async fn a_head_request_signs_nobody_out() {
    let world = World::new().await;
    let request = Request::head("/session/end").body(Body::empty()).unwrap();
    assert_eq!(
        world.send(request).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert!(world.house.signed_out.lock().unwrap().is_empty());
}
