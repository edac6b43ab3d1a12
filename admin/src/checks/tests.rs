//! What is found of records whose outside is a table.

use std::collections::HashMap;

use guichet_domain::client::SecretHash;
use guichet_domain::{
    CivilRegisterPolicy, Client, ClientMetadata, Provider, ProviderMetadata, Sealed,
};
use serde_json::json;

use super::*;

/// What stands at each address; nobody is at any other, and private ones are not called.
struct Table(HashMap<&'static str, (u16, Value)>);

#[async_trait]
impl Outside for Table {
    async fn get(&self, url: &Url) -> Result<(u16, Vec<u8>), Unreached> {
        if url.host_str() == Some("10.0.0.1") {
            return Err(Unreached::Refused);
        }
        let found = self.0.get(url.as_str()).ok_or(Unreached::Silent)?;
        Ok((found.0, found.1.to_string().into_bytes()))
    }
}

fn table(all: &[(&'static str, u16, Value)]) -> Table {
    Table(
        all.iter()
            .map(|(url, status, body)| (*url, (*status, body.clone())))
            .collect(),
    )
}

fn a_client(more: &Value) -> Client {
    let mut members = json!({
        "client_id": "a", "client_secret": "a secret of sixteen", "redirect_uris": ["https://a.example/back"],
    });
    members
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let metadata: ClientMetadata = serde_json::from_value(members).unwrap();
    metadata.check(|_| SecretHash::from_bytes([0; 32])).unwrap()
}

fn a_provider(more: &Value) -> Provider {
    let mut members = json!({
        "id": "p", "issuer": "https://p.example", "client_id": "hub", "client_secret": "a secret of sixteen",
    });
    members
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let metadata: ProviderMetadata = serde_json::from_value(members).unwrap();
    let seal = |_: &str| Sealed::from_bytes(vec![1]);
    metadata
        .check_over(None, seal, CivilRegisterPolicy::Skip)
        .unwrap()
}

fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|it| (it.member, it.found)).collect()
}

#[tokio::test]
async fn an_address_at_which_nobody_answers_is_named_with_why() {
    let outside = table(&[("https://a.example/back", 400, json!({}))]);
    let found = client(&outside, &a_client(&json!({}))).await;
    assert_eq!(told(&found), [("redirect_uris", "well")]);
    for (address, why) in [
        ("https://silent.example/", "silent"),
        ("https://10.0.0.1/", "may-not"),
        ("https://b.example/gone", "nothing-there"),
        ("https://b.example/broken", "fails"),
    ] {
        let outside = table(&[
            ("https://b.example/gone", 404, json!({})),
            ("https://b.example/broken", 503, json!({})),
        ]);
        let record = a_client(&json!({"redirect_uris": [address]}));
        assert_eq!(
            told(&client(&outside, &record).await),
            [("redirect_uris", why)]
        );
    }
}

#[tokio::test]
async fn keys_that_are_missing_or_of_another_use_are_named() {
    let signing = json!({"keys": [{"kty": "EC", "use": "sig"}]});
    let outside = table(&[
        ("https://a.example/back", 200, json!({})),
        ("https://a.example/jwks", 200, signing),
        ("https://a.example/none", 200, json!({"keys": []})),
        ("https://a.example/text", 200, json!("no")),
    ]);
    for (uri, more, expected) in [
        ("https://a.example/jwks", json!({}), "well"),
        ("https://a.example/none", json!({}), "no-signing-key"),
        ("https://a.example/text", json!({}), "no-keys"),
        ("https://a.example/away", json!({}), "silent"),
        (
            "https://a.example/jwks",
            json!({"id_token_encrypted_response_alg": "ECDH-ES"}),
            "no-encryption-key",
        ),
    ] {
        let mut members = json!({"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": uri});
        members["client_secret"] = Value::Null;
        members
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let found = client(&outside, &a_client(&members)).await;
        assert!(
            told(&found).contains(&("jwks_uri", expected)),
            "{uri}: {found:?}"
        );
    }
}

#[tokio::test]
async fn the_addresses_that_a_sector_leaves_out_are_named_one_by_one() {
    let sector = "https://sector.example/uris";
    let record = a_client(&json!({
        "redirect_uris": ["https://a.example/back", "https://b.example/back"],
        "sector_identifier_uri": sector,
    }));
    let outside = table(&[(sector, 200, json!(["https://a.example/back"]))]);
    let found = client(&outside, &record).await;
    let left_out: Vec<&str> = found
        .iter()
        .filter(|it| it.found == "not-listed")
        .map(|it| it.about.as_str())
        .collect();
    assert_eq!(left_out, ["https://b.example/back"]);
}

#[tokio::test]
async fn a_provider_is_held_to_what_it_says_of_itself() {
    let discovery = "https://p.example/.well-known/openid-configuration";
    let document = |issuer: &str| {
        json!({
            "issuer": issuer, "jwks_uri": "https://p.example/jwks",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "scopes_supported": ["openid", "profile", "birth", "email"],
        })
    };
    let keys = json!({"keys": [{"kty": "RSA"}]});
    let outside = table(&[
        (discovery, 200, document("https://p.example")),
        ("https://p.example/jwks", 200, keys),
    ]);
    let found = provider(&outside, &a_provider(&json!({}))).await;
    let expected = [
        ("issuer", "well"),
        ("token_endpoint_auth_method", "unsupported"),
        ("jwks_uri", "well"),
    ];
    assert_eq!(told(&found), expected);
    let outside = table(&[(discovery, 200, document("https://evil.example"))]);
    let found = provider(&outside, &a_provider(&json!({}))).await;
    assert_eq!(told(&found), [("issuer", "another-issuer")]);
}
