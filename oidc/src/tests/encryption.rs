//! ID tokens and userinfo answers that are encrypted for their client (OIDC Core §10.2).

use guichet_domain::{ContentEncryption, KeyManagementAlg};
use guichet_keys::Typ;
use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{Form, NOON, World};

/// A client whose ID tokens and userinfo answers are encrypted, with the keys of another hub.
fn add_client(world: &World, alg: &str, enc: &str, keys: &Value) {
    let mut metadata = json!({
        "id_token_encrypted_response_alg": alg,
        "id_token_encrypted_response_enc": enc,
        "userinfo_encrypted_response_alg": alg,
        "userinfo_encrypted_response_enc": enc,
    });
    for (name, value) in keys.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    world.clients.add("basic", &metadata);
}

/// The keys that the client publishes, those to encrypt to among them.
pub(super) fn published(world: &World) -> bytes::Bytes {
    for alg in KeyManagementAlg::ALL {
        let ring = world.client_keys.decryption_ring();
        ring.ensure(alg, NOON).unwrap();
    }
    world.client_keys.jwks()
}

/// What the client reads, once it has decrypted it: the claims our signature vouches for.
fn opened(world: &World, jwe: &str) -> Value {
    assert_eq!(jwe.split('.').count(), 5, "{jwe}");
    let jws = world.client_keys.decryption_ring().open(jwe).unwrap();
    let jws = String::from_utf8(jws).unwrap();
    let verified = world.keys.ring().verify_own(&jws, Typ::Jwt, None).unwrap();
    Value::Object(verified.claims)
}

#[tokio::test]
async fn tokens_are_signed_and_then_encrypted_for_the_client() {
    let world = World::new().await;
    let jwks: Value = serde_json::from_slice(&published(&world)).unwrap();
    for alg in KeyManagementAlg::ALL {
        for enc in ContentEncryption::ALL {
            let keys = json!({ "jwks": jwks });
            add_client(&world, alg.as_str(), enc.as_str(), &keys);
            let tokens = world.tokens_for("basic").await;
            let id_token = opened(&world, tokens["id_token"].as_str().unwrap());
            assert_eq!(id_token["aud"], "basic");
            let access_token = tokens["access_token"].as_str().unwrap();
            let userinfo = world.userinfo(access_token).await;
            assert_eq!(userinfo.header("content-type"), Some("application/jwt"));
            let userinfo = opened(&world, &userinfo.body);
            assert_eq!(userinfo["sub"], id_token["sub"]);
            assert_eq!(userinfo["aud"], "basic");
        }
    }
}

#[tokio::test]
async fn keys_to_encrypt_to_may_be_published() {
    const URI: &str = "https://basic.example/jwks";
    let world = World::new().await;
    add_client(&world, "ECDH-ES", "A256GCM", &json!({ "jwks_uri": URI }));
    world.published.put(URI, published(&world));
    let tokens = world.tokens_for("basic").await;
    opened(&world, tokens["id_token"].as_str().unwrap());
}

#[tokio::test]
async fn what_cannot_be_encrypted_does_not_leave_in_clear() {
    const URI: &str = "https://basic.example/jwks";
    let world = World::new().await;
    add_client(&world, "ECDH-ES", "A256GCM", &json!({ "jwks_uri": URI }));
    for published in [None, Some(r#"{"keys":[]}"#)] {
        if let Some(document) = published {
            world.published.put(URI, document);
        }
        world.clock.advance(std::time::Duration::from_mins(1));
        let code = world.code_for("basic").await;
        let answered = world
            .send(Form::redeeming("basic", &code).by("basic"))
            .await;
        assert_ne!(answered.status, StatusCode::OK);
        assert!(!answered.body.contains("token\""), "{}", answered.body);
    }
}
