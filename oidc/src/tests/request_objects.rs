//! Request objects: which are believed, and what of them counts (OIDC Core §6, RFC 9101; threats N-34,
//! N-41).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ContentEncryption, Encryption, KeyManagementAlg, SigningAlg};
use guichet_keys::testing::signed_hs256;
use guichet_keys::{EncryptionKeySet, SystemEntropy, Typ, encrypt};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, NOON, World};

/// Parameters of OIDC Core §6.1 beside an object.
fn beside(object: &str) -> Form {
    Form::empty()
        .with("client_id", "jwt")
        .with("response_type", "code")
        .with("scope", "openid")
        .with("request", object)
}

fn without_redirect(answered: &Answered, error: &str) {
    assert!(answered.is_page(error), "{error} {answered:?}");
}

#[tokio::test]
async fn the_object_wins_over_what_stands_beside_it() {
    let world = World::new().await;
    let object = world.request_object(Typ::Jwt, &Form::asking("jwt"), &json!({"max_age": 5}));
    let form = beside(&object)
        .with("state", "outside")
        .with("nonce", "outside")
        .with("redirect_uri", "https://evil.example/")
        .with("max_age", "10000");
    let answered = world.authorize(&form).await;
    assert!(
        answered.location_parameter("code").is_some(),
        "{answered:?}"
    );
    assert_eq!(answered.location().host_str(), Some("jwt.example"));
    assert_eq!(answered.location_parameter("state").unwrap(), "a state");
    let asked = world.house.last_asked();
    assert_eq!(asked.max_age().unwrap().as_secs(), 5);
    assert_eq!(asked.scopes().to_string(), "openid given_name email");
}

#[tokio::test]
async fn what_an_object_leaves_out_counts_only_where_oidc_core_reads_it() {
    let world = World::new().await;
    let inside = Form::asking("jwt").without("state");
    let core = world.request_object(Typ::Jwt, &inside, &json!({}));
    let answered = world
        .authorize(&beside(&core).with("state", "outside"))
        .await;
    assert_eq!(answered.location_parameter("state").unwrap(), "outside");
    let declared = world.request_object(Typ::RequestObject, &inside, &json!({}));
    let answered = world
        .authorize(&beside(&declared).with("state", "outside"))
        .await;
    assert!(answered.location_parameter("code").is_some());
    assert_eq!(answered.location_parameter("state"), None);
    // Nor does a redirect URI beside a declared object stand in for one inside.
    let inside = Form::asking("jwt").without("redirect_uri");
    let declared = world.request_object(Typ::RequestObject, &inside, &json!({}));
    let form = Form::asking("jwt").with("request", &declared);
    without_redirect(&world.authorize(&form).await, "invalid_request");
}

#[tokio::test]
async fn an_object_says_rightly_from_whom_for_whom_and_when_it_is() {
    let world = World::new().await;
    let now = NOON.seconds();
    let good = json!({"iss": "jwt", "aud": ["https://other.example", ISSUER], "exp": now + 60,
        "nbf": now, "iat": now, "jti": "one"});
    let ask = async |changed: Value| {
        let mut claims = good.clone();
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let object = world.request_object(Typ::RequestObject, &Form::asking("jwt"), &claims);
        world.authorize(&beside(&object)).await
    };
    assert!(ask(json!({})).await.location_parameter("code").is_some());
    for changed in [
        json!({"iss": "basic"}),
        json!({"aud": "https://other.example"}),
        json!({"aud": []}),
        json!({"sub": "jwt"}),
        json!({"exp": now - 61}),
        json!({"exp": "tomorrow"}),
        json!({"nbf": now + 61}),
        json!({"iat": now + 61}),
        json!({"client_id": "basic"}),
        json!({"request": "x.y.z"}),
        json!({"request_uri": "https://jwt.example/object"}),
        json!({"state": ["a", "b"]}),
    ] {
        let answered = ask(changed.clone()).await;
        without_redirect(&answered, "invalid_request_object");
    }
    without_redirect(
        &ask(json!({"response_type": "code id_token"})).await,
        "invalid_request",
    );
}

#[tokio::test]
async fn an_error_goes_to_the_client_where_what_stands_beside_names_an_address_of_its_own() {
    let world = World::new().await;
    let form = Form::asking("jwt").with("request", "x.y.z");
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request_object"));
    assert_eq!(answered.location().host_str(), Some("jwt.example"));
    assert_eq!(answered.location_parameter("state").unwrap(), "a state");
}

