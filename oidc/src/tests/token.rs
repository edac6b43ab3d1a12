//! `/token`: what a code buys, and for whom it buys nothing.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode, header};
use serde_json::Value;

use crate::testing::{Form, ISSUER, NOON, SECRET, VERIFIER, World, redirect_uri};
use guichet_keys::{HandedOutKind, JwkSet, JwsAlg, TokenHash, TypRule, VerifyPolicy, half_hash};

#[tokio::test]
async fn a_code_buys_tokens_that_hold_against_the_published_keys() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(answered.status, StatusCode::OK);
    assert_eq!(answered.header("content-type"), Some("application/json"));
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("pragma"), Some("no-cache"));

    let mut tokens = answered.json();
    let jwks = JwkSet::parse(world.get("/jwks").await.body.as_bytes()).unwrap();
    let policy = VerifyPolicy {
        algs: &[JwsAlg::Es256],
        typ: TypRule::JwtOrAbsent,
    };
    let id_token = guichet_keys::verify(tokens["id_token"].as_str().unwrap(), &jwks, policy);
    let mut claims = Value::Object(id_token.unwrap().claims);
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(access_token.len(), 43);
    assert_eq!(
        claims["at_hash"],
        half_hash(guichet_domain::SigningAlg::Es256, access_token)
    );
    claims["at_hash"] = "[of the access token]".into();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("id_token_claims", claims);
    });
    tokens["access_token"] = "[43 characters]".into();
    tokens["id_token"] = "[signed]".into();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("token_answer", tokens);
    });
}

#[tokio::test]
async fn the_id_token_holds_no_identity() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    let verified = world
        .keys
        .ring()
        .verify_own(
            tokens["id_token"].as_str().unwrap(),
            guichet_keys::Typ::Jwt,
            Some(NOON),
        )
        .unwrap();
    for claim in guichet_domain::Claim::ALL {
        assert!(!verified.claims.contains_key(claim.as_str()), "{claim}");
    }
}

#[tokio::test]
async fn the_id_token_is_signed_as_the_client_registered() {
    let world = World::new().await;
    world.clients.add(
        "basic",
        &serde_json::json!({"id_token_signed_response_alg": "EdDSA"}),
    );
    let tokens = world.tokens_for("basic").await;
    let verified = world
        .keys
        .ring()
        .verify_own(
            tokens["id_token"].as_str().unwrap(),
            guichet_keys::Typ::Jwt,
            None,
        )
        .unwrap();
    assert_eq!(verified.alg, JwsAlg::EdDsa);
}

#[tokio::test]
async fn without_a_nonce_there_is_none_in_the_id_token() {
    let world = World::new().await;
    let answered = world
        .authorize(&Form::asking("basic").without("nonce"))
        .await;
    let code = answered.location_parameter("code").unwrap();
    let tokens = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await
        .json();
    let verified = world
        .keys
        .ring()
        .verify_own(
            tokens["id_token"].as_str().unwrap(),
            guichet_keys::Typ::Jwt,
            None,
        )
        .unwrap();
    assert!(!verified.claims.contains_key("nonce"));
}

