//! What is advertised works, and what works is advertised: every member of the metadata against what the provider
//! does. A member that nobody checks here fails the test.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{
    Claim, ClientMetadata, ContentEncryption, GrantType, JwsAlgName, KeyManagementAlg,
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::ClientSecrets;
use crate::testing::{Form, ISSUER, World, policy, redirect_uri, text};

#[tokio::test]
async fn every_advertised_member_is_kept() {
    let world = World::registering(policy()).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    for (member, value) in document.as_object().unwrap() {
        is_kept(&world, member, value).await;
    }
}

#[tokio::test]
async fn what_is_not_advertised_does_not_work() {
    let world = World::new().await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    let is_advertised = |member: &str, value: &str| {
        let values = document[member].as_array().unwrap();
        values.iter().any(|known| known == value)
    };
    for grant in GrantType::ALL {
        let works = world.token_error(grant.as_str()).await != "unsupported_grant_type";
        let member = "grant_types_supported";
        assert_eq!(works, is_advertised(member, grant.as_str()), "{grant:?}");
    }
    for mode in [
        "query",
        "fragment",
        "form_post",
        "query.jwt",
        "fragment.jwt",
        "form_post.jwt",
        "jwt",
    ] {
        let asked = Form::asking("basic").with("response_mode", mode);
        let works = world.authorize(&asked).await.error().is_none();
        assert_eq!(
            works,
            is_advertised("response_modes_supported", mode),
            "{mode}"
        );
    }
    for method in ["S256", "plain"] {
        let asked = Form::asking("basic").with("code_challenge_method", method);
        let works = world.authorize(&asked).await.error().is_none();
        let member = "code_challenge_methods_supported";
        assert_eq!(works, is_advertised(member, method), "{method}");
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each member")]
async fn is_kept(world: &World, member: &str, value: &Value) {
    match member {
        "issuer" => assert_eq!(value, ISSUER),
        "jwks_uri" => answers(world, member, value).await,
        "ui_locales_supported" => assert_eq!(value, &json!(["fr", "en"])),
        "mtls_endpoint_aliases" => assert!(value.is_object()),
        "signed_metadata" => assert_eq!(value.as_str().unwrap().split('.').count(), 3),
        "claim_types_supported" => assert_eq!(value, &json!(["normal"])),
        "claims_supported" => {
            for claim in Claim::ALL {
                // Divergence D13.
                let hidden = matches!(claim, Claim::IdpBirthdate | Claim::IdpId);
                assert_ne!(texts(value).contains(&claim.as_str()), hidden, "{claim:?}");
            }
        }
        "scopes_supported"
        | "response_types_supported"
        | "response_modes_supported"
        | "acr_values_supported"
        | "display_values_supported"
        | "prompt_values_supported"
        | "code_challenge_methods_supported" => {
            for value in texts(value) {
                may_be_asked(world, member, value).await;
            }
        }
        "grant_types_supported" => {
            for grant in texts(value) {
                assert_ne!(
                    world.token_error(grant).await,
                    "unsupported_grant_type",
                    "{grant}"
                );
            }
        }
        "subject_types_supported" => {
            for kind in texts(value) {
                may_be_registered(world, &json!({"subject_type": kind}));
            }
        }
        _ if member.ends_with("_endpoint") => answers(world, member, value).await,
        _ if member.ends_with("_auth_methods_supported") => {
            for method in texts(value) {
                may_be_registered(world, &json!({"token_endpoint_auth_method": method}));
            }
        }
        // Objects encrypted for us have a test of their own, and so have proofs.
        "request_object_encryption_alg_values_supported" => {
            assert!(
                texts(value)
                    .iter()
                    .all(|alg| alg.parse::<KeyManagementAlg>().is_ok())
            );
        }
        "request_object_encryption_enc_values_supported" => {
            assert!(
                texts(value)
                    .iter()
                    .all(|enc| enc.parse::<ContentEncryption>().is_ok())
            );
        }
        "dpop_signing_alg_values_supported" => {
            assert!(
                texts(value)
                    .iter()
                    .all(|alg| alg.parse::<JwsAlgName>().is_ok())
            );
        }
        _ if let Some(kind) = member.strip_suffix("_encryption_alg_values_supported") => {
            for alg in texts(value) {
                assert_eq!(
                    encrypted(world, kind, alg, "A256GCM").await["alg"],
                    alg,
                    "{member}"
                );
            }
        }
        _ if let Some(kind) = member.strip_suffix("_encryption_enc_values_supported") => {
            for enc in texts(value) {
                assert_eq!(
                    encrypted(world, kind, "ECDH-ES", enc).await["enc"],
                    enc,
                    "{member}"
                );
            }
        }
        _ if let Some(kind) = member.strip_suffix("_signing_alg_values_supported") => {
            for alg in texts(value) {
                signs(world, kind, alg).await;
            }
        }
        "authorization_details_types_supported" => {
            for kind in texts(value) {
                let details = json!([{"type": kind}]).to_string();
                let form = Form::asking("basic").with("authorization_details", &details);
                assert_eq!(world.authorize(&form).await.error(), None, "{kind}");
            }
        }
        "backchannel_token_delivery_modes_supported" => {
            assert_eq!(value, &json!(["poll", "ping"]));
        }
        // Each has tests of its own, named in docs/conformance.md.
        "authorization_response_iss_parameter_supported"
        | "backchannel_logout_supported"
        | "backchannel_logout_session_supported"
        | "frontchannel_logout_supported"
        | "frontchannel_logout_session_supported"
        | "claims_parameter_supported"
        | "request_parameter_supported"
        | "request_uri_parameter_supported"
        | "require_request_uri_registration" => assert_eq!(value, true, "{member}"),
        // True only where the settings say so.
        "tls_client_certificate_bound_access_tokens"
        | "require_pushed_authorization_requests"
        | "require_signed_request_object"
        | "backchannel_user_code_parameter_supported" => assert_eq!(value, false, "{member}"),
        _ => panic!("{member} is advertised and checked by nobody"),
    }
}

/// A client that registers for this algorithm gets it, or may sign with it.
async fn signs(world: &World, kind: &str, alg: &str) {
    match kind {
        "token_endpoint_auth" | "introspection_endpoint_auth" | "revocation_endpoint_auth" => {
            let is_hmac = alg.parse::<JwsAlgName>().unwrap().is_hmac();
            let method = if is_hmac {
                "client_secret_jwt"
            } else {
                "private_key_jwt"
            };
            let signing = json!({
                "token_endpoint_auth_method": method, "token_endpoint_auth_signing_alg": alg,
            });
            may_be_registered(world, &signing);
        }
        "request_object" | "backchannel_authentication_request" => {
            may_be_registered(world, &json!({ format!("{kind}_signing_alg"): alg }));
        }
        _ => {
            let signed = json!({ format!("{kind}_signed_response_alg"): alg });
            assert_eq!(
                header(&got(world, kind, &signed).await)["alg"],
                alg,
                "{kind}"
            );
        }
    }
}

/// The header of what a client gets that registered for this encryption.
async fn encrypted(world: &World, kind: &str, alg: &str, enc: &str) -> Value {
    let jwks: Value = serde_json::from_slice(&super::encryption::published(world)).unwrap();
    let encryption = json!({
        format!("{kind}_signed_response_alg"): "ES256",
        format!("{kind}_encrypted_response_alg"): alg,
        format!("{kind}_encrypted_response_enc"): enc,
        "jwks": jwks,
    });
    let jwe = got(world, kind, &encryption).await;
    assert_eq!(jwe.split('.').count(), 5, "{kind}: {jwe}");
    header(&jwe)
}

/// What a client that registered so gets of this kind.
async fn got(world: &World, kind: &str, registered: &Value) -> String {
    world.clients.add("advertised", registered);
    if kind == "authorization" {
        let asked = Form::asking("advertised").with("response_mode", "jwt");
        let answered = world.authorize(&asked).await;
        return answered.location_parameter("response").unwrap();
    }
    let tokens = world.tokens_for("advertised").await;
    let access_token = text(&tokens, "access_token");
    match kind {
        "id_token" => text(&tokens, "id_token").to_owned(),
        "userinfo" => world.userinfo(access_token).await.body,
        "introspection" => world.introspect("advertised", access_token).await.body,
        _ => panic!("{kind} is nothing a client gets"),
    }
}

/// Something is there, whatever it thinks of a bare GET.
async fn answers(world: &World, member: &str, value: &Value) {
    let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
    let answered = world.get(path).await;
    assert_ne!(answered.status, StatusCode::NOT_FOUND, "{member}");
}

/// An authorization request with this value is accepted.
async fn may_be_asked(world: &World, member: &str, value: &str) {
    let asking = Form::asking("advertised");
    let more = match member {
        "scopes_supported" => json!({
            "scope": format!("openid {value}"),
            "grant_types": ["authorization_code", "refresh_token"],
        }),
        _ => json!({}),
    };
    world.clients.add("advertised", &more);
    let asked = match member {
        "scopes_supported" => asking.with("scope", &format!("openid {value}")),
        "response_types_supported" => asking.with("response_type", value),
        "response_modes_supported" => asking.with("response_mode", value),
        "acr_values_supported" => asking.with("acr_values", value),
        "display_values_supported" => asking.with("display", value),
        "prompt_values_supported" => asking.with("prompt", value),
        _ => asking.with("code_challenge_method", value),
    };
    let before = world.house.times_asked();
    world.authorize(&asked).await;
    assert_eq!(world.house.times_asked(), before + 1, "{member}: {value}");
    if member == "scopes_supported" {
        assert!(world.house.last_asked().scopes().contains(value), "{value}");
    }
}

fn may_be_registered(world: &World, more: &Value) {
    let mut metadata = json!({
        "client_id": "advertised",
        "client_secret": "a secret of the tests with 32 characters".repeat(2),
        "redirect_uris": [redirect_uri("advertised")],
        "jwks": {"keys": [{"kty": "EC"}]},
        "tls_client_auth_san_dns": "advertised.example",
    });
    for (name, value) in more.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    let metadata: ClientMetadata = serde_json::from_value(metadata).unwrap();
    let checked = metadata.check_keeping(&ClientSecrets::new(&world.keys));
    assert!(checked.is_ok(), "{more}");
}

fn header(jose: &str) -> Value {
    let header = jose.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    let values = value.as_array().unwrap();
    values.iter().map(|text| text.as_str().unwrap()).collect()
}

impl World {
    /// What the token endpoint says of a grant type and nothing else.
    async fn token_error(&self, grant: &str) -> String {
        let form = Form::empty().with("grant_type", grant);
        self.send(form.by("basic")).await.error().unwrap()
    }
}
