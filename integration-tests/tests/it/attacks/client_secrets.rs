//! Services impersonated at the token endpoint: secrets left out, assertions forged (threats N-33, N-34, N-35).

use anyhow::Result;
use guichet_integration_tests::RawClient;
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::keys::{SigningKey, random_text, sign_hs256, unsigned};
use guichet_integration_tests::raw_client::Answer;
use serde_json::{Value, json};

use super::stage::{Stage, stage};

#[tokio::test]
async fn a_secret_that_is_empty_missing_wrong_or_doubled_opens_nothing() -> Result<()> {
    let stage = stage()?;
    let secret = stage.service.client_secret.as_str();
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", "https://service.example/callback"),
    ];
    let in_body = |fields: &[(&'static str, &str)]| {
        let form: Vec<(String, String)> = grant
            .iter()
            .chain(fields)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        plain_client()
            .post(format!("{}/token", stage.hub()))
            .form(&form)
    };
    let requests = [
        ("nothing at all", in_body(&[])),
        ("a name alone", in_body(&[("client_id", "service")])),
        (
            "an empty secret in the body",
            in_body(&[("client_id", "service"), ("client_secret", "")]),
        ),
        (
            "the right secret by the wrong method",
            in_body(&[("client_id", "service"), ("client_secret", secret)]),
        ),
        (
            "an empty secret",
            in_body(&[]).basic_auth("service", Some("")),
        ),
        (
            "no secret",
            in_body(&[]).basic_auth("service", None::<&str>),
        ),
        (
            "a wrong secret",
            in_body(&[]).basic_auth("service", Some("wrong")),
        ),
        (
            "half the secret",
            in_body(&[]).basic_auth("service", Some(&secret[..8])),
        ),
        (
            "another's secret",
            in_body(&[]).basic_auth("service", Some(&stage.other.client_secret)),
        ),
        (
            "an unknown client",
            in_body(&[]).basic_auth("nobody", Some(secret)),
        ),
        ("no name", in_body(&[]).basic_auth("", Some(secret))),
        (
            "broken Basic",
            in_body(&[]).header("authorization", "Basic !!!"),
        ),
        ("a token for a secret", in_body(&[]).bearer_auth(secret)),
        (
            "two methods at once",
            in_body(&[("client_id", "service"), ("client_secret", secret)])
                .basic_auth("service", Some("wrong")),
        ),
    ];
    for (what, request) in requests {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.text().await?;
        assert!([400, 401].contains(&status), "{what}: {status} {body}");
        assert!(
            body.contains("invalid_client") || body.contains("invalid_request"),
            "{what} got past: {body}"
        );
        assert!(!body.contains(secret), "{what}: the secret is repeated");
    }
    // The right secret gets as far as the code.
    let honest = stage.service.token(stage.hub(), &grant).await?;
    assert_eq!(honest.error(), "invalid_grant", "{}", honest.body);
    Ok(())
}

#[tokio::test]
async fn a_forged_assertion_is_no_client() -> Result<()> {
    let stage = stage()?;
    let (key, stranger) = (&stage.signer_key, SigningKey::generate("signer")?);
    let with = |name: &str, value: Value| -> Result<Value> {
        let mut claims = claims(stage)?;
        claims[name] = value;
        if claims[name].is_null() {
            claims.as_object_mut().map(|claims| claims.remove(name));
        }
        Ok(claims)
    };
    let now = now();
    let forgeries = [
        ("alg none", unsigned(&claims(stage)?)),
        ("HMAC under the public key", key.confuse(&claims(stage)?)?),
        (
            "HMAC under nothing",
            sign_hs256(
                b"",
                &json!({ "alg": "HS256", "kid": "signer" }),
                &claims(stage)?,
            ),
        ),
        (
            "a stranger's key under a known name",
            stranger.sign(&claims(stage)?)?,
        ),
        (
            "a key in the header",
            stranger.sign_with(
                &json!({ "alg": "ES256", "jwk": stranger.jwk() }),
                &claims(stage)?,
            )?,
        ),
        (
            "an address of keys in the header",
            stranger.sign_with(
                &json!({ "alg": "ES256", "jku": "https://evil.example/jwks" }),
                &claims(stage)?,
            )?,
        ),
        (
            "RS256 on an EC key",
            key.sign_with(&json!({ "alg": "RS256", "kid": "signer" }), &claims(stage)?)?,
        ),
        (
            "another server's",
            key.sign(&with("aud", json!("https://other.example"))?)?,
        ),
        (
            "ours and another server's",
            key.sign(&with("aud", json!([stage.hub(), "https://other.example"]))?)?,
        ),
        ("nobody's", key.sign(&with("aud", Value::Null)?)?),
        ("without end", key.sign(&with("exp", Value::Null)?)?),
        (
            "for fifty years",
            key.sign(&with("exp", json!(now + 50 * 365 * 24 * 3600))?)?,
        ),
        (
            "of yesterday",
            key.sign(&with("exp", json!(now - 86_400))?)?,
        ),
        ("without jti", key.sign(&with("jti", Value::Null)?)?),
        (
            "for another subject",
            key.sign(&with("sub", json!("service"))?)?,
        ),
        (
            "by another issuer",
            key.sign(&with("iss", json!("service"))?)?,
        ),
    ];
    for (what, assertion) in forgeries {
        let answer = present(stage, &assertion).await?;
        assert_eq!(answer.error(), "invalid_client", "{what}: {}", answer.body);
    }
    let honest = present(stage, &key.sign(&claims(stage)?)?).await?;
    assert_eq!(honest.error(), "invalid_grant", "{}", honest.body);
    Ok(())
}

#[tokio::test]
async fn an_assertion_serves_once() -> Result<()> {
    let stage = stage()?;
    let assertion = stage.signer_key.sign(&claims(stage)?)?;
    assert_eq!(present(stage, &assertion).await?.error(), "invalid_grant");
    assert_eq!(present(stage, &assertion).await?.error(), "invalid_client");
    Ok(())
}

/// What an honest assertion says.
fn claims(stage: &Stage) -> Result<Value> {
    let now = now();
    Ok(json!({
        "iss": "signer", "sub": "signer", "aud": stage.hub(), "jti": random_text()?, "iat": now, "exp": now + 60,
    }))
}

/// Presents an assertion with a code that nobody issued: authenticated, it is the code that is refused.
async fn present(stage: &Stage, assertion: &str) -> Result<Answer> {
    let signer: &RawClient = &stage.signer;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("redirect_uri", signer.redirect_uri.as_str()),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    signer.token_unauthenticated(stage.hub(), &form).await
}
