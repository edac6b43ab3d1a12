//! Client authentication through the token endpoint (threats N-32 to N-36, N-43).

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, SECRET, World};
use guichet_domain::Clock as _;
use guichet_keys::sha256_of;

/// A token request that lacks nothing but the client's authentication, and names no real code: an
/// authenticated client gets `invalid_grant`, any other `invalid_client`.
fn bare() -> Form {
    Form::redeeming("basic", "no-such-code")
}

fn is_authenticated(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}

fn is_refused(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_client")
        && answered.status == StatusCode::UNAUTHORIZED
        && answered.header("www-authenticate") == Some("Basic realm=\"token\", charset=\"UTF-8\"")
}

async fn by_assertion(world: &World, assertion: &str) -> Answered {
    world
        .post("/token", &bare().with_assertion(assertion))
        .await
}

#[tokio::test]
async fn each_client_authenticates_by_its_registered_method() {
    let world = World::new().await;
    for client in ["basic", "post", "public"] {
        assert!(
            is_authenticated(&world.send(bare().by(client)).await),
            "{client}"
        );
    }
    assert!(is_authenticated(
        &by_assertion(&world, &world.assertion(&json!({}))).await
    ));
}

#[tokio::test]
async fn another_method_than_the_registered_one_is_refused() {
    let world = World::new().await;
    let posted = |id: &str| bare().with("client_id", id).with("client_secret", SECRET);
    let named = |id: &str| bare().with("client_id", id);
    for request in [
        posted("basic").posted("/token"),
        named("basic").posted("/token"),
        bare().with_basic("post", SECRET),
        named("post").posted("/token"),
        bare().with_basic("public", SECRET),
        posted("public").posted("/token"),
        bare().with_basic("jwt", SECRET),
        posted("jwt").posted("/token"),
        named("jwt").posted("/token"),
    ] {
        assert!(is_refused(&world.send(request).await));
    }
    let for_basic = world.assertion(&json!({"iss": "basic", "sub": "basic"}));
    assert!(is_refused(&by_assertion(&world, &for_basic).await));
}

#[tokio::test]
async fn empty_missing_and_wrong_secrets_fail() {
    let world = World::new().await;
    let post = bare().with("client_id", "post");
    for request in [
        bare().posted("/token"),
        bare().with_basic("basic", ""),
        bare().with_basic("basic", "wrong"),
        bare().with_basic("basic", &SECRET[1..]),
        bare().with_basic("", SECRET),
        bare().with_basic("nobody", SECRET),
        bare().with_basic("disabled", SECRET),
        post.clone().and("client_secret", "").posted("/token"),
        post.clone().and("client_secret", "wrong").posted("/token"),
        post.posted("/token"),
        bare().with("client_secret", SECRET).posted("/token"),
    ] {
        assert!(is_refused(&world.send(request).await));
    }
}

#[tokio::test]
async fn several_methods_at_once_are_refused() {
    let world = World::new().await;
    let assertion = world.assertion(&json!({}));
    for request in [
        bare()
            .with("client_secret", SECRET)
            .with("client_id", "basic")
            .with_basic("basic", SECRET),
        bare()
            .with_assertion(&assertion)
            .with_basic("basic", SECRET),
        bare()
            .with_assertion(&assertion)
            .with("client_id", "post")
            .with("client_secret", SECRET)
            .posted("/token"),
    ] {
        let answered = world.send(request).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    }
    let mut twice = bare().with_basic("basic", SECRET);
    let header = twice.headers()[header::AUTHORIZATION].clone();
    twice.headers_mut().append(header::AUTHORIZATION, header);
    assert_eq!(
        world.send(twice).await.error().as_deref(),
        Some("invalid_request")
    );
}

