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
use crate::testing::{Form, ISSUER, World, policy, redirect_uri};

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
        "id_token_signing_alg_values_supported"
        | "userinfo_signing_alg_values_supported"
        | "authorization_signing_alg_values_supported" => {
            for alg in texts(value) {
                assert_eq!(signed_with(world, member, alg).await, alg, "{member}");
            }
        }
        _ if member.ends_with("_endpoint") => answers(world, member, value).await,
        _ if member.ends_with("_auth_methods_supported") => {
            for method in texts(value) {
                may_be_registered(world, &json!({"token_endpoint_auth_method": method}));
            }
        }
        _ if member.ends_with("_encryption_alg_values_supported") => {
            for alg in texts(value) {
                assert!(alg.parse::<KeyManagementAlg>().is_ok(), "{member}: {alg}");
            }
        }
        _ if member.ends_with("_encryption_enc_values_supported") => {
            for enc in texts(value) {
                assert!(enc.parse::<ContentEncryption>().is_ok(), "{member}: {enc}");
            }
        }
        _ if member.ends_with("_alg_values_supported") => {
            for alg in texts(value) {
                assert!(alg.parse::<JwsAlgName>().is_ok(), "{member}: {alg}");
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

/// What a client gets that registered for this algorithm.
async fn signed_with(world: &World, member: &str, alg: &str) -> String {
    match member {
        "id_token_signing_alg_values_supported" => {
            let more = json!({"id_token_signed_response_alg": alg});
            let tokens = of_a_client_with(world, &more).await;
            alg_of(tokens["id_token"].as_str().unwrap())
        }
        "userinfo_signing_alg_values_supported" => {
            let more = json!({"userinfo_signed_response_alg": alg});
            let tokens = of_a_client_with(world, &more).await;
            let token = tokens["access_token"].as_str().unwrap();
            alg_of(&world.userinfo(token).await.body)
        }
        _ => {
            let more = json!({"authorization_signed_response_alg": alg});
            world.clients.add("advertised", &more);
            let asked = Form::asking("advertised").with("response_mode", "jwt");
            let answered = world.authorize(&asked).await;
            alg_of(&answered.location_parameter("response").unwrap())
        }
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
        "client_secret": "a secret of more than 32 characters, surely",
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

/// The tokens of a client that registered so.
async fn of_a_client_with(world: &World, more: &Value) -> Value {
    world.clients.add("advertised", more);
    world.tokens_for("advertised").await
}

fn alg_of(jwt: &str) -> String {
    let header = jwt.split('.').next().unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["alg"].as_str().unwrap().to_owned()
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
