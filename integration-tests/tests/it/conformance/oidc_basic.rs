//! `oidcc-basic-certification-test-plan`: one test for each module, in the plan's order.

use anyhow::{Context, Result};
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::keys::{claims_of, unsigned, verified};
use guichet_integration_tests::{Hands, wait};
use serde_json::json;

use super::parties::{Arrived, Parties, error_of, must_be_a_page, parties};

#[tokio::test]
async fn server() -> Result<()> {
    let parties = parties()?;
    let arrived = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let id_token = arrived.id_token()?;
    assert_eq!(id_token["iss"], parties.hub());
    assert_eq!(id_token["aud"], "plan-basic");
    assert_eq!(id_token["nonce"], arrived.attempt.nonce.as_str());
    assert_eq!(arrived.tokens.text("token_type"), "Bearer");
    Ok(())
}

#[tokio::test]
async fn response_type_missing() -> Result<()> {
    let parties = parties()?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .without("response_type");
    let view = parties
        .answer(&mut parties.basic.citizen(), &attempt.url())
        .await?;
    assert_eq!(error_of(&view), "invalid_request");
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    Ok(())
}

#[tokio::test]
async fn id_token_signature() -> Result<()> {
    let parties = parties()?;
    let arrived = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let claims = verified(arrived.tokens.text("id_token"), &parties.jwks().await?)?;
    assert_eq!(claims["aud"], "plan-basic");
    Ok(())
}