#[tokio::test]
async fn client_id_may_repeat_the_header_and_not_contradict_it() {
    let world = World::new().await;
    let agreeing = bare()
        .with("client_id", "basic")
        .with_basic("basic", SECRET);
    assert!(is_authenticated(&world.send(agreeing).await));
    let contradicting = bare()
        .with("client_id", "other")
        .with_basic("basic", SECRET);
    let answered = world.send(contradicting).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_secret_in_basic_may_be_encoded_or_not() {
    let world = World::new().await;
    let secret = "with+plus and 100%25 :";
    world.clients.add("odd", &json!({"client_secret": secret}));
    let raw = bare().with_basic("odd", secret);
    assert!(is_authenticated(&world.send(raw).await));
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let encoded = bare().with_basic("odd", &encoded);
    assert!(is_authenticated(&world.send(encoded).await));
}

#[tokio::test]
async fn a_broken_authorization_header_is_a_failed_authentication() {
    let world = World::new().await;
    for value in [
        "Basic",
        "Basic =",
        "Basic \u{7f}",
        "Basic <script>",
        "Bearer x",
        "Negotiate abc",
        &format!("Basic {}", STANDARD.encode("no colon")),
        &format!("Basic {}", STANDARD.encode([0xff, b':', 0xfe])),
        &format!("Basic {}", "A".repeat(8000)),
    ] {
        let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) else {
            continue;
        };
        let mut request = bare().posted("/token");
        request.headers_mut().insert(header::AUTHORIZATION, value);
        let answered = world.send(request).await;
        assert!(is_refused(&answered), "{answered:?}");
        assert!(!answered.body.contains("<script"));
    }
}

#[tokio::test]
async fn an_assertion_for_the_token_endpoint_is_accepted() {
    let world = World::new().await;
    for aud in [
        json!(format!("{ISSUER}/token")),
        json!([ISSUER]),
        json!([ISSUER, format!("{ISSUER}/token")]),
    ] {
        let assertion = world.assertion(&json!({"aud": aud, "jti": aud.to_string()}));
        assert!(
            is_authenticated(&by_assertion(&world, &assertion).await),
            "{aud}"
        );
    }
}

#[tokio::test]
async fn an_assertion_must_be_for_this_issuer_alone() {
    let world = World::new().await;
    for aud in [
        json!("https://other.example"),
        json!([ISSUER, "https://other.example"]),
        json!([]),
        json!(null),
        json!(format!("{ISSUER}/")),
        json!(7),
    ] {
        let assertion = world.assertion(&json!({"aud": aud}));
        assert!(is_refused(&by_assertion(&world, &assertion).await), "{aud}");
    }
}

#[tokio::test]
async fn an_assertion_is_used_once() {
    let world = World::new().await;
    let assertion = world.assertion(&json!({}));
    assert!(is_authenticated(&by_assertion(&world, &assertion).await));
    assert!(is_refused(&by_assertion(&world, &assertion).await));
    let renewed = world.assertion(&json!({"exp": world.clock.now().seconds() + 50}));
    assert!(
        is_refused(&by_assertion(&world, &renewed).await),
        "the same jti"
    );
}

#[tokio::test]
async fn an_assertion_must_be_alive_and_short_lived() {
    let world = World::new().await;
    world.clock.advance(Duration::from_hours(2));
    let now = world.clock.now().seconds();
    for changed in [
        json!({"exp": now - 61}),
        json!({"exp": now + 50 * 365 * 86_400}),
        json!({"exp": now + 2 * 3600}),
        json!({"exp": null}),
        json!({"exp": "soon"}),
        json!({"iat": now + 120}),
        json!({"nbf": now + 120}),
        json!({"jti": null}),
        json!({"jti": ""}),
        json!({"iss": "other"}),
        json!({"iss": null}),
        json!({"sub": null}),
        json!({"sub": "other"}),
    ] {
        let assertion = world.assertion(&changed);
        assert!(
            is_refused(&by_assertion(&world, &assertion).await),
            "{changed}"
        );
    }
    let without_iat = world.assertion(&json!({"iat": null, "jti": "fine"}));
    assert!(is_authenticated(&by_assertion(&world, &without_iat).await));
}

#[tokio::test]
async fn an_assertion_from_before_the_guard_started_is_refused() {
    let world = World::new().await;
    let now = world.clock.now().seconds();
    for changed in [json!({"iat": now - 1}), json!({"iat": null})] {
        let assertion = world.assertion(&changed);
        assert!(
            is_refused(&by_assertion(&world, &assertion).await),
            "{changed}"
        );
    }
}

#[tokio::test]
async fn client_id_beside_an_assertion_must_be_its_subject() {
    let world = World::new().await;
    let form = bare().with_assertion(&world.assertion(&json!({})));
    let wrong = world
        .post("/token", &form.clone().with("client_id", "basic"))
        .await;
    assert!(is_refused(&wrong));
    let right = world.post("/token", &form.with("client_id", "jwt")).await;
    assert!(is_authenticated(&right));
}

