//! Software statements that others make for a client.

use guichet_domain::SigningAlg;
use guichet_keys::Typ;
use serde_json::{Value, json};

use super::{register, registered, service, with};
use crate::register::policy::{RegistrationPolicy, StatementIssuer, StatementPolicy};
use crate::testing::{NOON, World, policy};

#[tokio::test]
async fn what_a_trusted_software_statement_says_wins() {
    let world = World::new().await;
    let issuer_keys = &world.client_keys;
    let jwks: Value = serde_json::from_slice(&issuer_keys.client_ring().jwks()).unwrap();
    let trusting = RegistrationPolicy {
        open: true,
        statements: StatementPolicy {
            required: true,
            issuers: vec![StatementIssuer {
                issuer: "https://agency.example".to_owned(),
                keys: guichet_domain::KeySource::Jwks(jwks),
            }],
        },
        ..policy()
    };
    let registering = World::registering(trusting).await;
    let sign = |claims: &Value| {
        issuer_keys
            .client_ring()
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, claims)
            .unwrap()
    };
    let said = json!({
        "iss": "https://agency.example",
        "iat": NOON.seconds(),
        "exp": NOON.seconds() + 60,
        "software_id": "town-hall",
        "client_name": "Town hall",
        "redirect_uris": ["https://town.example/cb"],
        "client_id": "basic",
        "sector": "basic",
    });
    let statement = sign(&said);
    let registered = registered(
        &registering,
        &with(&json!({"software_statement": statement})),
    )
    .await;
    assert_eq!(registered["client_name"], "Town hall");
    assert_eq!(
        registered["redirect_uris"],
        json!(["https://town.example/cb"])
    );
    assert_eq!(registered["software_id"], "town-hall");
    assert_eq!(registered["software_statement"], statement, "unchanged");
    assert_ne!(registered["client_id"], "basic");

    let changed = |name: &str, value: Value| {
        let mut claims = said.clone();
        claims[name] = value;
        claims
    };
    let without_end = |claims: &Value| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove("exp");
        claims
    };
    let foreign = World::new().await;
    let by_stranger = foreign
        .client_keys
        .client_ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &said)
        .unwrap();
    let valid = sign(&said);
    let unsigned = format!("{}.", valid.rsplit_once('.').unwrap().0);
    for (statement, error) in [
        (by_stranger, "invalid_software_statement"),
        (unsigned, "invalid_software_statement"),
        ("x".to_owned(), "invalid_software_statement"),
        (
            sign(&changed("exp", json!(NOON.seconds() - 3600))),
            "invalid_software_statement",
        ),
        (
            sign(&without_end(&changed("nbf", json!(NOON.seconds() + 3600)))),
            "invalid_software_statement",
        ),
        (
            sign(&changed("iss", json!("https://evil.example"))),
            "unapproved_software_statement",
        ),
    ] {
        let answered = register(
            &registering,
            &with(&json!({"software_statement": statement})),
        )
        .await;
        assert_eq!(answered.error().as_deref(), Some(error), "{statement}");
    }
    assert_eq!(
        register(&registering, &service()).await.error().as_deref(),
        Some("invalid_software_statement"),
        "one is needed"
    );
}
