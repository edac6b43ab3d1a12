//! `fapi2-message-signing-final-test-plan` (signed requests, JARM): what it demands beyond the security
//! profile.

use anyhow::{Context, Result};
use guichet_integration_tests::Hands;
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::{RsaAlg, claims_of, header_of, unsigned, verified};
use guichet_integration_tests::raw_client::Attempt;
use serde_json::{Value, json};

use super::fapi_party::Answered;
use super::parties::{Parties, parties};

/// What `/par` says to a request object.
async fn pushed_object(parties: &Parties, object: &str) -> Result<Answered> {
    let party = &parties.signing;
    let form = [
        ("client_id".to_owned(), party.id.clone()),
        ("request".to_owned(), object.to_owned()),
    ];
    party.push(parties.hub(), &form).await
}

/// What `/par` says to a correct object with some claims changed.
async fn pushed(parties: &Parties, attempt: &Attempt, change: &Value) -> Result<Answered> {
    let object = parties
        .signing
        .request_object(parties.hub(), attempt, change)?;
    pushed_object(parties, &object).await
}

/// Walks a correct object to its end and yields the claims of the signed answer.
async fn answered(parties: &Parties, attempt: &Attempt) -> Result<Value> {
    let party = &parties.signing;
    let reference = pushed(parties, attempt, &json!({})).await?;
    let address = party.address(parties.hub(), reference.text("request_uri"))?;
    let view = parties.sign_in(&mut party.citizen(), &address).await?;
    let response = parameter(&view.url, "response").with_context(|| format!("{view}"))?;
    assert_eq!(parameter(&view.url, "code"), None);
    let alg = header_of(&response)?["alg"].clone();
    assert!(
        ["ES256", "PS256", "EdDSA"]
            .iter()
            .any(|known| alg == *known)
    );
    verified(&response, &parties.jwks().await?)
}

fn asking(parties: &Parties) -> Result<Attempt> {
    let attempt = parties.signing.attempt(parties.hub())?;
    Ok(attempt.with("response_mode", "jwt"))
}

#[tokio::test]
async fn happy_flow_with_jarm() -> Result<()> {
    let parties = parties()?;
    let attempt = asking(parties)?;
    let claims = answered(parties, &attempt).await?;
    assert_eq!(claims["iss"], parties.hub());
    assert_eq!(claims["aud"], parties.signing.id.as_str());
    assert_eq!(claims["state"], attempt.state.as_str());
    assert!(claims["exp"].as_i64() > Some(now()));
    let code = claims["code"].as_str().context("no code")?;
    let tokens = parties
        .signing
        .redeem(parties.hub(), code, &attempt.verifier)
        .await?;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    Ok(())
}

#[tokio::test]
async fn user_rejects_authentication_and_the_error_is_signed() -> Result<()> {
    let parties = parties()?;
    let attempt = asking(parties)?;
    let reference = pushed(parties, &attempt, &json!({})).await?;
    let address = parties
        .signing
        .address(parties.hub(), reference.text("request_uri"))?;
    let mut citizen = parties.signing.citizen();
    let view = citizen
        .visit(&address)
        .choose(&parties.button())
        .refuse()
        .await?;
    assert_eq!(parameter(&view.url, "error"), None);
    let response = parameter(&view.url, "response").with_context(|| format!("{view}"))?;
    let claims = verified(&response, &parties.jwks().await?)?;
    assert_eq!(claims["error"], "access_denied");
    assert_eq!(claims["aud"], parties.signing.id.as_str());
    Ok(())
}

#[tokio::test]
async fn request_objects_that_must_be_accepted() -> Result<()> {
    let parties = parties()?;
    for change in [
        json!({ "aud": [parties.hub(), "https://other.example"] }),
        json!({ "nbf": now() + 8, "exp": now() + 60 }),
        json!({ "state": null }),
        json!({ "nonce": null }),
    ] {
        let answered = pushed(parties, &asking(parties)?, &change).await?;
        assert_eq!(answered.status, 201, "{change} {answered:?}");
    }
    Ok(())
}

#[tokio::test]
async fn request_objects_that_must_fail() -> Result<()> {
    let parties = parties()?;
    for (module, change) in [
        ("without-exp", json!({ "exp": null })),
        ("without-nbf", json!({ "nbf": null })),
        ("expired", json!({ "nbf": now() - 400, "exp": now() - 300 })),
        ("with-bad-aud", json!({ "aud": "https://other.example" })),
        ("with-exp-over-60", json!({ "exp": now() + 70 * 60 })),
        ("with-nbf-over-60", json!({ "nbf": now() - 70 * 60 })),
        ("without-aud", json!({ "aud": null })),
        ("of-another-client", json!({ "client_id": "plan-fapi" })),
        ("from-another-client", json!({ "iss": "plan-fapi" })),
        (
            "request-uri-inside",
            json!({ "request_uri": "urn:ietf:params:oauth:request_uri:x" }),
        ),
    ] {
        let answered = pushed(parties, &asking(parties)?, &change).await?;
        let said = (answered.status, answered.error());
        assert_eq!(said, (400, "invalid_request_object"), "{module}");
    }
    Ok(())
}

