//! `fapi2-security-profile-final-test-plan` (private_key_jwt, DPoP, OpenID Connect): what its modules of
//! the authorization, PAR and token endpoints demand.

use std::time::Duration;

use anyhow::{Context, Result};
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::journey::View;
use guichet_integration_tests::keys::{RsaAlg, SigningKey, claims_of};
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{Hands, MockProvider, wait};
use reqwest::Method;
use serde_json::json;

use super::fapi_party::{Answered, FapiParty, send};
use super::parties::{Parties, error_of, must_be_a_page, parties};
use crate::interop::deployment::Deployment;

/// Walks a pushed request to its end.
async fn walk(parties: &Parties, party: &FapiParty, attempt: &Attempt) -> Result<View> {
    let reference = party.pushed(parties.hub(), attempt).await?;
    let address = party.address(parties.hub(), &reference)?;
    parties.sign_in(&mut party.citizen(), &address).await
}

async fn tokens(parties: &Parties, party: &FapiParty, attempt: &Attempt) -> Result<Answered> {
    let view = walk(parties, party, attempt).await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    party.redeem(parties.hub(), &code, &attempt.verifier).await
}

/// What `/par` says to a correct request with one thing changed.
async fn pushed(parties: &Parties, attempt: &Attempt) -> Result<Answered> {
    parties.fapi.push(parties.hub(), attempt.parameters()).await
}

#[tokio::test]
async fn discovery_end_point_verification() -> Result<()> {
    let metadata = parties()?.metadata().await?;
    assert!(metadata["pushed_authorization_request_endpoint"].is_string());
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    for (name, value) in [
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", "private_key_jwt"),
        ("dpop_signing_alg_values_supported", "ES256"),
        ("response_modes_supported", "jwt"),
    ] {
        let values = metadata[name].as_array().with_context(|| name.to_owned())?;
        assert!(values.iter().any(|known| known == value), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn happy_flow() -> Result<()> {
    let parties = parties()?;
    let party = &parties.fapi;
    let attempt = party.attempt(parties.hub())?;
    let view = walk(parties, party, &attempt).await?;
    assert_eq!(parameter(&view.url, "iss").as_deref(), Some(parties.hub()));
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    let code = parameter(&view.url, "code").context("no code")?;
    let tokens = party
        .redeem(parties.hub(), &code, &attempt.verifier)
        .await?;
    assert_eq!(
        (tokens.status, tokens.text("token_type")),
        (200, "DPoP"),
        "{tokens:?}"
    );
    let id_token = claims_of(tokens.text("id_token"))?;
    assert_eq!(id_token["nonce"], attempt.nonce.as_str());
    let userinfo = party
        .userinfo(parties.hub(), tokens.text("access_token"), "DPoP")
        .await?;
    assert_eq!(userinfo.text("sub"), id_token["sub"]);
    Ok(())
}

#[tokio::test]
async fn user_rejects_authentication() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let reference = parties.fapi.pushed(parties.hub(), &attempt).await?;
    let address = parties.fapi.address(parties.hub(), &reference)?;
    let mut citizen = parties.fapi.citizen();
    let view = citizen
        .visit(&address)
        .choose(&parties.button())
        .refuse()
        .await?;
    assert_eq!(error_of(&view), "access_denied");
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    assert_eq!(parameter(&view.url, "iss").as_deref(), Some(parties.hub()));
    Ok(())
}

#[tokio::test]
async fn ensure_authorization_request_without_state_without_nonce_or_with_a_long_nonce_success()
-> Result<()> {
    let parties = parties()?;
    let asking = || parties.fapi.attempt(parties.hub());
    for attempt in [
        asking()?.without("state"),
        asking()?.without("nonce"),
        asking()?.with("nonce", &"n".repeat(64)),
        asking()?.with("nonce", &"n".repeat(384)),
        asking()?.with("state", &"s".repeat(384)),
        asking()?.with("scope", "given_name openid"),
    ] {
        assert_eq!(tokens(parties, &parties.fapi, &attempt).await?.status, 200);
    }
    Ok(())
}

#[tokio::test]
async fn claims_parameter_identity_claims() -> Result<()> {
    let parties = parties()?;
    let claims = json!({ "id_token": { "given_name": { "essential": true } } }).to_string();
    let attempt = parties
        .fapi
        .attempt(parties.hub())?
        .with("scope", "openid")
        .with("claims", &claims);
    let tokens = tokens(parties, &parties.fapi, &attempt).await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["given_name"],
        "Élodie Marie"
    );
    Ok(())
}

#[tokio::test]
async fn access_token_type_header_case_sensitivity() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let tokens = tokens(parties, &parties.fapi, &attempt).await?;
    for scheme in ["dpop", "DPOP", "DpOp"] {
        let answered = parties
            .fapi
            .userinfo(parties.hub(), tokens.text("access_token"), scheme)
            .await?;
        assert_eq!(answered.status, 200, "{scheme} {answered:?}");
    }
    Ok(())
}

