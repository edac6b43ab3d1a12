//! DPoP through the token and userinfo endpoints (RFC 9449; threat N-45).

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Clock as _, SigningAlg};
use guichet_keys::thumbprint_of;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, World, ath, with_proof};

/// A token request of `client` for a fresh code, without a proof.
async fn redeeming(world: &World, client: &str) -> Request<Body> {
    let code = world.code_for(client).await;
    Form::redeeming(client, &code).by(client)
}

/// A token of `basic`, bound to a key.
async fn bound_token(world: &World) -> String {
    let proof = world.proof("POST", "/token", &json!({}));
    let request = with_proof(redeeming(world, "basic").await, &proof);
    let answered = world.send(request).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    assert_eq!(answered.json()["token_type"], "DPoP");
    answered.json()["access_token"].as_str().unwrap().to_owned()
}

/// What the token endpoint answers to a proof with these members changed, and no real code.
async fn answered_to(world: &World, changed: &Value) -> Answered {
    let proof = world.proof("POST", "/token", changed);
    let form = Form::redeeming("basic", "no-such-code");
    world.send(with_proof(form.by("basic"), &proof)).await
}

fn is_accepted(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}

fn is_refused(answered: &Answered) -> bool {
    answered.status == StatusCode::BAD_REQUEST
        && answered.error().as_deref() == Some("invalid_dpop_proof")
}

/// What userinfo answers to a token with a proof of these members.
async fn used(world: &World, token: &str, changed: &Value) -> Answered {
    let mut members = json!({ "ath": ath(token) });
    for (name, value) in changed.as_object().unwrap() {
        members[name] = value.clone();
    }
    let proof = world.proof("GET", "/userinfo", &members);
    world.send(World::userinfo_request(token, &proof)).await
}

