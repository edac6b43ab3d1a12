//! FAPI-CIBA: a service of high stakes signs what it asks, proves a key of its own, and says something
//! for the citizen to compare.

use anyhow::Result;
use guichet_integration_tests::claims::{changed, now};
use guichet_integration_tests::keys::{random_text, sign_hs256, unsigned};
use guichet_integration_tests::raw_client::Answer;
use serde_json::{Value, json};

use super::deferred::{Person, Stage, stage};

/// The claims of a request that is accepted, with these changed (`null` leaves one out).
fn claims(stage: &Stage, person: &Person, changes: &Value) -> Result<Value> {
    let now = now();
    let claims = json!({
        "iss": "bank", "aud": stage.hub(), "iat": now, "nbf": now, "exp": now + 300,
        "jti": random_text()?, "scope": "openid given_name", "login_hint": person.sub,
        "binding_message": "Virement 1234",
    });
    Ok(changed(claims, changes))
}

async fn ask(stage: &Stage, person: &Person, changes: Value) -> Result<Answer> {
    let signed = stage.bank_key.sign(&claims(stage, person, &changes)?)?;
    send(stage, &signed).await
}

async fn send(stage: &Stage, request: &str) -> Result<Answer> {
    stage
        .post(&stage.bank, "/bc-authorize", &[("request", request)])
        .await
}

#[tokio::test]
async fn a_signed_request_with_a_binding_message_succeeds() -> Result<()> {
    let stage = stage()?;
    let asked = ask(stage, &stage.person().await?, json!({})).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    Ok(())
}

#[tokio::test]
async fn a_request_that_is_not_signed_fails() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let message = [("binding_message", "Virement 1234")];
    let plain = stage.name(&stage.bank, &person, &message).await?;
    assert_eq!((plain.status, plain.error()), (400, "invalid_request"));
    let none = unsigned(&claims(stage, &person, &json!({}))?);
    let refused = send(stage, &none).await?;
    assert_eq!((refused.status, refused.error()), (400, "invalid_request"));
    Ok(())
}

#[tokio::test]
async fn a_request_without_a_binding_message_fails() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let refused = ask(stage, &person, json!({"binding_message": null})).await?;
    assert_eq!(
        (refused.status, refused.error()),
        (400, "invalid_binding_message")
    );
    Ok(())
}

#[tokio::test]
async fn a_request_signed_by_another_key_or_with_an_hmac_fails() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let claims = claims(stage, &person, &json!({}))?;
    let other = guichet_integration_tests::keys::SigningKey::generate("bank")?;
    let hmac = sign_hs256(b"a secret", &json!({"alg": "HS256"}), &claims);
    for forged in [other.sign(&claims)?, stage.bank_key.confuse(&claims)?, hmac] {
        let refused = send(stage, &forged).await?;
        assert_eq!((refused.status, refused.error()), (400, "invalid_request"));
    }
    Ok(())
}

#[tokio::test]
async fn a_request_with_a_missing_or_wrong_claim_fails() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let now = now();
    for change in [
        json!({"aud": null}),
        json!({"aud": "https://elsewhere.example"}),
        json!({"iss": null}),
        json!({"iss": "desk"}),
        json!({"exp": null}),
        json!({"exp": now - 300}),
        json!({"exp": now + 70 * 60}),
        json!({"iat": null}),
        json!({"nbf": null}),
        json!({"nbf": now - 70 * 60}),
        json!({"nbf": now + 10 * 60}),
        json!({"jti": null}),
    ] {
        let refused = ask(stage, &person, change.clone()).await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "invalid_request"),
            "{change}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_request_counts_once() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let signed = stage.bank_key.sign(&claims(stage, &person, &json!({}))?)?;
    assert_eq!(send(stage, &signed).await?.status, 200);
    let again = send(stage, &signed).await?;
    assert_eq!((again.status, again.error()), (400, "invalid_request"));
    Ok(())
}

#[tokio::test]
async fn parameters_beside_the_signed_request_fail() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let signed = stage.bank_key.sign(&claims(stage, &person, &json!({}))?)?;
    let form = [("request", signed.as_str()), ("scope", "openid")];
    let refused = stage.post(&stage.bank, "/bc-authorize", &form).await?;
    assert_eq!((refused.status, refused.error()), (400, "invalid_request"));
    Ok(())
}

#[tokio::test]
async fn tokens_need_proof_of_the_holder_of_the_key() -> Result<()> {
    let stage = stage()?;
    let asked = ask(stage, &stage.person().await?, json!({})).await?;
    let bare = stage.fetch(&stage.bank, asked.text("auth_req_id")).await?;
    assert_eq!((bare.status, bare.error()), (400, "invalid_dpop_proof"));
    Ok(())
}
