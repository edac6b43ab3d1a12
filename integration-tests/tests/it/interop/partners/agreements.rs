//! How a provider answers: signed, encrypted, by a form, with the claims it was asked for.

use anyhow::{Context as _, Result};
use guichet_integration_tests::keys::{claims_of, header_of};
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Browser, Hands as _};
use serde_json::{Value, json};

use super::{Agreement, BUTTON, Stage, sign_in_there};

#[tokio::test]
async fn an_id_token_and_userinfo_encrypted_to_an_rsa_key_are_opened() -> Result<()> {
    are_opened("RSA-OAEP-256", "RS256").await
}

#[tokio::test]
async fn an_id_token_and_userinfo_encrypted_by_key_agreement_are_opened() -> Result<()> {
    are_opened("ECDH-ES", "ES256").await
}

/// A sign-in where all that says who somebody is comes signed with `signed` and encrypted with `encrypted`.
async fn are_opened(encrypted: &str, signed: &str) -> Result<()> {
    let stage = Stage::set(Agreement {
        both: json!({
            "id_token_signed_response_alg": signed, "userinfo_signed_response_alg": signed,
            "id_token_encrypted_response_alg": encrypted, "id_token_encrypted_response_enc": "A256GCM",
            "userinfo_encrypted_response_alg": encrypted, "userinfo_encrypted_response_enc": "A256GCM",
        }),
        settings: json!({ "signs_with": [signed] }),
        ..Agreement::default()
    })
    .await?;
    stage.sign_in().await?;
    let (token, userinfo) = stage.answers()?;
    for sealed in [&token, &userinfo] {
        let header = header_of(sealed)?;
        assert_eq!(
            (&header["alg"], &header["enc"]),
            (&json!(encrypted), &json!("A256GCM"))
        );
        assert_eq!(sealed.split('.').count(), 5, "{sealed}");
    }
    Ok(())
}

#[tokio::test]
async fn each_signature_a_provider_may_be_registered_with_is_believed() -> Result<()> {
    for (token_alg, userinfo_alg) in [("ES256", "EdDSA"), ("PS256", "ES256"), ("EdDSA", "PS256")] {
        let stage = Stage::set(Agreement {
            both: json!({
                "id_token_signed_response_alg": token_alg, "userinfo_signed_response_alg": userinfo_alg,
            }),
            settings: json!({ "signs_with": ["RS256", token_alg, userinfo_alg] }),
            ..Agreement::default()
        })
        .await?;
        stage.sign_in().await?;
        let (token, userinfo) = stage.answers()?;
        assert_eq!(header_of(&token)?["alg"], token_alg);
        assert_eq!(header_of(&userinfo)?["alg"], userinfo_alg);
    }
    Ok(())
}

#[tokio::test]
async fn claims_that_no_scope_brings_are_asked_for_one_by_one() -> Result<()> {
    let asked = json!({
        "userinfo": {
            "given_name": { "essential": true }, "family_name": { "essential": true },
            "birthdate": {}, "gender": {}, "birthplace": {}, "birthcountry": {},
        },
        "id_token": { "email": {} },
    });
    let stage = Stage::set(Agreement {
        provider: json!({ "scope": "openid", "claims": asked }),
        ..Agreement::default()
    })
    .await?;
    stage.sign_in().await?;
    let request = stage.provider.last_seen("/auth")?;
    assert_eq!(request["asked"]["scope"], "openid");
    let claims = request["asked"]["claims"].as_str().context("no claims")?;
    assert_eq!(serde_json::from_str::<Value>(claims)?, asked);
    let (token, _) = stage.answers()?;
    assert_eq!(claims_of(&token)?["email"], "someone@example.org");
    Ok(())
}

#[tokio::test]
async fn an_answer_posted_by_a_real_browser_finds_its_login_again() -> Result<()> {
    let service = Registration::new("posted", json!({}))?;
    let stage = Stage::set(Agreement {
        provider: json!({ "response_mode": "form_post" }),
        clients: vec![service.metadata()],
        ..Agreement::default()
    })
    .await?;
    let issuer = &stage.deployment.issuer;
    let party = RelyingParty::start(Library::Oauth4webapi, &service, issuer).await?;
    let mut browser = Browser::start().await?;
    // The hub is `localhost`, the provider 127.0.0.1: to a browser, two sites.
    let journey = browser
        .visit(&format!("{}/login", party.address))
        .choose(BUTTON);
    sign_in_there(journey).land_at(issuer).await?;
    browser.here().agree().land_at(&party.address).await?;
    let view = browser.look().await?;
    assert_eq!(
        details(&view)?["userinfo"]["family_name"],
        "QUELQUUN",
        "{view}"
    );

    assert_eq!(
        stage.provider.last_seen("/auth")?["asked"]["response_mode"],
        "form_post"
    );
    Ok(())
}

impl Stage {
    /// What the provider answered last: its ID token and, as a text, its userinfo.
    fn answers(&self) -> Result<(String, String)> {
        let token = self.provider.last_seen("/token")?["answer"]["body"]["id_token"].take();
        let userinfo = self.provider.last_seen("/me")?["answer"]["body"].take();
        let text = |value: Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        Ok((text(token), text(userinfo)))
    }
}