#[tokio::test]
async fn ensure_registered_redirect_uri_and_redirect_uri_in_authorization_request() -> Result<()> {
    let parties = parties()?;
    let asking = parties.fapi.attempt(parties.hub())?;
    for attempt in [
        asking
            .clone()
            .with("redirect_uri", "https://plan-fapi.example/other"),
        asking.clone().without("redirect_uri"),
    ] {
        let answered = pushed(parties, &attempt).await?;
        assert_eq!(
            (answered.status, answered.error()),
            (400, "invalid_request")
        );
    }
    Ok(())
}

#[tokio::test]
async fn ensure_unsigned_authorization_request_without_using_par_fails() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let view = parties
        .answer(&mut parties.fapi.citizen(), &attempt.url())
        .await?;
    assert_eq!(error_of(&view), "invalid_request", "{view}");
    assert_eq!(parameter(&view.url, "code"), None);
    Ok(())
}

#[tokio::test]
async fn ensure_response_type_code_id_token_and_token_fails() -> Result<()> {
    let parties = parties()?;
    for response_type in ["code id_token", "token"] {
        let attempt = parties
            .fapi
            .attempt(parties.hub())?
            .with("response_type", response_type);
        let answered = pushed(parties, &attempt).await?;
        assert_eq!(answered.error(), "unsupported_response_type");
    }
    Ok(())
}

#[tokio::test]
async fn ensure_client_id_in_token_endpoint_and_authorization_code_is_bound_to_client() -> Result<()>
{
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let view = walk(parties, &parties.fapi, &attempt).await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let form = parties.fapi.code_form(&code, &attempt.verifier);
    let other = &parties.other_fapi;
    // Who says by `client_id` that it is somebody else than it proves is nobody.
    let mut named = form.clone();
    named.push(("client_id".to_owned(), other.id.clone()));
    let own = parties.fapi.assertion(parties.hub(), &json!({}))?;
    let answered = parties
        .fapi
        .redeem_with(parties.hub(), &named, &own, Some(&parties.fapi.dpop))
        .await?;
    assert_eq!((answered.status, answered.error()), (401, "invalid_client"));
    let assertion = other.assertion(parties.hub(), &json!({}))?;
    let answered = other
        .redeem_with(parties.hub(), &form, &assertion, Some(&other.dpop))
        .await?;
    assert_eq!((answered.status, answered.error()), (400, "invalid_grant"));
    Ok(())
}

#[tokio::test]
async fn ensure_holder_of_key_required() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let view = walk(parties, &parties.fapi, &attempt).await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let form = parties.fapi.code_form(&code, &attempt.verifier);
    let assertion = parties.fapi.assertion(parties.hub(), &json!({}))?;
    let answered = parties
        .fapi
        .redeem_with(parties.hub(), &form, &assertion, None)
        .await?;
    let said = (answered.status, answered.error());
    assert_eq!(said, (400, "invalid_dpop_proof"), "{answered:?}");
    assert!(answered.json.get("access_token").is_none());
    Ok(())
}