#[tokio::test]
async fn an_assertion_of_another_type_is_refused() {
    let world = World::new().await;
    let form = bare().with_assertion(&world.assertion(&json!({})));
    for kind in [
        "",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
    ] {
        let answered = world
            .post("/token", &form.clone().with("client_assertion_type", kind))
            .await;
        assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    }
}

#[tokio::test]
async fn forged_assertions_are_refused_whatever_their_header_offers() {
    let world = World::new().await;
    let now = world.clock.now().seconds();
    let claims = json!({
        "iss": "jwt", "sub": "jwt", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "forged",
    });
    let jwks = world.client_keys.client_ring().jwks();
    let key: Value = serde_json::from_slice::<Value>(&jwks).unwrap()["keys"][0].clone();
    let kid = key["kid"].clone();
    let public_point = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut forged = Vec::new();
    for secret in [&jwks[..], key.to_string().as_bytes(), &public_point, b""] {
        let message = format!(
            "{}.{}",
            part(&json!({"alg": "HS256", "kid": kid})),
            part(&claims)
        );
        forged.push(format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(hmac(secret, message.as_bytes()))
        ));
    }
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None", "kid": kid}),
        json!({"alg": "ES256", "jwk": key}),
        json!({"alg": "ES256", "jku": "https://evil.example/jwks"}),
        json!({"alg": "ES256", "x5u": "https://evil.example/x5u"}),
        json!({"alg": "ES256", "kid": kid, "crit": ["x"]}),
    ] {
        forged.push(format!("{}.{}.", part(&header), part(&claims)));
        forged.push(format!("{}.{}.AAAA", part(&header), part(&claims)));
    }
    // Signed by a key that is ours and not the client's, and by the right key over other claims.
    forged.push(
        world
            .keys
            .ring()
            .sign_jwt(
                guichet_domain::SigningAlg::Es256,
                guichet_keys::Typ::Jwt,
                &claims,
            )
            .unwrap(),
    );
    let genuine = world.assertion(&json!({}));
    let signature = genuine.rsplit('.').next().unwrap();
    let header = genuine.split('.').next().unwrap();
    forged.push(format!("{header}.{}.{signature}", part(&claims)));
    forged.extend(["", "x", "..", "a.b.c", "a.b"].map(str::to_owned));
    for assertion in forged {
        let answered = by_assertion(&world, &assertion).await;
        let error = answered.error();
        assert!(
            is_refused(&answered)
                || assertion.is_empty() && error.as_deref() == Some("invalid_request"),
            "{assertion} {answered:?}"
        );
    }
}

/// An assertion of `shared` under an HMAC of this secret.
fn shared_assertion(world: &World, secret: &[u8], changed: &Value) -> String {
    let now = world.clock.now().seconds();
    let mut claims = json!({
        "iss": "shared", "sub": "shared", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "one",
    });
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "HS256"})), part(&claims));
    let tag = hmac(secret, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

const SHARED_SECRET: &str = "a secret of the tests with 32 characters";

#[tokio::test]
async fn an_assertion_under_the_secret_authenticates_once() {
    let world = World::new().await;
    let shared = json!({
        "token_endpoint_auth_method": "client_secret_jwt",
        "client_secret": SHARED_SECRET,
    });
    world.clients.add("shared", &shared);
    let assertion = shared_assertion(&world, SHARED_SECRET.as_bytes(), &json!({}));
    assert!(is_authenticated(&by_assertion(&world, &assertion).await));
    assert!(
        is_refused(&by_assertion(&world, &assertion).await),
        "used before"
    );
    for (secret, changed) in [
        ("another secret with 32 characters....", json!({"jti": "a"})),
        ("", json!({"jti": "b"})),
        (
            SHARED_SECRET,
            json!({"jti": "c", "aud": "https://other.example"}),
        ),
        (SHARED_SECRET, json!({"jti": "d", "exp": 1})),
    ] {
        let assertion = shared_assertion(&world, secret.as_bytes(), &changed);
        assert!(
            is_refused(&by_assertion(&world, &assertion).await),
            "{changed}"
        );
    }
}

#[tokio::test]
async fn a_secret_and_a_key_do_not_pass_for_one_another() {
    let world = World::new().await;
    // A client with a secret is not let in by a key, were it its own...
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "jwt",
        &json!({
            "token_endpoint_auth_method": "client_secret_jwt",
            "client_secret": SHARED_SECRET,
            "jwks": jwks,
        }),
    );
    let by_key = world.assertion(&json!({}));
    assert!(is_refused(&by_assertion(&world, &by_key).await));
    // ... nor one with a key by a secret, were it registered with one.
    world.clients.add(
        "shared",
        &json!({
            "token_endpoint_auth_method": "private_key_jwt",
            "client_secret": SHARED_SECRET,
            "jwks": jwks,
        }),
    );
    let by_secret = shared_assertion(&world, SHARED_SECRET.as_bytes(), &json!({}));
    assert!(is_refused(&by_assertion(&world, &by_secret).await));
}

