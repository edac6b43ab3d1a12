//! A provider that lies, or somebody who speaks in its name (threats N-11, N-12, N-17, N-34).

use anyhow::Result;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands, Mischief, MockProvider};
use serde_json::{Value, json};

use super::stage::{SESSION, Stage, must_be_inert, stage};

#[tokio::test]
async fn a_token_that_is_unsigned_or_signed_by_the_wrong_key_is_not_believed() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for lie in [
        Mischief::AlgNone,
        Mischief::Hs256WithPublicKey,
        Mischief::ForeignKey,
        Mischief::EmbeddedKey,
    ] {
        must_not_be_believed(stage, &provider, lie).await?;
    }
    must_be_believed(stage, &provider).await
}

#[tokio::test]
async fn a_token_for_another_client_issuer_login_or_time_is_not_believed() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for (claim, value) in [
        ("iss", json!("https://elsewhere.example")),
        ("iss", json!(format!("{}/", provider.issuer))),
        ("iss", json!(null)),
        ("aud", json!("another")),
        ("aud", json!(["guichet", "another"])),
        ("aud", json!([])),
        ("aud", json!("Guichet")),
        ("aud", json!(null)),
        ("azp", json!("another")),
        ("azp", json!("")),
        ("nonce", json!("of another login")),
        ("nonce", json!("")),
        ("nonce", json!(null)),
        ("exp", json!(1)),
        ("exp", json!("4000000000")),
        ("exp", json!(-1)),
        ("exp", json!(null)),
        ("iat", json!(1)),
        ("iat", json!(4_000_000_000_u64)),
        ("iat", json!(null)),
        ("nbf", json!(4_000_000_000_u64)),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("auth_time", json!(4_000_000_000_u64)),
    ] {
        must_not_be_believed(stage, &provider, Mischief::Claim(claim, value)).await?;
    }
    must_be_believed(stage, &provider).await
}

#[tokio::test]
async fn a_provider_that_names_nobody_signs_nobody_in() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for nobody in [
        json!(null),
        json!(""),
        json!(" "),
        json!("null"),
        json!("undefined"),
        json!(0),
        json!(false),
        json!(["mock-someone"]),
        json!({ "id": "mock-someone" }),
        json!("x".repeat(256)),
    ] {
        must_not_be_believed(stage, &provider, Mischief::Claim("sub", nobody)).await?;
    }
    must_not_be_believed(stage, &provider, Mischief::ForeignUserinfo).await?;
    // `null` written out, in the token and in userinfo alike.
    provider.misbehave(Mischief::None);
    for nobody in [json!(null), json!("")] {
        let mut citizen = someone();
        citizen["sub"] = nobody;
        provider.present(citizen);
        must_not_be_believed(stage, &provider, Mischief::None).await?;
    }
    provider.present(someone());
    must_be_believed(stage, &provider).await
}

#[tokio::test]
async fn a_provider_asserts_no_level_and_no_claim_that_is_not_its_to_give() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut boastful = someone();
    for (claim, value) in [
        ("acr", json!("gold")),
        ("amr", json!(["admin", "hwk"])),
        ("groups", json!(["admin"])),
        ("scope", json!("openid admin")),
        ("client_id", json!("bank")),
        ("person_id", json!("somebody-else")),
        ("iss", json!("https://elsewhere.example")),
        ("aud", json!("service")),
        ("sid", json!("chosen")),
        ("is_admin", json!(true)),
    ] {
        boastful[claim] = value;
    }
    provider.present(boastful);
    let login = stage.arrive(&stage.service, &provider).await?;
    let tokens = stage
        .service
        .redeem(stage.hub(), &login.code, &login.attempt)
        .await?;
    let id_token = claims_of(tokens.text("id_token"))?;
    assert_eq!(
        id_token["acr"], "eidas1",
        "an unmapped level counts as the lowest"
    );
    assert_eq!(id_token["iss"], stage.hub());
    assert_eq!(id_token["aud"], "service");
    assert_ne!(
        id_token["sub"], "mock-someone",
        "the provider's name for the person got through"
    );
    assert_ne!(id_token["sid"], "chosen");
    let userinfo = stage
        .service
        .userinfo(stage.hub(), tokens.text("access_token"))
        .await?;
    let mut names: Vec<&str> = userinfo
        .json
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["family_name", "given_name", "given_name_array", "sub"],
        "more than was asked for: {}",
        userinfo.body
    );
    for token in [&id_token, &userinfo.json] {
        for smuggled in ["groups", "scope", "client_id", "person_id", "is_admin"] {
            assert!(token[smuggled].is_null(), "{smuggled} got through");
        }
    }

    // And where the service needs more than the provider reached, nothing is sent at all.
    let mut citizen = stage.service.citizen();
    let attempt = stage
        .service
        .attempt(stage.hub())?
        .with("acr_values", "eidas2");
    let view = citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    assert!(
        view.url.path().ends_with("/provider"),
        "a low level was let through: {view}"
    );
    Ok(())
}