#[tokio::test]
async fn only_the_clients_own_signature_counts() {
    let world = World::new().await;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let good = world.request_object(Typ::Jwt, &Form::asking("jwt"), &json!({}));
    let payload = good.split('.').nth(1).unwrap();
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    let mut forged = vec![
        format!("{}.{payload}.", part(&json!({"alg": "none"}))),
        format!("{}.{payload}.AAAA", part(&json!({"alg": "None"}))),
        format!("{good}A"),
    ];
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    // Under an HMAC of what everybody knows.
    let key = &jwks["keys"][0];
    for known in [jwks.to_string(), key.to_string(), key["x"].to_string()] {
        let header = json!({"alg": "HS256", "kid": key["kid"]});
        forged.push(signed_hs256(known.as_bytes(), &header, &claims));
    }
    // By a key that brings itself along, and by a key of ours.
    let stranger = crate::testing::new_keys();
    for keys in [&stranger, &world.keys] {
        let ring = keys.ring();
        forged.push(ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims).unwrap());
        forged.push(
            ring.sign_self_contained(SigningAlg::Es256, Typ::Jwt, &claims)
                .unwrap(),
        );
    }
    let wrong_type = world.request_object(Typ::LogoutToken, &Form::asking("jwt"), &json!({}));
    forged.push(wrong_type);
    for object in &forged {
        without_redirect(
            &world.authorize(&beside(object)).await,
            "invalid_request_object",
        );
    }
    // The registration narrows the algorithms.
    world.clients.add(
        "jwt",
        &json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
            "request_object_signing_alg": "PS256",
        }),
    );
    without_redirect(
        &world.authorize(&beside(&good)).await,
        "invalid_request_object",
    );
    // A client without keys signs nothing.
    let object = world.request_object(Typ::Jwt, &Form::asking("basic"), &json!({}));
    let answered = world
        .authorize(&beside(&object).with("client_id", "basic"))
        .await;
    without_redirect(&answered, "invalid_request_object");
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn an_assertion_is_no_request_object() {
    let world = World::new().await;
    let assertion = world.assertion(&json!({}));
    let form = Form::asking("jwt").with("request", &assertion);
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request_object"));
}

#[tokio::test]
async fn an_object_may_be_encrypted_for_us() {
    let world = World::new().await;
    let ring = world.keys.decryption_ring();
    for alg in [KeyManagementAlg::EcdhEs, KeyManagementAlg::EcdhEsA256Kw] {
        ring.ensure(alg, NOON).unwrap();
    }
    let published = EncryptionKeySet::parse(world.get("/jwks").await.body.as_bytes()).unwrap();
    let signed = world.request_object(Typ::Jwt, &Form::asking("jwt"), &json!({}));
    for alg in [KeyManagementAlg::EcdhEs, KeyManagementAlg::EcdhEsA256Kw] {
        for enc in ContentEncryption::ALL {
            let seal = |payload: &str| {
                let key = published.for_alg(alg).unwrap();
                let with = Encryption { alg, enc };
                encrypt(key, with, Some("JWT"), payload.as_bytes(), &SystemEntropy).unwrap()
            };
            let answered = world.authorize(&beside(&seal(&signed))).await;
            assert!(
                answered.location_parameter("code").is_some(),
                "{answered:?}"
            );
            // Encryption vouches for nothing.
            let payload = json!({"client_id": "jwt", "redirect_uri": "https://evil.example/"});
            for unsigned in [payload.to_string(), "\u{fffd}".to_owned(), seal(&signed)] {
                let answered = world.authorize(&beside(&seal(&unsigned))).await;
                without_redirect(&answered, "invalid_request_object");
            }
        }
    }
}

#[tokio::test]
async fn an_object_is_fetched_from_a_registered_address_and_from_no_other() {
    let world = World::new().await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "jwt",
        &json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
            "request_uris": ["https://jwt.example/object#v1"],
        }),
    );
    let object = world.request_object(Typ::Jwt, &Form::asking("jwt"), &json!({}));
    let at = |uri: &str| beside("").without("request").with("request_uri", uri);
    world
        .published
        .put("https://jwt.example/object", format!("{object}\n"));
    let before = world.published.fetches();
    for uri in [
        "https://jwt.example/object",
        "https://jwt.example/object#v2",
    ] {
        let answered = world.authorize(&at(uri)).await;
        assert!(
            answered.location_parameter("code").is_some(),
            "{answered:?}"
        );
    }
    assert_eq!(world.published.fetches(), before + 2);
    for uri in [
        "https://jwt.example/object/",
        "https://jwt.example/object?x",
        "https://jwt.example:8443/object",
        "http://jwt.example/object",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:8001/",
        "file:///etc/passwd",
        "not a uri",
    ] {
        without_redirect(&world.authorize(&at(uri)).await, "invalid_request_uri");
    }
    assert_eq!(
        world.published.fetches(),
        before + 2,
        "nothing else was asked for"
    );
    world
        .published
        .put("https://jwt.example/object", "not a request object");
    let answered = world.authorize(&at("https://jwt.example/object")).await;
    without_redirect(&answered, "invalid_request_object");
    world.published.take_away("https://jwt.example/object");
    let answered = world.authorize(&at("https://jwt.example/object")).await;
    without_redirect(&answered, "invalid_request_uri");
}

#[tokio::test]
async fn a_client_that_must_sign_is_served_in_no_other_way() {
    let world = World::new().await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "jwt",
        &json!({
            "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
            "require_signed_request_object": true,
        }),
    );
    let answered = world.authorize(&Form::asking("jwt")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    let answered = world.push(&Form::asking("jwt"), "one").await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    let good = json!({"iss": "jwt", "aud": ISSUER});
    let unnamed = Form::asking("jwt").without("client_id");
    let object = world.request_object(Typ::Jwt, &unnamed, &good);
    without_redirect(
        &world.authorize(&beside(&object)).await,
        "invalid_request_object",
    );
    let object = world.request_object(Typ::Jwt, &Form::asking("jwt"), &good);
    assert!(
        world
            .authorize(&beside(&object))
            .await
            .location_parameter("code")
            .is_some()
    );
}