#[tokio::test]
async fn attempt_reuse_authorization_code() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let view = walk(parties, &parties.fapi, &attempt).await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let first = parties
        .fapi
        .redeem(parties.hub(), &code, &attempt.verifier)
        .await?;
    assert_eq!(first.status, 200);
    let again = parties
        .fapi
        .redeem(parties.hub(), &code, &attempt.verifier)
        .await?;
    assert_eq!(again.error(), "invalid_grant");
    let userinfo = parties
        .fapi
        .userinfo(parties.hub(), first.text("access_token"), "DPoP")
        .await?;
    assert_eq!(userinfo.status, 401);
    Ok(())
}

#[tokio::test]
async fn client_assertions_that_must_fail_and_those_that_must_be_accepted() -> Result<()> {
    let parties = parties()?;
    let (party, hub) = (&parties.fapi, parties.hub());
    let attempt = party.attempt(hub)?;
    let says = async |change: serde_json::Value| {
        let assertion = party.assertion(hub, &change)?;
        party.push_with(hub, attempt.parameters(), &assertion).await
    };
    // par-ensure-jwt-client-assertion-with-iat-nbf-8-seconds-in-the-future-is-accepted
    let soon = json!({ "iat": now() + 8, "nbf": now() + 8, "exp": now() + 60 });
    assert_eq!(says(soon).await?.status, 201);
    for change in [
        json!({ "exp": now() - 300 }),
        json!({ "aud": format!("{hub}/par") }),
        json!({ "aud": [format!("{hub}/par")] }),
        json!({ "aud": format!("{hub}/token") }),
        json!({ "aud": "https://evil.example" }),
        json!({ "sub": null }),
        json!({ "iat": now() + 75, "nbf": now() + 75, "exp": now() + 120 }),
    ] {
        let answered = says(change.clone()).await?;
        assert_eq!(
            (answered.status, answered.error()),
            (401, "invalid_client"),
            "{change}"
        );
    }
    // ensure-signed-client-assertion-with-RS256-fails: by a key that is registered, and may sign otherwise.
    for (alg, status) in [(RsaAlg::Ps256, 201), (RsaAlg::Rs256, 401)] {
        let claims = party.assertion_claims(hub, &json!({}))?;
        let assertion = party.rsa.sign(alg, "JWT", &claims)?;
        let answered = party
            .push_with(hub, attempt.parameters(), &assertion)
            .await?;
        assert_eq!(answered.status, status, "{alg:?}: {answered:?}");
    }
    // ensure-client-assertion-in-token-endpoint
    let without = send(
        Method::POST,
        &format!("{hub}/par"),
        attempt.parameters(),
        None,
    )
    .await?;
    assert_eq!(without.status, 401);
    Ok(())
}

#[tokio::test]
async fn par_reused_request_uri_prior_to_auth_completion_succeeds_and_afterwards_fails()
-> Result<()> {
    let parties = parties()?;
    let party = &parties.fapi;
    let attempt = party.attempt(parties.hub())?;
    let reference = party.pushed(parties.hub(), &attempt).await?;
    let address = party.address(parties.hub(), &reference)?;
    let mut citizen = party.citizen();
    let first = citizen.visit(&address).await?;
    assert_eq!(first.status, Some(200), "{first}");
    let view = parties.sign_in(&mut citizen, &address).await?;
    assert!(parameter(&view.url, "code").is_some(), "{view}");
    for browser in [&mut citizen, &mut party.citizen()] {
        let view = parties.answer(browser, &address).await?;
        must_be_a_page(&view);
    }
    Ok(())
}

#[tokio::test]
async fn par_of_two_sign_ins_opened_by_one_request_uri_one_is_answered() -> Result<()> {
    let parties = parties()?;
    let party = &parties.fapi;
    let attempt = party.attempt(parties.hub())?;
    let reference = party.pushed(parties.hub(), &attempt).await?;
    let address = party.address(parties.hub(), &reference)?;
    let (mut mine, mut thiefs) = (party.citizen(), party.citizen());
    mine.visit(&address).choose(&parties.button()).await?;
    thiefs.visit(&address).choose(&parties.button()).await?;
    let first = mine.here().agree().await?;
    assert!(parameter(&first.url, "code").is_some(), "{first}");
    let second = thiefs.here().agree().await?;
    assert_eq!(parameter(&second.url, "code"), None, "{second}");
    assert_eq!(error_of(&second), "invalid_request_uri");
    Ok(())
}