#[tokio::test]
async fn markup_in_a_persons_name_stays_text_or_is_refused() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for (claim, hostile) in [
        ("given_name", "<script>alert(1)</script>"),
        ("family_name", "\"><img src=x onerror=alert(1)>"),
        ("email", "a@b.example\"><script>alert(1)</script>"),
        ("birthplace", "<script>alert(1)</script>"),
        (
            "preferred_username",
            "</td></table><script>alert(1)</script>",
        ),
    ] {
        let mut citizen = someone();
        citizen[claim] = json!(hostile);
        provider.present(citizen);
        let attempt = stage
            .service
            .attempt(stage.hub())?
            .with("scope", "openid given_name family_name birthdate email");
        let mut citizen = stage.service.citizen();
        citizen
            .visit(&attempt.url())
            .choose(&provider.button())
            .await?;
        let page = citizen.page()?;
        assert!(
            page.status < 500 || page.status == 502,
            "{claim}: {} {}",
            page.status,
            page.body
        );
        must_be_inert(page);
        assert!(!page.body.contains("<img src=x"), "{claim}: {}", page.body);
    }
    Ok(())
}

#[tokio::test]
async fn markup_in_the_names_of_services_and_providers_stays_text() -> Result<()> {
    let stage = stage()?;
    let (service, provider) = (&stage.other, stage.provider()?);
    let mut choosing = service.citizen();
    choosing.visit(&service.attempt(stage.hub())?.url()).await?;
    let (mut citizen, _) = stage.at_consent(service, &provider).await?;
    let consent = citizen.page()?.clone();
    let refused = service.attempt(stage.hub())?.with("redirect_uri", "x");
    let error = citizen.get(&refused.url()).await?;
    citizen.here().agree().await?;
    let question = citizen
        .get(&format!("{}/session/end?client_id=other", stage.hub()))
        .await?;
    for page in [choosing.page()?, &consent, &error, &question] {
        let text = page.document().text();
        assert!(
            text.contains("Qui-dit\"'>"),
            "{} shows no name: {}",
            page.url,
            page.body
        );
        must_be_inert(page);
        assert!(!page.body.contains("<img src=x"), "{}", page.body);
        assert!(page.body.contains("{{7*7}}"), "evaluated: {}", page.body);
    }
    Ok(())
}

/// The login ends at the choice of providers again, nobody is signed in and nothing went to the service.
async fn must_not_be_believed(stage: &Stage, provider: &MockProvider, lie: Mischief) -> Result<()> {
    provider.misbehave(lie.clone());
    let (mut citizen, attempt) = (stage.service.citizen(), stage.service.attempt(stage.hub())?);
    let view = citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    assert!(
        view.url.path().ends_with("/provider"),
        "{lie:?} was believed: {view}"
    );
    assert_eq!(view.status, Some(502), "{lie:?}: {view}");
    assert!(
        citizen.cookies().iter().all(|(name, _)| name != SESSION),
        "{lie:?} opened a session"
    );
    provider.misbehave(Mischief::None);
    Ok(())
}

async fn must_be_believed(stage: &Stage, provider: &MockProvider) -> Result<()> {
    let login = stage.arrive(&stage.service, provider).await?;
    let tokens = stage
        .service
        .redeem(stage.hub(), &login.code, &login.attempt)
        .await?;
    let claims: Value = claims_of(tokens.text("id_token"))?;
    assert_eq!(claims["nonce"], Value::from(login.attempt.nonce.clone()));
    assert_eq!(
        parameter(&url::Url::parse(&login.attempt.url())?, "state"),
        Some(login.attempt.state)
    );
    Ok(())
}