fn challenges(answered: &Answered) -> Vec<String> {
    let all = answered.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_bound_token_is_served_to_the_holder_of_its_key() {
    let world = World::new().await;
    let token = bound_token(&world).await;
    let answered = used(&world, &token, &json!({})).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    assert_eq!(answered.json()["sub"], crate::testing::SUBJECT);
}

#[tokio::test]
async fn a_proof_must_be_for_this_request() {
    let world = World::new().await;
    let now = world.clock.now().seconds();
    for changed in [
        json!({"htm": "GET"}),
        json!({"htm": "post"}),
        json!({"htm": null}),
        json!({"htu": format!("{ISSUER}/userinfo")}),
        json!({"htu": "https://other.example/token"}),
        json!({"htu": "/token"}),
        json!({"htu": null}),
        json!({"iat": now - 61}),
        json!({"iat": now + 61}),
        json!({"iat": null}),
        json!({"iat": "now"}),
        json!({"jti": ""}),
        json!({"jti": null}),
        json!({"jti": 7}),
    ] {
        let answered = answered_to(&world, &changed).await;
        assert!(is_refused(&answered), "{changed} {answered:?}");
    }
    let with_query = json!({"htu": "HTTPS://HUB.example:443/token?a=b#c"});
    assert!(is_accepted(&answered_to(&world, &with_query).await));
}

#[tokio::test]
async fn a_proof_serves_once() {
    let world = World::new().await;
    let same = json!({"jti": "one"});
    assert!(is_accepted(&answered_to(&world, &same).await));
    assert!(is_refused(&answered_to(&world, &same).await));
    let token = bound_token(&world).await;
    let one = json!({"jti": "another"});
    assert_eq!(used(&world, &token, &one).await.status, StatusCode::OK);
    let again = used(&world, &token, &one).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert_eq!(again.error().as_deref(), Some("invalid_dpop_proof"));
}

#[tokio::test]
async fn a_proof_from_before_the_guard_started_is_refused() {
    let world = World::new().await;
    let earlier = world.clock.now().seconds() - 1;
    assert!(is_refused(
        &answered_to(&world, &json!({"iat": earlier})).await
    ));
}

#[tokio::test]
async fn what_is_no_proof_is_refused_and_spends_no_code() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let redeeming = || Form::redeeming("basic", &code).by("basic");
    let proof = world.proof("POST", "/token", &json!({}));
    let assertion = world.assertion(&json!({}));
    for wrong in ["", "x", "a.b.c", &assertion, &proof[..proof.len() - 4]] {
        let answered = world.send(with_proof(redeeming(), wrong)).await;
        assert!(is_refused(&answered), "{wrong} {answered:?}");
    }
    let twice = with_proof(with_proof(redeeming(), &proof), &proof);
    assert!(is_refused(&world.send(twice).await));
    let answered = world.send(with_proof(redeeming(), &proof)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
}

#[tokio::test]
async fn a_stolen_bound_token_is_worth_nothing_without_its_key() {
    let world = World::new().await;
    let token = bound_token(&world).await;
    let as_bearer = world.userinfo(&token).await;
    assert_eq!(as_bearer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(as_bearer.error().as_deref(), Some("invalid_token"));
    let in_form = world
        .post("/userinfo", &Form::empty().with("access_token", &token))
        .await;
    assert_eq!(in_form.status, StatusCode::UNAUTHORIZED);
    let members = json!({ "ath": ath(&token) });
    let thiefs = world.proof_under(SigningAlg::EdDsa, "GET", "/userinfo", &members);
    let answered = world.send(World::userinfo_request(&token, &thiefs)).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_token"));
    let without = Request::get("/userinfo")
        .header("authorization", format!("DPoP {token}"))
        .body(Body::empty())
        .unwrap();
    let answered = world.send(without).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_dpop_proof"));
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_proof_goes_with_one_token() {
    let world = World::new().await;
    let token = bound_token(&world).await;
    let other = bound_token(&world).await;
    for changed in [
        json!({"ath": ath(&other)}),
        json!({"ath": null}),
        json!({"ath": ""}),
        json!({"htm": "POST"}),
        json!({"htu": format!("{ISSUER}/token")}),
    ] {
        let answered = used(&world, &token, &changed).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_dpop_proof"),
            "{changed}"
        );
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_that_is_not_bound_is_no_dpop_token() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    assert_eq!(tokens["token_type"], "Bearer");
    let token = tokens["access_token"].as_str().unwrap();
    let answered = used(&world, token, &json!({})).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_token"));
}

#[tokio::test]
async fn a_client_that_registered_bound_tokens_gets_no_others() {
    let world = World::new().await;
    world
        .clients
        .add("basic", &json!({"dpop_bound_access_tokens": true}));
    let code = world.code_for("basic").await;
    let request = Form::redeeming("basic", &code).by("basic");
    assert!(is_refused(&world.send(request).await));
    let proof = world.proof("POST", "/token", &json!({}));
    let request = with_proof(Form::redeeming("basic", &code).by("basic"), &proof);
    assert_eq!(world.send(request).await.status, StatusCode::OK);
}

/// The thumbprint of the key that [`World::proof`] signs with.
fn thumbprint(world: &World) -> String {
    let proof = world.proof("POST", "/token", &json!({}));
    let header = URL_SAFE_NO_PAD.decode(proof.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    thumbprint_of(&header["jwk"]).unwrap()
}

#[tokio::test]
async fn a_code_bound_to_a_key_is_spent_with_that_key_alone() {
    let world = World::new().await;
    let jkt = thumbprint(&world);
    for (with, redeems) in [
        (Some(SigningAlg::Es256), true),
        (Some(SigningAlg::EdDsa), false),
        (None, false),
    ] {
        let asked = world
            .authorize(&Form::asking("basic").with("dpop_jkt", &jkt))
            .await;
        let code = asked.location_parameter("code").unwrap();
        let mut request = Form::redeeming("basic", &code).by("basic");
        if let Some(alg) = with {
            let proof = world.proof_under(alg, "POST", "/token", &json!({}));
            request = with_proof(request, &proof);
        }
        let answered = world.send(request).await;
        assert_eq!(
            answered.status == StatusCode::OK,
            redeems,
            "{with:?} {answered:?}"
        );
    }
}

#[tokio::test]
async fn a_proof_at_par_binds_the_code_and_must_be_of_the_key_named() {
    let world = World::new().await;
    let pushing = |form: &Form, proof: &str| with_proof(form.by_at("/par", "basic"), proof);
    let proof = || world.proof("POST", "/par", &json!({}));
    let named = Form::asking("basic").with("dpop_jkt", &"A".repeat(43));
    assert!(is_refused(&world.send(pushing(&named, &proof())).await));
    let for_token = world.proof("POST", "/token", &json!({}));
    assert!(is_refused(
        &world
            .send(pushing(&Form::asking("basic"), &for_token))
            .await
    ));
    let pushed = world.send(pushing(&Form::asking("basic"), &proof())).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let request_uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let asked = Form::empty()
        .with("client_id", "basic")
        .with("request_uri", &request_uri);
    let code = world
        .authorize(&asked)
        .await
        .location_parameter("code")
        .unwrap();
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(
        answered.error().as_deref(),
        Some("invalid_grant"),
        "no proof"
    );
}

#[tokio::test]
async fn challenges_name_the_scheme_that_failed_and_the_other() {
    let world = World::new().await;
    let algs = "algs=\"ES256 EdDSA PS256 ES384 RS256\"";
    let nothing = challenges(&world.get("/userinfo").await);
    assert_eq!(
        nothing,
        [format!("Bearer realm=\"{ISSUER}\""), format!("DPoP {algs}")]
    );
    let bearer = challenges(&world.userinfo("no-such-token").await);
    assert!(bearer[0].contains("error=\"invalid_token\""), "{bearer:?}");
    assert_eq!(bearer[1], format!("DPoP {algs}"));
    let proof = challenges(&used(&world, "no-such-token", &json!({})).await);
    assert_eq!(proof.len(), 1);
    assert!(proof[0].starts_with("DPoP realm="), "{proof:?}");
    assert!(proof[0].ends_with(algs), "{proof:?}");
}

/// A world in which proofs must hold a nonce.
async fn strict() -> World {
    World::with(|settings| settings.dpop_nonce_required = true).await
}

#[tokio::test]
async fn a_proof_without_the_nonce_is_told_which_to_use() {
    let world = strict().await;
    let refused = answered_to(&world, &json!({})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.error().as_deref(), Some("use_dpop_nonce"));
    let nonce = refused.header("dpop-nonce").unwrap();
    assert!(is_accepted(
        &answered_to(&world, &json!({"nonce": nonce})).await
    ));
    for wrong in ["", "made-up"] {
        let answered = answered_to(&world, &json!({"nonce": wrong})).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("use_dpop_nonce"),
            "{wrong}"
        );
    }
    world.clock.advance(Duration::from_mins(10));
    let stale = answered_to(&world, &json!({"nonce": nonce})).await;
    assert_eq!(stale.error().as_deref(), Some("use_dpop_nonce"));
    assert_ne!(stale.header("dpop-nonce"), Some(nonce));
}

#[tokio::test]
async fn userinfo_asks_for_a_nonce_and_gives_the_next() {
    let world = strict().await;
    let nonce = answered_to(&world, &json!({})).await;
    let nonce = nonce.header("dpop-nonce").unwrap();
    let proof = world.proof("POST", "/token", &json!({"nonce": nonce}));
    let request = with_proof(redeeming(&world, "basic").await, &proof);
    let answered = world.send(request).await;
    assert_eq!(answered.header("dpop-nonce"), Some(nonce));
    let token = answered.json()["access_token"].as_str().unwrap().to_owned();
    let refused = used(&world, &token, &json!({})).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(challenges(&refused)[0].contains("error=\"use_dpop_nonce\""));
    let nonce = refused.header("dpop-nonce").unwrap();
    let served = used(&world, &token, &json!({"nonce": nonce})).await;
    assert_eq!(served.status, StatusCode::OK);
    assert_eq!(served.header("dpop-nonce"), Some(nonce));
}

#[tokio::test]
async fn a_client_of_fapi_needs_a_proof_with_a_nonce() {
    let world = World::new().await;
    world.becomes_fapi();
    let asking = |jti: &str| {
        let assertion = world.assertion(&json!({ "jti": jti }));
        Form::redeeming("jwt", "no-such-code")
            .with_assertion(&assertion)
            .posted("/token")
    };
    let proof = world.proof("POST", "/token", &json!({}));
    let refused = world.send(with_proof(asking("a"), &proof)).await;
    assert_eq!(
        refused.error().as_deref(),
        Some("use_dpop_nonce"),
        "{refused:?}"
    );
    let nonce = refused.header("dpop-nonce").unwrap();
    let proof = world.proof("POST", "/token", &json!({"nonce": nonce}));
    let accepted = world.send(with_proof(asking("b"), &proof)).await;
    assert!(is_accepted(&accepted), "{accepted:?}");
    assert!(
        is_refused(&world.send(asking("c")).await),
        "a proof is needed"
    );
}