#[tokio::test]
async fn ensure_request_object_without_redirect_uri_fails() -> Result<()> {
    let parties = parties()?;
    let answered = pushed(parties, &asking(parties)?, &json!({ "redirect_uri": null })).await?;
    assert_eq!(
        (answered.status, answered.error()),
        (400, "invalid_request")
    );
    Ok(())
}

#[tokio::test]
async fn signatures_that_must_fail() -> Result<()> {
    let parties = parties()?;
    let (party, attempt) = (&parties.signing, asking(parties)?);
    let claims = party.object_claims(parties.hub(), &attempt, &json!({}));
    let good = party.key.sign_with(&party.object_header(), &claims)?;
    let by_rsa = |alg| party.rsa.sign(alg, "oauth-authz-req+jwt", &claims);
    let honest = pushed_object(parties, &by_rsa(RsaAlg::Ps256)?).await?;
    assert_eq!(honest.status, 201, "{honest:?}");
    let (head, signature) = good.rsplit_once('.').context("no signature")?;
    let invalid = format!("{head}.{}{}", &signature[4..], &signature[..4]);
    for (module, object) in [
        (
            "ensure-signed-request-object-with-RS256-fails",
            by_rsa(RsaAlg::Rs256)?,
        ),
        (
            "ensure-request-object-signature-algorithm-is-not-none",
            unsigned(&claims),
        ),
        (
            "ensure-request-object-with-invalid-signature-fails",
            invalid,
        ),
        (
            "ensure-matching-key-in-authorization-request",
            parties
                .fapi
                .key
                .sign_with(&party.object_header(), &claims)?,
        ),
        ("keyed with the public key", party.key.confuse(&claims)?),
        (
            "a client assertion",
            party.assertion(parties.hub(), &json!({}))?,
        ),
    ] {
        let answered = pushed_object(parties, &object).await?;
        let said = (answered.status, answered.error());
        assert_eq!(said, (400, "invalid_request_object"), "{module}");
    }
    Ok(())
}

#[tokio::test]
async fn ensure_unsigned_request_at_par_endpoint_fails() -> Result<()> {
    let parties = parties()?;
    let attempt = asking(parties)?;
    let answered = parties
        .signing
        .push(parties.hub(), attempt.parameters())
        .await?;
    assert_eq!(
        (answered.status, answered.error()),
        (400, "invalid_request")
    );
    Ok(())
}

#[tokio::test]
async fn state_and_nonce_outside_the_request_object_are_not_used() -> Result<()> {
    let parties = parties()?;
    let (party, attempt) = (&parties.signing, asking(parties)?);
    let object = party.request_object(parties.hub(), &attempt, &json!({ "state": null }))?;
    let form = [
        ("client_id", party.id.as_str()),
        ("request", &object),
        ("state", "outside"),
        ("nonce", "outside"),
        ("redirect_uri", "https://evil.example/"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let reference = party.push(parties.hub(), &form).await?;
    let address = party.address(parties.hub(), reference.text("request_uri"))?;
    let address = format!("{address}&state=outside");
    let view = parties.sign_in(&mut party.citizen(), &address).await?;
    let response = parameter(&view.url, "response").with_context(|| format!("{view}"))?;
    let claims = claims_of(&response)?;
    assert_eq!(claims.get("state"), None);
    let code = claims["code"].as_str().context("no code")?;
    let tokens = party.redeem(parties.hub(), code, &attempt.verifier).await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["nonce"],
        attempt.nonce.as_str()
    );
    Ok(())
}

#[tokio::test]
async fn a_signed_request_outside_of_par_fails() -> Result<()> {
    let parties = parties()?;
    let (party, attempt) = (&parties.signing, asking(parties)?);
    let object = party.request_object(parties.hub(), &attempt, &json!({}))?;
    let view = parties
        .answer(
            &mut party.citizen(),
            &attempt.with("request", &object).url(),
        )
        .await?;
    assert_eq!(parameter(&view.url, "code"), None);
    let response = parameter(&view.url, "response").with_context(|| format!("{view}"))?;
    assert_eq!(claims_of(&response)?["error"], "invalid_request");
    Ok(())
}
