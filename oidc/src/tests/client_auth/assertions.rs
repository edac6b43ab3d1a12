//! Assertions, under a key or a secret.

use std::time::Duration;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Clock as _;
use guichet_keys::testing::{Forger, signed_hs256};
use http::{Request, header};
use serde_json::{Value, json};

use super::{bare, by_assertion, is_authenticated, is_refused};
use crate::testing::{ISSUER, World};

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
        let header = json!({"alg": "HS256", "kid": kid});
        forged.push(signed_hs256(secret, &header, &claims));
    }
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "None", "kid": kid}),
        json!({"alg": "ES256", "kid": kid}),
    ] {
        forged.push(format!("{}.{}.", part(&header), part(&claims)));
        forged.push(format!("{}.{}.AAAA", part(&header), part(&claims)));
    }
    // Each holds under the key that its header leads to.
    let stranger = Forger::new();
    let (jku, jwks) = (
        "https://evil.example/jwks",
        json!({"keys": [stranger.jwk()]}),
    );
    world.published.put(jku, jwks.to_string());
    for header in [
        json!({"alg": "ES256", "jwk": stranger.jwk()}),
        json!({"alg": "ES256", "kid": kid, "jwk": stranger.jwk()}),
        json!({"alg": "ES256", "jku": jku}),
        json!({"alg": "ES256", "kid": kid, "jku": jku}),
        json!({"alg": "ES256", "x5u": jku}),
        json!({"alg": "ES256", "kid": kid}),
    ] {
        forged.push(stranger.sign(&header, &claims));
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
    assert_eq!(world.published.fetches(), 0, "a header was followed");
}

#[tokio::test]
async fn an_assertion_whose_header_asks_for_more_than_we_understand_is_refused() {
    let world = World::new().await;
    let client = Forger::new();
    let jwt = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [client.jwk()]},
    });
    world.clients.add("jwt", &jwt);
    let now = world.clock.now().seconds();
    for (header, is_understood) in [
        (json!({"alg": "ES256"}), true),
        (json!({"alg": "ES256", "crit": ["x"], "x": 1}), false),
        (json!({"alg": "ES256", "crit": ["b64"], "b64": true}), false),
        (json!({"alg": "ES256", "crit": []}), false),
    ] {
        let claims = json!({
            "iss": "jwt", "sub": "jwt", "aud": ISSUER, "iat": now, "exp": now + 60,
            "jti": header.to_string(),
        });
        let answered = by_assertion(&world, &client.sign(&header, &claims)).await;
        let is_expected = if is_understood {
            is_authenticated
        } else {
            is_refused
        };
        assert!(is_expected(&answered), "{header} {answered:?}");
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
    signed_hs256(secret, &json!({"alg": "HS256"}), &claims)
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
    // A secret long enough for every HMAC.
    let secret = SHARED_SECRET.repeat(2);
    for (alg, accepted) in [("HS256", true), ("HS512", false)] {
        world.clients.add(
            "shared",
            &json!({
                "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": alg,
                "client_secret": secret,
            }),
        );
        let by_hs256 = shared_assertion(&world, secret.as_bytes(), &json!({"jti": alg}));
        let answered = by_assertion(&world, &by_hs256).await;
        assert_eq!(is_authenticated(&answered), accepted, "{alg}");
    }
}

#[tokio::test]
async fn fapi_takes_the_issuer_as_audience_and_nothing_else() {
    let world = World::new().await;
    world.becomes_fapi();
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