#[tokio::test]
async fn a_replayed_code_takes_back_what_it_bought() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let form = Form::redeeming("basic", &code);
    let tokens = world.send(form.by("basic")).await.json();
    let access_token = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access_token).await.status, StatusCode::OK);

    let replay = world.send(form.by("basic")).await;
    assert_eq!(replay.error().as_deref(), Some("invalid_grant"));
    let after = world.userinfo(access_token).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
    assert_eq!(after.error().as_deref(), Some("invalid_token"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_spent_once_however_many_ask_at_once() {
    let world = Arc::new(World::new().await);
    let code = world.code_for("basic").await;
    let attempts: Vec<_> = (0..50)
        .map(|_| {
            let (world, form) = (Arc::clone(&world), Form::redeeming("basic", &code));
            tokio::spawn(async move { world.send(form.by("basic")).await })
        })
        .collect();
    let mut tokens = Vec::new();
    for attempt in attempts {
        let answered = attempt.await.unwrap();
        if answered.status == StatusCode::OK {
            tokens.push(answered.json());
        } else {
            assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
        }
    }
    // The one winner may have lost to a replay that revoked its grant before it was done.
    assert!(tokens.len() <= 1, "{} redeemed it", tokens.len());
    for bought in tokens {
        let access_token = bought["access_token"].as_str().unwrap();
        let answered = world.userinfo(access_token).await;
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_client_and_burnt_by_another() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let form = Form::redeeming("basic", &code);
    let stolen = world.send(form.by("other")).await;
    assert_eq!(stolen.error().as_deref(), Some("invalid_grant"));
    let late = world.send(form.by("basic")).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_code_is_bound_to_its_redirect_uri() {
    let world = World::new().await;
    for uri in [
        "https://basic.example/second",
        "https://basic.example/callback",
    ] {
        let code = world.code_for("basic").await;
        let form = Form::redeeming("basic", &code).with("redirect_uri", uri);
        let answered = world.send(form.by("basic")).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_grant"), "{uri}");
    }
}

#[tokio::test]
async fn a_code_is_bound_to_its_pkce_verifier() {
    let world = World::new().await;
    for form in [
        Form::redeeming("basic", "").without("code_verifier"),
        Form::redeeming("basic", "").with("code_verifier", &"w".repeat(43)),
        Form::redeeming("basic", "").with("code_verifier", &guichet_keys::pkce_s256(VERIFIER)),
        Form::redeeming("basic", "").with("code_verifier", "short"),
    ] {
        let code = world.code_for("basic").await;
        let answered = world.send(form.with("code", &code).by("basic")).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
    }
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let world = World::new().await;
    let ask = Form::asking("lax")
        .without("code_challenge")
        .without("code_challenge_method");
    let code = world
        .authorize(&ask)
        .await
        .location_parameter("code")
        .unwrap();
    let answered = world.send(Form::redeeming("lax", &code).by("lax")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_grant"));

    let code = world
        .authorize(&ask)
        .await
        .location_parameter("code")
        .unwrap();
    let form = Form::redeeming("lax", &code).without("code_verifier");
    assert_eq!(world.send(form.by("lax")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_expires() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    world.clock.advance(Duration::from_secs(31));
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_malformed_request_burns_no_code() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let good = Form::redeeming("basic", &code);
    for (form, error) in [
        (good.clone().without("grant_type"), "invalid_request"),
        (
            good.clone().with("grant_type", "password"),
            "unsupported_grant_type",
        ),
        (
            good.clone().with("grant_type", "refresh_token"),
            "unauthorized_client",
        ),
        (good.clone().without("code"), "invalid_request"),
        (good.clone().without("redirect_uri"), "invalid_request"),
        (good.clone().and("code", &code), "invalid_request"),
        (
            good.clone().and("redirect_uri", &redirect_uri("basic")),
            "invalid_request",
        ),
    ] {
        let answered = world.send(form.by("basic")).await;
        assert_eq!(answered.error().as_deref(), Some(error), "{form:?}");
        assert_eq!(answered.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(world.send(good.by("basic")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn other_one_time_texts_are_no_codes() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    let code = world.code_for("basic").await;
    let access_token = tokens["access_token"].as_str().unwrap();
    let as_code = world
        .send(Form::redeeming("basic", access_token).by("basic"))
        .await;
    assert_eq!(as_code.error().as_deref(), Some("invalid_grant"));
    let as_token = world.userinfo(&code).await;
    assert_eq!(as_token.error().as_deref(), Some("invalid_token"));
    assert_ne!(
        TokenHash::of(HandedOutKind::Code, &code),
        TokenHash::of(HandedOutKind::AccessToken, &code)
    );
}

#[tokio::test]
async fn a_session_that_ended_takes_its_codes_with_it() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    world
        .engine
        .end_session(crate::testing::TestHouse::outcome().session)
        .await
        .unwrap();
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(answered.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn a_client_disabled_meanwhile_redeems_nothing() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    world.clients.disable("basic");
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(answered.error().as_deref(), Some("invalid_client"));
}

#[tokio::test]
async fn only_a_posted_form_is_read() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let form = Form::redeeming("basic", &code);
    let path = format!("/token?{}", form.text());
    assert_eq!(
        world.get(&path).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(
        world
            .send(form.clone().method(Method::PUT, "/token"))
            .await
            .status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let mut json = form.by("basic");
    json.headers_mut()
        .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
    assert_eq!(
        world.send(json).await.error().as_deref(),
        Some("invalid_request")
    );
    let mut in_query = Form::empty().with_basic("basic", SECRET);
    *in_query.uri_mut() = path.parse().unwrap();
    assert_eq!(
        world.send(in_query).await.error().as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn errors_have_the_shape_of_rfc_6749() {
    let world = World::new().await;
    let answered = world
        .send(Form::redeeming("basic", "nothing").by("basic"))
        .await;
    assert_eq!(answered.status, StatusCode::BAD_REQUEST);
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    assert_eq!(answered.header("content-type"), Some("application/json"));
    assert_eq!(answered.header("www-authenticate"), None);
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("token_error", answered.json());
    });
}

#[tokio::test]
async fn no_origin_is_let_in_by_what_a_request_claims() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let tokens = world.tokens_for("basic").await;
    let mut token = Form::redeeming("basic", &code).by("basic");
    token
        .headers_mut()
        .insert(header::ORIGIN, "https://basic.example".parse().unwrap());
    let mut userinfo = http::Request::get("/userinfo")
        .body(axum::body::Body::empty())
        .unwrap();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    userinfo
        .headers_mut()
        .insert(header::AUTHORIZATION, bearer.parse().unwrap());
    userinfo
        .headers_mut()
        .insert(header::ORIGIN, ISSUER.parse().unwrap());
    for request in [token, userinfo] {
        let answered = world.send(request).await;
        assert_eq!(answered.status, StatusCode::OK);
        assert_eq!(answered.header("access-control-allow-origin"), None);
    }
}