#[tokio::test]
async fn only_the_registered_algorithm_signs() {
    let world = World::new().await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    for (alg, accepted) in [("ES256", true), ("PS256", false)] {
        world.clients.add(
            "jwt",
            &json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": alg,
                "jwks": jwks,
            }),
        );
        let answered = by_assertion(&world, &world.assertion(&json!({ "jti": alg }))).await;
        assert_eq!(is_authenticated(&answered), accepted, "{alg}");
    }
    world.clients.add(
        "shared",
        &json!({
            "token_endpoint_auth_method": "client_secret_jwt",
            "token_endpoint_auth_signing_alg": "HS512",
            "client_secret": SHARED_SECRET.repeat(2),
        }),
    );
    let secret = SHARED_SECRET.repeat(2);
    let by_another = shared_assertion(&world, secret.as_bytes(), &json!({}));
    assert!(is_refused(&by_assertion(&world, &by_another).await));
}

#[tokio::test]
async fn fapi_takes_the_issuer_as_audience_and_nothing_else() {
    let world = World::new().await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "jwt",
        &json!({
            "profile": "fapi2",
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": jwks,
        }),
    );
    for aud in [json!(format!("{ISSUER}/token")), json!([ISSUER])] {
        let assertion = world.assertion(&json!({"aud": aud, "jti": aud.to_string()}));
        assert!(is_refused(&by_assertion(&world, &assertion).await), "{aud}");
    }
    let answered = by_assertion(&world, &world.assertion(&json!({}))).await;
    assert_eq!(
        answered.error().as_deref(),
        Some("invalid_dpop_proof"),
        "authenticated"
    );
}

#[tokio::test]
async fn a_key_taken_out_of_the_registration_signs_no_more() {
    let world = World::new().await;
    let old = world.assertion(&json!({}));
    let other_jwks: Value =
        serde_json::from_slice(&World::new().await.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "jwt",
        &json!({"token_endpoint_auth_method": "private_key_jwt", "jwks": other_jwks}),
    );
    assert!(is_refused(&by_assertion(&world, &old).await));
}

#[tokio::test]
async fn a_refusal_does_not_tell_which_clients_there_are() {
    let world = World::new().await;
    let texts = [
        world.send(bare().with_basic("basic", "wrong")).await,
        world.send(bare().with_basic("nobody", "wrong")).await,
        world.send(bare().with_basic("disabled", SECRET)).await,
        world.send(bare().with_basic("post", SECRET)).await,
    ]
    .map(|answered| (answered.status, answered.body));
    assert!(texts.iter().all(|text| *text == texts[0]));
    insta::with_settings!({sort_maps => true}, {
        let body = serde_json::from_str::<Value>(&texts[0].1).unwrap();
        insta::assert_json_snapshot!("invalid_client", body);
    });
}

#[tokio::test]
async fn deep_or_large_assertions_are_refused_at_once() {
    let world = World::new().await;
    let deep = "[".repeat(6000) + &"]".repeat(6000);
    let deep = URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"jwt\",\"x\":{deep}}}"));
    for assertion in [
        format!("e30.{deep}.AAAA"),
        format!("e30.{}.x", "A".repeat(20_000)),
    ] {
        assert!(is_refused(&by_assertion(&world, &assertion).await));
    }
    let huge = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("a=".to_owned() + &"x".repeat(1 << 20)))
        .unwrap();
    assert_eq!(
        world.send(huge).await.error().as_deref(),
        Some("invalid_request")
    );
}

/// HMAC-SHA-256 (RFC 2104), for the attacker's side only.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&sha256_of(&[key]));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = sha256_of(&[&block.map(|byte| byte ^ 0x36), message]);
    sha256_of(&[&block.map(|byte| byte ^ 0x5c), &inner])
}
