//! What a client may ask when it registers.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::json;

use super::{CALLBACK, open, register, registered, service, with};
use crate::register::policy::RegistrationPolicy;
use crate::testing::{World, policy};

#[tokio::test]
async fn each_refusal_has_the_code_of_the_standard_and_names_the_member() {
    let world = open().await;
    for (member, value, error) in [
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        (
            "redirect_uris",
            json!(["javascript:alert(1)"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["https://new.example/cb#x"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["http://localhost:9/cb"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["com.example.app:/cb"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!("https://new.example/cb"),
            "invalid_redirect_uri",
        ),
        (
            "scope",
            json!("cnaf_quotient_familial"),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["urn:openid:params:grant-type:ciba"]),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["implicit"]),
            "invalid_client_metadata",
        ),
        (
            "response_types",
            json!(["id_token"]),
            "invalid_client_metadata",
        ),
        (
            "token_endpoint_auth_method",
            json!("self_signed_tls_client_auth"),
            "invalid_client_metadata",
        ),
        ("subject_type", json!("public"), "invalid_client_metadata"),
        ("profile", json!("franceconnect"), "invalid_client_metadata"),
        (
            "default_acr_values",
            json!(["eidas3"]),
            "invalid_client_metadata",
        ),
        (
            "id_token_signed_response_alg",
            json!("none"),
            "invalid_client_metadata",
        ),
        ("client_name", json!({"a": 1}), "invalid_client_metadata"),
    ] {
        let answered = register(&world, &with(&json!({member: value}))).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{member} {value}");
        assert_eq!(answered.error().as_deref(), Some(error), "{member} {value}");
        let description = answered.json()["error_description"].to_string();
        assert!(description.contains(member), "{member}: {description}");
        assert!(!description.contains("alert"), "{description}");
    }
}

#[tokio::test]
async fn addresses_that_name_a_machine_inside_are_refused_whatever_they_are_for() {
    let world = open().await;
    for member in [
        "jwks_uri",
        "logo_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
        "sector_identifier_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "initiate_login_uri",
        "request_uris",
    ] {
        for address in [
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/x",
            "https://localhost/x",
            "https://db.internal/x",
            "http://new.example/x",
        ] {
            let value = match member {
                "request_uris" => json!([address]),
                _ => json!(address),
            };
            let answered = register(&world, &with(&json!({member: value}))).await;
            let description = answered.json()["error_description"].to_string();
            assert_eq!(
                answered.status,
                StatusCode::BAD_REQUEST,
                "{member} {address}"
            );
            assert!(description.contains(member), "{member}: {description}");
        }
    }
    assert_eq!(world.published.fetches(), 0, "nothing was even looked at");
}

#[tokio::test]
async fn what_the_operator_decides_is_not_the_clients_to_say() {
    let world = open().await;
    let client = registered(
        &world,
        &with(&json!({
            "client_id": "basic",
            "client_secret": "a secret of its own choice",
            "sector": "basic",
            "kind": "public",
            "active": true,
            "providers": ["citoyen"],
            "idp_hints": ["citoyen"],
            "may_skip_information": true,
            "token_exchange_resources": ["https://api.example"],
            "evidence_rights": [{"evidence_type": "a", "fields": ["b"], "purposes": ["c"]}],
            "events_uri": "https://new.example/events",
            "require_pkce": false,
            "scope": "openid email birthdate",
            "frobnicate": "<script>alert(1)</script>",
        })),
    )
    .await;
    let id = client["client_id"].as_str().unwrap();
    assert_ne!(id, "basic");
    assert_ne!(client["client_secret"], "a secret of its own choice");
    assert_eq!(client["scope"], "openid email");
    assert_eq!(client["require_pkce"], true);
    assert_eq!(client.get("frobnicate"), None);
    let stored = world.engine.active_client(id).unwrap();
    assert_eq!(stored.sector.as_str(), "new.example");
    assert!(stored.needs_consent());
    assert!(stored.idp_hints.is_none() && !stored.may_skip_information);
    assert!(stored.providers.is_none() && stored.token_exchange_resources.is_empty());
    assert!(stored.evidence_rights.is_empty() && stored.events_uri.is_none());
}

#[tokio::test]
async fn clients_of_two_hosts_share_a_sector_only_by_a_document_that_lists_them() {
    let world = open().await;
    let two_hosts = json!({"redirect_uris": [CALLBACK, "https://other.example/cb"]});
    let answered = register(&world, &with(&two_hosts)).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_client_metadata"));

    let mut named = with(&two_hosts);
    named["sector_identifier_uri"] = json!("https://sector.example/uris");
    let refused = register(&world, &named).await;
    let description = refused.json()["error_description"].to_string();
    assert!(
        description.contains("sector_identifier_uri"),
        "{description}"
    );
    world
        .published
        .put("https://sector.example/uris", format!("[\"{CALLBACK}\"]"));
    assert_eq!(
        register(&world, &named).await.status,
        StatusCode::BAD_REQUEST,
        "one of the two is not listed"
    );
    let listed = json!([CALLBACK, "https://other.example/cb"]).to_string();
    world.published.put("https://sector.example/uris", listed);
    let client = registered(&world, &named).await;
    let stored = world
        .engine
        .active_client(client["client_id"].as_str().unwrap())
        .unwrap();
    assert_eq!(stored.sector.as_str(), "sector.example");
}

#[tokio::test]
async fn a_host_the_operator_did_not_name_registers_nothing() {
    let hosts = vec!["*.gouv.example".parse().unwrap()];
    let world = World::registering(RegistrationPolicy { hosts, ..policy() }).await;
    let on = |host: &str| json!({"redirect_uris": [format!("https://{host}/cb")]});
    assert_eq!(
        register(&world, &on("evil.example"))
            .await
            .error()
            .as_deref(),
        Some("invalid_redirect_uri")
    );
    let mut mixed = on("impots.gouv.example");
    mixed["post_logout_redirect_uris"] = json!(["https://evil.example/"]);
    assert_eq!(
        register(&world, &mixed).await.error().as_deref(),
        Some("invalid_client_metadata")
    );
    registered(&world, &on("impots.gouv.example")).await;
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_and_never_repeated() {
    let world = open().await;
    let send = async |content_type: &str, body: &str| {
        let asked = Request::post("/register")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        world.send(asked).await
    };
    for body in ["", "[]", "\"<script>\"", "{", "{\"a\":", "null"] {
        let answered = send("application/json", body).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answered.body.contains("<script>"));
    }
    // A page of another site can post text, not JSON.
    let answered = send("text/plain", &service().to_string()).await;
    assert_eq!(answered.status, StatusCode::BAD_REQUEST);
    let large = json!({"client_name": "x".repeat(70_000)}).to_string();
    assert_eq!(
        send("application/json", &large).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_private_scheme_writes_no_host_that_the_operator_named() {
    let world = World::registering(RegistrationPolicy {
        open: true,
        hosts: vec!["cantine.example".parse().unwrap()],
        ..policy()
    })
    .await;
    let native = json!({
        "application_type": "native",
        "redirect_uris": ["com.evil.app://cantine.example/cb"],
    });
    let refused = register(&world, &native).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_redirect_uri"));
}

#[tokio::test]
async fn a_web_application_returns_to_the_web_after_signing_out_too() {
    let world = open().await;
    for address in [
        "http://localhost:9/bye",
        "https://10.0.0.1/bye",
        "com.example.app:/bye",
    ] {
        let metadata = with(&json!({"post_logout_redirect_uris": [address]}));
        let refused = register(&world, &metadata).await;
        let described = refused.json()["error_description"].to_string();
        assert!(
            described.contains("post_logout_redirect_uris"),
            "{address}: {described}"
        );
    }
}

#[tokio::test]
async fn a_secret_that_was_made_here_is_long_enough_for_every_hmac() {
    let world = open().await;
    for alg in ["HS256", "HS384", "HS512"] {
        let client = registered(
            &world,
            &with(&json!({
                "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": alg,
            })),
        )
        .await;
        assert_eq!(client["client_secret"].as_str().unwrap().len(), 64, "{alg}");
    }
}