#[tokio::test]
async fn idtoken_unsigned_is_not_offered() -> Result<()> {
    let metadata = parties()?.metadata().await?;
    for (name, algs) in metadata.as_object().context("no object")? {
        if name.contains("signing_alg") {
            assert!(!algs.to_string().contains("none"), "{name}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn userinfo_get() -> Result<()> {
    let parties = parties()?;
    let arrived = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let userinfo = arrived.userinfo(parties, &parties.basic).await?;
    assert_eq!(userinfo["sub"], arrived.id_token()?["sub"]);
    Ok(())
}

#[tokio::test]
async fn userinfo_post_header_and_post_body() -> Result<()> {
    let parties = parties()?;
    let arrived = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let (token, address) = (
        arrived.tokens.text("access_token"),
        parties.demo.hub("/userinfo"),
    );
    let by_header = shared_client().post(&address).bearer_auth(token);
    let by_body = shared_client()
        .post(&address)
        .form(&[("access_token", token)]);
    for request in [by_header, by_body] {
        let userinfo: serde_json::Value = request.send().await?.error_for_status()?.json().await?;
        assert_eq!(userinfo["sub"], arrived.id_token()?["sub"]);
    }
    Ok(())
}

#[tokio::test]
async fn ensure_request_without_nonce_succeeds_for_code_flow() -> Result<()> {
    let parties = parties()?;
    let arrived = parties
        .arrive(&parties.basic, |attempt| attempt.without("nonce"))
        .await?;
    assert!(arrived.id_token()?.get("nonce").is_none());
    Ok(())
}

#[tokio::test]
async fn scope_profile_email_phone_and_all() -> Result<()> {
    let parties = parties()?;
    for (scope, claims) in [
        (
            "openid profile",
            &["family_name", "given_name", "birthdate"][..],
        ),
        ("openid email", &["email"]),
        ("openid phone", &[]),
        (
            "openid profile email phone",
            &["family_name", "given_name", "email"],
        ),
    ] {
        let arrived = parties
            .arrive(&parties.basic, |attempt| attempt.with("scope", scope))
            .await?;
        let userinfo = arrived.userinfo(parties, &parties.basic).await?;
        for claim in claims {
            assert!(userinfo.get(claim).is_some(), "{scope} {claim}");
        }
        let id_token = arrived.id_token()?;
        assert!(claims.iter().all(|claim| id_token.get(claim).is_none()));
    }
    Ok(())
}

#[tokio::test]
async fn scope_address_is_not_known_here_and_is_ignored() -> Result<()> {
    let parties = parties()?;
    let arrived = parties
        .arrive(&parties.basic, |attempt| {
            attempt.with("scope", "openid address")
        })
        .await?;
    assert_eq!(arrived.tokens.text("scope"), "openid");
    Ok(())
}

#[tokio::test]
async fn ensure_other_scope_order_succeeds() -> Result<()> {
    let parties = parties()?;
    parties
        .arrive(&parties.basic, |attempt| {
            attempt.with("scope", "email openid")
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn display_page_and_display_popup() -> Result<()> {
    let parties = parties()?;
    for display in ["page", "popup"] {
        parties
            .arrive(&parties.basic, |attempt| attempt.with("display", display))
            .await?;
    }
    Ok(())
}

/// Waits until the hub itself says that a sign-in is more than a second ago.
async fn until_a_second_old(parties: &Parties, arrived: &Arrived) -> Result<()> {
    let is_too_old = async || {
        let attempt = parties.basic.attempt(parties.hub()).ok()?;
        let silent = attempt.with("prompt", "none").with("max_age", "1");
        let mut citizen = arrived.citizen.clone();
        let view = parties.answer(&mut citizen, &silent.url()).await.ok()?;
        (parameter(&view.url, "error").as_deref() == Some("login_required")).then_some(())
    };
    wait::until("a sign-in of more than a second ago", is_too_old).await
}

#[tokio::test]
async fn prompt_login() -> Result<()> {
    let parties = parties()?;
    let mut first = parties.arrive(&parties.basic, |attempt| attempt).await?;
    until_a_second_old(parties, &first).await?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("prompt", "login");
    // The session does not answer: the person chooses, and signs in, again.
    let view = parties.sign_in(&mut first.citizen, &attempt.url()).await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    let (before, after) = (first.id_token()?, claims_of(tokens.text("id_token"))?);
    assert_eq!(before["sub"], after["sub"]);
    assert!(after["auth_time"].as_i64() > before["auth_time"].as_i64());
    Ok(())
}

#[tokio::test]
async fn prompt_none_not_logged_in() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.basic.attempt(parties.hub())?.with("prompt", "none");
    let view = parties
        .answer(&mut parties.basic.citizen(), &attempt.url())
        .await?;
    assert_eq!(error_of(&view), "login_required");
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    Ok(())
}

#[tokio::test]
async fn prompt_none_logged_in() -> Result<()> {
    let parties = parties()?;
    let mut first = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let attempt = parties.basic.attempt(parties.hub())?.with("prompt", "none");
    let view = parties.answer(&mut first.citizen, &attempt.url()).await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    let (before, after) = (first.id_token()?, claims_of(tokens.text("id_token"))?);
    assert_eq!(
        (&before["sub"], &before["auth_time"]),
        (&after["sub"], &after["auth_time"])
    );
    Ok(())
}

#[tokio::test]
async fn max_age_1() -> Result<()> {
    let parties = parties()?;
    let mut first = parties.arrive(&parties.basic, |attempt| attempt).await?;
    until_a_second_old(parties, &first).await?;
    let attempt = parties.basic.attempt(parties.hub())?.with("max_age", "1");
    let view = parties.sign_in(&mut first.citizen, &attempt.url()).await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    let after = claims_of(tokens.text("id_token"))?;
    assert!(after["auth_time"].as_i64() > first.id_token()?["auth_time"].as_i64());
    Ok(())
}

#[tokio::test]
async fn max_age_10000() -> Result<()> {
    let parties = parties()?;
    let old =
        |attempt: guichet_integration_tests::raw_client::Attempt| attempt.with("max_age", "10000");
    let mut first = parties.arrive(&parties.basic, old).await?;
    let attempt = old(parties.basic.attempt(parties.hub())?).with("prompt", "none");
    let view = parties.answer(&mut first.citizen, &attempt.url()).await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    let after = claims_of(tokens.text("id_token"))?;
    assert_eq!(after["auth_time"], first.id_token()?["auth_time"]);
    Ok(())
}

#[tokio::test]
async fn ensure_request_with_unknown_parameter_succeeds() -> Result<()> {
    let parties = parties()?;
    parties
        .arrive(&parties.basic, |attempt| {
            attempt.with("extra", "foobar").and("extra", "twice")
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn id_token_hint() -> Result<()> {
    let parties = parties()?;
    let mut first = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("prompt", "none")
        .with("id_token_hint", first.tokens.text("id_token"));
    let view = parties.answer(&mut first.citizen, &attempt.url()).await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    let after = claims_of(tokens.text("id_token"))?;
    assert_eq!(after["sub"], first.id_token()?["sub"]);
    Ok(())
}

#[tokio::test]
async fn login_hint_ui_locales_and_claims_locales() -> Result<()> {
    let parties = parties()?;
    for (name, value) in [
        ("login_hint", "buffy@example.org"),
        ("ui_locales", "se fr"),
        ("claims_locales", "se"),
    ] {
        parties
            .arrive(&parties.basic, |attempt| attempt.with(name, value))
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn ensure_request_with_acr_values_succeeds() -> Result<()> {
    let parties = parties()?;
    let metadata = parties.metadata().await?;
    let acr = metadata["acr_values_supported"][0]
        .as_str()
        .context("no acr")?
        .to_owned();
    let arrived = parties
        .arrive(&parties.basic, |attempt| {
            attempt.with("acr_values", &format!("{acr} urn:unknown"))
        })
        .await?;
    assert_eq!(arrived.id_token()?["acr"], acr);
    Ok(())
}

#[tokio::test]
async fn codereuse_at_once_and_after_a_while() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.basic.attempt(parties.hub())?;
    let view = parties
        .sign_in(&mut parties.basic.citizen(), &attempt.url())
        .await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let first = parties.basic.redeem(parties.hub(), &code, &attempt).await?;
    assert_eq!(first.status, 200);
    let again = parties.basic.redeem(parties.hub(), &code, &attempt).await?;
    assert_eq!((again.status, again.error()), (400, "invalid_grant"));
    // What the code bought is taken back (RFC 6749 §4.1.2).
    let userinfo = parties
        .basic
        .userinfo(parties.hub(), first.text("access_token"))
        .await?;
    assert_eq!(userinfo.status, 401);
    Ok(())
}

#[tokio::test]
async fn ensure_registered_redirect_uri() -> Result<()> {
    let parties = parties()?;
    for attempt in [
        parties
            .basic
            .attempt(parties.hub())?
            .with("redirect_uri", "https://plan-basic.example/other"),
        parties.basic.attempt(parties.hub())?.with(
            "redirect_uri",
            "https://plan-basic.example/callback?foo=bar",
        ),
        parties
            .basic
            .attempt(parties.hub())?
            .without("redirect_uri"),
        parties.post.attempt(parties.hub())?.with(
            "redirect_uri",
            "https://plan-post.example/callback?tenant=two",
        ),
    ] {
        let view = parties
            .answer(&mut parties.basic.citizen(), &attempt.url())
            .await?;
        must_be_a_page(&view);
    }
    Ok(())
}

#[tokio::test]
async fn ensure_post_request_succeeds() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.basic.attempt(parties.hub())?;
    let mut citizen = parties.basic.citizen();
    let form: Vec<(&str, &str)> = attempt
        .parameters()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let posted = citizen.post(&parties.demo.hub("/authorize"), &form).await?;
    citizen.follow(posted).await?;
    let view = citizen.here().choose(&parties.button()).agree().await?;
    parties.redeem(&parties.basic, &attempt, &view).await?;
    Ok(())
}

#[tokio::test]
async fn server_client_secret_post() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.post.attempt(parties.hub())?;
    let view = parties
        .sign_in(&mut parties.post.citizen(), &attempt.url())
        .await?;
    assert_eq!(parameter(&view.url, "tenant").as_deref(), Some("one"));
    let code = parameter(&view.url, "code").context("no code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &parties.post.redirect_uri),
        ("code_verifier", &attempt.verifier),
        ("client_id", &parties.post.client_id),
        ("client_secret", &parties.post.client_secret),
    ];
    let tokens = parties
        .post
        .token_unauthenticated(parties.hub(), &form)
        .await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    Ok(())
}

#[tokio::test]
async fn an_unsigned_request_object_is_refused_and_not_offered() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.signer.attempt(parties.hub())?;
    let object = unsigned(&json!({ "client_id": "plan-signer", "scope": "openid email" }));
    let view = parties
        .answer(
            &mut parties.signer.citizen(),
            &attempt.with("request", &object).url(),
        )
        .await?;
    assert_eq!(error_of(&view), "invalid_request_object");
    Ok(())
}

#[tokio::test]
async fn claims_essential() -> Result<()> {
    let parties = parties()?;
    let claims = json!({ "userinfo": { "family_name": { "essential": true } } }).to_string();
    let arrived = parties
        .arrive(&parties.basic, |attempt| {
            attempt.with("scope", "openid").with("claims", &claims)
        })
        .await?;
    let userinfo = arrived.userinfo(parties, &parties.basic).await?;
    assert_eq!(userinfo["family_name"], "QUELQUUN");
    Ok(())
}

#[tokio::test]
async fn a_claim_asked_for_by_name_is_shown_before_it_is_released() -> Result<()> {
    let parties = parties()?;
    let claims = json!({ "id_token": { "birthdate": null } }).to_string();
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("scope", "openid")
        .with("claims", &claims);
    let mut citizen = parties.basic.citizen();
    let view = citizen
        .visit(&attempt.url())
        .choose(&parties.button())
        .await?;
    assert!(view.text().contains("1985"), "{view}");
    let view = citizen.here().agree().await?;
    let tokens = parties.redeem(&parties.basic, &attempt, &view).await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["birthdate"],
        "1985-02-14"
    );
    Ok(())
}

#[tokio::test]
async fn ensure_request_object_with_redirect_uri() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.signer.attempt(parties.hub())?;
    let mut claims = json!({});
    for (name, value) in attempt.parameters() {
        claims[name] = value.as_str().into();
    }
    let object = parties.signer_key.sign(&claims)?;
    let beside = attempt
        .clone()
        .with("redirect_uri", "https://plan-signer.example/invalid")
        .with("state", "outside")
        .with("request", &object);
    let view = parties
        .sign_in(&mut parties.signer.citizen(), &beside.url())
        .await?;
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    parties.redeem(&parties.signer, &attempt, &view).await?;
    Ok(())
}

#[tokio::test]
async fn ensure_request_with_and_without_pkce_succeeds() -> Result<()> {
    let parties = parties()?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .without("code_challenge")
        .without("code_challenge_method");
    let view = parties
        .sign_in(&mut parties.basic.citizen(), &attempt.url())
        .await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &parties.basic.redirect_uri),
    ];
    let tokens = parties.basic.token(parties.hub(), &form).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    Ok(())
}