#[tokio::test]
async fn par_ensure_request_uri_is_bound_to_client() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let reference = parties.fapi.pushed(parties.hub(), &attempt).await?;
    let address = parties.other_fapi.address(parties.hub(), &reference)?;
    must_be_a_page(
        &parties
            .answer(&mut parties.other_fapi.citizen(), &address)
            .await?,
    );
    Ok(())
}

#[tokio::test]
async fn par_what_was_pushed_shows_on_no_page_and_in_no_cookie() -> Result<()> {
    let parties = parties()?;
    let attempt = parties
        .fapi
        .attempt(parties.hub())?
        .with("login_hint", "a-hint-nobody-sees");
    let reference = parties.fapi.pushed(parties.hub(), &attempt).await?;
    let mut citizen = parties.fapi.citizen();
    let view = citizen
        .visit(&parties.fapi.address(parties.hub(), &reference)?)
        .await?;
    let secrets = [attempt.state.as_str(), &attempt.nonce, "a-hint-nobody-sees"];
    for secret in secrets {
        assert!(!view.html.contains(secret) && !view.url.as_str().contains(secret));
        assert!(
            citizen
                .cookies()
                .iter()
                .all(|(_, value)| !value.contains(secret))
        );
    }
    Ok(())
}

#[tokio::test]
async fn par_reject_request_uri_in_par_authorization_form_params() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let reference = parties.fapi.pushed(parties.hub(), &attempt).await?;
    let answered = pushed(parties, &attempt.with("request_uri", &reference)).await?;
    assert_eq!(
        (answered.status, answered.error()),
        (400, "invalid_request")
    );
    Ok(())
}

#[tokio::test]
async fn par_reject_invalid_http_verb() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let address = format!("{}/par", parties.hub());
    for method in [Method::PUT, Method::GET, Method::DELETE] {
        let answered = send(method, &address, attempt.parameters(), None).await?;
        assert_eq!(answered.status, 405);
    }
    Ok(())
}

#[tokio::test]
async fn par_ensure_pkce_required_and_plain_pkce_rejected() -> Result<()> {
    let parties = parties()?;
    let asking = parties.fapi.attempt(parties.hub())?;
    for attempt in [
        asking
            .clone()
            .without("code_challenge")
            .without("code_challenge_method"),
        asking.clone().with("code_challenge_method", "plain"),
        asking.clone().without("code_challenge_method"),
    ] {
        let answered = pushed(parties, &attempt).await?;
        assert_eq!(
            (answered.status, answered.error()),
            (400, "invalid_request")
        );
    }
    Ok(())
}

#[tokio::test]
async fn par_ensure_pkce_code_verifier_required_and_the_right_one() -> Result<()> {
    let parties = parties()?;
    for verifier in ["", &"v".repeat(43)] {
        let attempt = parties.fapi.attempt(parties.hub())?;
        let view = walk(parties, &parties.fapi, &attempt).await?;
        let code = parameter(&view.url, "code").context("no code")?;
        let answered = parties.fapi.redeem(parties.hub(), &code, verifier).await?;
        assert_eq!((answered.status, answered.error()), (400, "invalid_grant"));
    }
    Ok(())
}

#[tokio::test]
async fn par_parameters_outside_do_not_count() -> Result<()> {
    let parties = parties()?;
    let attempt = parties.fapi.attempt(parties.hub())?;
    let reference = parties.fapi.pushed(parties.hub(), &attempt).await?;
    let address = parties.fapi.address(parties.hub(), &reference)?;
    let address =
        format!("{address}&state=outside&nonce=outside&redirect_uri=https%3A%2F%2Fevil.example");
    let view = parties
        .sign_in(&mut parties.fapi.citizen(), &address)
        .await?;
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(attempt.state.as_str())
    );
    let code = parameter(&view.url, "code").context("no code")?;
    let tokens = parties
        .fapi
        .redeem(parties.hub(), &code, &attempt.verifier)
        .await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["nonce"],
        attempt.nonce.as_str()
    );
    Ok(())
}

