//! Answers as a JWT: signed, encrypted where registered, errors too (JARM).

use guichet_domain::{KeyManagementAlg, SigningAlg};
use guichet_keys::{JwkSet, JwsAlg, TypRule, VerifyPolicy, verify};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, NOON, World};

fn claims(world: &World, response: &str, alg: JwsAlg) -> Value {
    let keys = JwkSet::parse(&world.keys.ring().jwks()).unwrap();
    let policy = VerifyPolicy {
        algs: &[alg],
        typ: TypRule::JwtOrAbsent,
    };
    Value::Object(verify(response, &keys, policy).unwrap().claims)
}

/// `response`, and that nothing else was added to the redirect URI.
fn response(answered: &Answered) -> String {
    let location = answered.location();
    let names: Vec<String> = location
        .query_pairs()
        .map(|(name, _)| name.into())
        .collect();
    assert_eq!(names, ["tenant", "response"]);
    answered.location_parameter("response").unwrap()
}

#[tokio::test]
async fn an_answer_is_signed_for_its_client() {
    let world = World::new().await;
    for mode in ["jwt", "query.jwt"] {
        let form = Form::asking("basic").with("response_mode", mode);
        let signed = response(&world.authorize(&form).await);
        let mut claims = claims(&world, &signed, JwsAlg::Es256);
        assert_eq!(claims["code"].as_str().unwrap().len(), 43);
        claims.as_object_mut().unwrap().remove("code");
        let expected = json!({
            "iss": ISSUER, "aud": "basic", "exp": NOON.seconds() + 30, "state": "a state",
        });
        assert_eq!(claims, expected);
    }
}

#[tokio::test]
async fn a_form_carries_the_same() {
    let world = World::new().await;
    let form = Form::asking("basic").with("response_mode", "form_post.jwt");
    let posted = world.authorize(&form).await.json();
    assert_eq!(posted["fields"].as_array().unwrap().len(), 1);
    assert_eq!(posted["fields"][0][0], "response");
    let signed = posted["fields"][0][1].as_str().unwrap();
    assert_eq!(claims(&world, signed, JwsAlg::Es256)["aud"], "basic");
}

#[tokio::test]
async fn errors_are_signed_too_whoever_says_no() {
    let world = World::new().await;
    world.clients.add(
        "basic",
        &json!({"authorization_signed_response_alg": "EdDSA"}),
    );
    let form = Form::asking("basic").with("response_mode", "jwt");
    *world.house.change.lock().unwrap() =
        Some(|outcome| outcome.acr = guichet_domain::Acr::Eidas1.into());
    for (form, error) in [
        (form.clone().with("scope", "email"), "invalid_scope"),
        (
            form.with("acr_values", "eidas2"),
            "unmet_authentication_requirements",
        ),
    ] {
        let signed = response(&world.authorize(&form).await);
        let claims = claims(&world, &signed, JwsAlg::EdDsa);
        assert_eq!(claims["error"], error);
        assert_eq!(claims["state"], "a state");
    }
}

#[tokio::test]
async fn an_answer_is_encrypted_where_the_client_registered_that_or_does_not_leave() {
    let world = World::new().await;
    let ring = world.client_keys.decryption_ring();
    ring.ensure(KeyManagementAlg::EcdhEs, NOON).unwrap();
    let jwks: Value = serde_json::from_slice(&world.client_keys.decryption_ring().jwks()).unwrap();
    let registered = |alg: &str| json!({"jwks": jwks, "authorization_encrypted_response_alg": alg});
    world.clients.add("basic", &registered("ECDH-ES"));
    let form = Form::asking("basic").with("response_mode", "jwt");
    let encrypted = response(&world.authorize(&form).await);
    let signed = String::from_utf8(ring.open(&encrypted).unwrap()).unwrap();
    assert_eq!(claims(&world, &signed, JwsAlg::Es256)["state"], "a state");
    // Without a key for the algorithm the answer is not sent in clear instead.
    world.clients.add("basic", &registered("RSA-OAEP-256"));
    let answered = world.authorize(&form).await;
    assert!(answered.header("location").is_none(), "{answered:?}");
    assert!(answered.status.is_server_error());
}

#[tokio::test]
async fn what_is_signed_is_signed_with_a_key_that_is_published() {
    let world = World::new().await;
    world.keys.ring().rotate(SigningAlg::Es256, NOON).unwrap();
    let form = Form::asking("basic").with("response_mode", "jwt");
    let signed = response(&world.authorize(&form).await);
    assert_eq!(claims(&world, &signed, JwsAlg::Es256)["iss"], ISSUER);
}
