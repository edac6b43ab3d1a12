//! Tokens in the hands of others than those they are bound to, and proofs that were overheard (threats N-45, N-61).

use anyhow::{Context as _, Result};
use aws_lc_rs::digest;
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::keys::{SigningKey, base64url, random_text, unsigned};
use guichet_integration_tests::machine::root;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{NodeSettings, RawClient};
use serde_json::{Value, json};

use super::stage::{Stage, stage};

#[tokio::test]
async fn a_stolen_bound_token_opens_nothing_without_its_key() -> Result<()> {
    let stage = stage()?;
    let (key, thief) = (SigningKey::generate("dpop")?, SigningKey::generate("dpop")?);
    let token = bound_token(stage, &key).await?;

    assert_eq!(
        served(stage, "Bearer", &token, None).await?,
        "invalid_token"
    );
    assert_eq!(
        served(stage, "DPoP", &token, None).await?,
        "invalid_dpop_proof"
    );
    let thiefs = proof(&thief, &members(stage, &token)?)?;
    assert_eq!(
        served(stage, "DPoP", &token, Some(&thiefs)).await?,
        "invalid_token"
    );

    let own = proof(&key, &members(stage, &token)?)?;
    assert_eq!(served(stage, "DPoP", &token, Some(&own)).await?, "");
    assert_eq!(
        served(stage, "DPoP", &token, Some(&own)).await?,
        "invalid_dpop_proof",
        "an overheard proof serves nobody a second time"
    );
    Ok(())
}