#[tokio::test]
async fn dpop_authorization_code_binding() -> Result<()> {
    let parties = parties()?;
    let (party, hub) = (&parties.fapi, parties.hub());
    let thumbprint = {
        let jwk = party.dpop.jwk();
        let members = format!(
            r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
            jwk["x"], jwk["y"]
        );
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, members.as_bytes());
        guichet_integration_tests::keys::base64url(hash.as_ref())
    };
    let bound = party.attempt(hub)?.with("dpop_jkt", &thumbprint);
    assert_eq!(tokens(parties, party, &bound).await?.status, 200);
    // ensure-token-endpoint-fails-with-mismatched-dpop-jkt
    let view = walk(parties, party, &bound).await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let form = party.code_form(&code, &bound.verifier);
    let assertion = party.assertion(hub, &json!({}))?;
    let thief = SigningKey::generate("thief")?;
    let answered = party
        .redeem_with(hub, &form, &assertion, Some(&thief))
        .await?;
    assert_eq!(answered.error(), "invalid_grant");
    Ok(())
}

/// RFC 9449 §11.1, and ensure-dpop-proof-with-iat-10-seconds-before (after) -is-accepted: clocks differ.
#[tokio::test]
async fn dpop_proofs_of_clocks_ten_seconds_off_are_accepted_and_of_two_minutes_are_not()
-> Result<()> {
    let parties = parties()?;
    let party = &parties.fapi;
    for (off, is_accepted) in [(-10, true), (10, true), (-120, false), (120, false)] {
        let redeemed = async || -> Result<Answered> {
            let attempt = party.attempt(parties.hub())?;
            let view = walk(parties, party, &attempt).await?;
            let code = parameter(&view.url, "code").context("no code")?;
            party.redeem_off(parties.hub(), &code, &attempt, off).await
        };
        // What was made before the hub started is refused.
        wait::until(
            "the hub to be older than the clocks are apart",
            async || (parties.started.elapsed() > Duration::from_secs(12)).then_some(()),
        )
        .await?;
        let answered = redeemed().await?;
        if is_accepted {
            assert_eq!(answered.status, 200, "{off}: {}", answered.json);
        } else {
            let told = (answered.status, answered.error());
            assert_eq!(told, (400, "invalid_dpop_proof"), "{off}");
        }
    }
    Ok(())
}

/// ensure-authorization-code-expires and par-ensure-request-uri-expires, at a hub of short lifetimes.
#[tokio::test]
async fn an_expired_code_and_an_expired_request_uri_are_refused() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let party = FapiParty::new("hurried")?;
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.clients = vec![party.metadata(&json!({}))?];
    deployment.further = "[lifetimes]\ncode = \"10s\"\npushed_request = \"10s\"\n".to_owned();
    let _node = deployment.start().await?;
    let hub = &deployment.issuer;
    let code_of = async |attempt: &Attempt| -> Result<String> {
        let reference = party.pushed(hub, attempt).await?;
        let mut citizen = party.citizen();
        let journey = citizen.visit(&party.address(hub, &reference)?);
        let view = journey.choose(&provider.button()).agree().await?;
        parameter(&view.url, "code").with_context(|| format!("no code: {view}"))
    };

    let attempt = party.attempt(hub)?;
    let code = code_of(&attempt).await?;
    let in_time = party.redeem(hub, &code, &attempt.verifier).await?;
    assert_eq!(in_time.status, 200, "{}", in_time.json);

    // What was pushed after a code was issued lives as long: once it is over, the code is, too.
    let code = code_of(&attempt).await?;
    let reference = party.pushed(hub, &attempt).await?;
    let address = party.address(hub, &reference)?;
    let opened = async || party.citizen().visit(&address).await;
    assert_eq!(opened().await?.status, Some(200));
    let over = async || opened().await.ok().filter(|view| view.status != Some(200));
    let view = wait::until("the end of the reference", over).await?;
    must_be_a_page(&view);
    let late = party.redeem(hub, &code, &attempt.verifier).await?;
    assert_eq!((late.status, late.error()), (400, "invalid_grant"));
    Ok(())
}