#[tokio::test]
async fn a_proof_made_for_something_else_proves_nothing() -> Result<()> {
    let stage = stage()?;
    let key = SigningKey::generate("dpop")?;
    let token = bound_token(stage, &key).await?;
    let other = bound_token(stage, &key).await?;
    let with = |name: &str, value: Value| -> Result<Value> {
        let mut claims = members(stage, &token)?;
        claims[name] = value;
        Ok(claims)
    };
    let now = now();
    let (header, honest) = (header(&key), members(stage, &token)?);
    let mut private = header.clone();
    private["jwk"] = key.private_jwk()?;
    let forgeries = [
        ("another method", proof(&key, &with("htm", json!("POST"))?)?),
        (
            "another endpoint",
            proof(&key, &with("htu", json!(format!("{}/token", stage.hub())))?)?,
        ),
        (
            "another server",
            proof(&key, &with("htu", json!("https://evil.example/userinfo"))?)?,
        ),
        (
            "another token",
            proof(&key, &with("ath", json!(hash(&other)))?)?,
        ),
        ("no token", proof(&key, &with("ath", Value::Null)?)?),
        (
            "of a minute ago",
            proof(&key, &with("iat", json!(now - 90))?)?,
        ),
        (
            "of the future",
            proof(&key, &with("iat", json!(now + 90))?)?,
        ),
        ("no signature", unsigned(&honest)),
        ("HMAC under the public key", key.confuse(&honest)?),
        ("no key in the header", key.sign(&honest)?),
        (
            "the private key in the header",
            key.sign_with(&private, &honest)?,
        ),
    ];
    for (what, proof) in forgeries {
        let error = served(stage, "DPoP", &token, Some(&proof)).await?;
        assert_eq!(error, "invalid_dpop_proof", "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn no_header_from_outside_passes_for_a_certificate() -> Result<()> {
    let fixtures = root().join("integration-tests/tests/it/interop/fixtures");
    let pem = CLIENT.split("-----").nth(2).context("no certificate")?;
    let certificate = format!(":{}:", pem.replace('\n', ""));
    let certified = RawClient::new("certified").metadata_with(&json!({
        "token_endpoint_auth_method": "tls_client_auth", "client_secret": null,
        "tls_client_auth_subject_dn": "CN=client.example, C=FR",
    }));
    // One node behind a proxy on this address, and one behind another: there we are anybody.
    for (proxy, believed) in [("127.0.0.1", true), ("127.0.0.9", false)] {
        let settings = NodeSettings {
            clients: vec![certified.clone()],
            hub: format!("trusted_proxies = [\"{proxy}\"]"),
            further: format!(
                "[client_certificates]\nproxy_header = \"client-cert\"\nauthorities = [\"{}/authority.pem\"]",
                fixtures.display()
            ),
            ..NodeSettings::new()?
        };
        let _node = settings.start().await?;
        let says = async |name: &str, value: &str| -> Result<(u16, String)> {
            let request = plain_client()
                .post(format!("{}/token", settings.issuer))
                .header(name, value)
                .form(&[
                    ("grant_type", "authorization_code"),
                    ("code", "x"),
                    ("redirect_uri", "https://certified.example/callback"),
                    ("client_id", "certified"),
                ]);
            let answer = Answer::of(request).await?;
            Ok((answer.status, answer.error().to_owned()))
        };
        // Authenticated, it is the code that is refused.
        let expected = if believed { "invalid_grant" } else { "" };
        let said = says("client-cert", &certificate).await?;
        assert_eq!(said, (400, expected.to_owned()), "{proxy}");
        for (name, value) in [
            ("x-ssl-client-cert", certificate.as_str()),
            ("x-ssl-client-s-dn", "CN=client.example, C=FR"),
            ("x-ssl-client-verify", "SUCCESS"),
            (
                "x-forwarded-client-cert",
                "Subject=\"CN=client.example, C=FR\"",
            ),
        ] {
            let said = says(name, value).await?;
            assert_eq!(said, (401, "invalid_client".to_owned()), "{proxy} {name}");
        }
    }
    Ok(())
}

/// A certificate that the authority of the fixtures vouches for.
const CLIENT: &str = include_str!("../interop/fixtures/client.pem");

/// An access token of `service`, bound to this key.
async fn bound_token(stage: &Stage, key: &SigningKey) -> Result<String> {
    let service: &RawClient = &stage.service;
    let arrived = stage.arrive(service, &stage.provider()?).await?;
    let claims = json!({
        "jti": random_text()?, "htm": "POST", "htu": format!("{}/token", stage.hub()), "iat": now(),
    });
    let request = plain_client()
        .post(format!("{}/token", stage.hub()))
        .basic_auth(
            &service.client_id,
            Some(&service.client_secret.replace(' ', "+")),
        )
        .header("dpop", proof(key, &claims)?)
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &arrived.code),
            ("redirect_uri", &service.redirect_uri),
            ("code_verifier", &arrived.attempt.verifier),
        ]);
    let answer: Value = request.send().await?.json().await?;
    assert_eq!(answer["token_type"], "DPoP", "{answer}");
    let token = answer["access_token"].as_str().context("no token")?;
    Ok(token.to_owned())
}

/// What an honest proof for userinfo says.
fn members(stage: &Stage, token: &str) -> Result<Value> {
    Ok(json!({
        "jti": random_text()?, "htm": "GET", "htu": format!("{}/userinfo", stage.hub()), "iat": now(),
        "ath": hash(token),
    }))
}

fn hash(token: &str) -> String {
    base64url(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
}

fn header(key: &SigningKey) -> Value {
    json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": key.jwk() })
}

fn proof(key: &SigningKey, claims: &Value) -> Result<String> {
    key.sign_with(&header(key), claims)
}

/// The error that userinfo answers with, empty when it serves.
async fn served(stage: &Stage, scheme: &str, token: &str, proof: Option<&str>) -> Result<String> {
    let mut request = plain_client()
        .get(format!("{}/userinfo", stage.hub()))
        .header("authorization", format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    let response = request.send().await?;
    let is_ok = response.status().is_success();
    let answer: Value = response.json().await?;
    assert_eq!(is_ok, answer["sub"].is_string(), "{answer}");
    Ok(answer["error"].as_str().unwrap_or_default().to_owned())
}
