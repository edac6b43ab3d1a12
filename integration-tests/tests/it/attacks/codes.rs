//! Stolen and misused authorization codes, PKCE left out or faked (threats N-30, N-32, N-48).

use anyhow::Result;
use futures_util::future::join_all;
use guichet_integration_tests::Hands;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::random_text;

use super::stage::{SESSION, stage};

#[tokio::test]
async fn a_code_presented_again_kills_the_tokens_it_bought() -> Result<()> {
    let stage = stage()?;
    let (service, issuer) = (&stage.service, stage.hub());
    let login = stage.arrive(service, &stage.provider()?).await?;
    let tokens = service.redeem(issuer, &login.code, &login.attempt).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let before = service
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    assert_eq!(before.status, 200, "{}", before.body);

    let replayed = service.redeem(issuer, &login.code, &login.attempt).await?;
    assert_eq!((replayed.status, replayed.error()), (400, "invalid_grant"));
    let after = service
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    assert_eq!(
        after.status, 401,
        "the token outlived the replay: {}",
        after.body
    );
    Ok(())
}

#[tokio::test]
async fn of_twenty_who_present_a_code_at_once_nobody_keeps_more_than_one_answer() -> Result<()> {
    let stage = stage()?;
    let (service, issuer) = (&stage.service, stage.hub());
    let login = stage.arrive(service, &stage.provider()?).await?;
    let tries = (0..20).map(|_| service.redeem(issuer, &login.code, &login.attempt));
    let answers: Vec<_> = join_all(tries).await.into_iter().collect::<Result<_>>()?;
    let bought: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert!(bought.len() <= 1, "{} answers had tokens", bought.len());
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.status, answer.error()), (400, "invalid_grant"));
    }
    for tokens in bought {
        let userinfo = service
            .userinfo(issuer, tokens.text("access_token"))
            .await?;
        assert_eq!(
            userinfo.status, 401,
            "a code used twenty times left a live token"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_to_another_client_and_is_burnt_by_the_try() -> Result<()> {
    let stage = stage()?;
    let login = stage.arrive(&stage.service, &stage.provider()?).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", login.code.as_str()),
        ("redirect_uri", stage.service.redirect_uri.as_str()),
        ("code_verifier", login.attempt.verifier.as_str()),
    ];
    let thief = stage.other.token(stage.hub(), &form).await?;
    assert_eq!((thief.status, thief.error()), (400, "invalid_grant"));
    let owner = stage
        .service
        .redeem(stage.hub(), &login.code, &login.attempt)
        .await?;
    assert_eq!(
        (owner.status, owner.error()),
        (400, "invalid_grant"),
        "the code survived the theft"
    );
    Ok(())
}

#[tokio::test]
async fn a_code_is_worth_nothing_with_another_redirect_uri_or_verifier() -> Result<()> {
    let stage = stage()?;
    let (service, provider) = (&stage.service, stage.provider()?);
    let other_verifier = random_text()?;
    for (redirect_uri, verifier) in [
        (Some("https://service.example/callback/"), None),
        (Some("https://service.example/callback?x=1"), None),
        (Some("https://evil.example/callback"), None),
        (Some(""), None),
        (None, Some(other_verifier.as_str())),
        (None, Some("")),
        (None, Some("short")),
    ] {
        let login = stage.arrive(service, &provider).await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", login.code.as_str()),
            (
                "redirect_uri",
                redirect_uri.unwrap_or(&service.redirect_uri),
            ),
            ("code_verifier", verifier.unwrap_or(&login.attempt.verifier)),
        ];
        let answer = service.token(stage.hub(), &form).await?;
        assert_eq!(
            answer.status, 400,
            "{redirect_uri:?} {verifier:?}: {}",
            answer.body
        );
        assert!(
            ["invalid_grant", "invalid_request"].contains(&answer.error()),
            "{}",
            answer.body
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_challenge_cannot_be_left_out_weakened_or_malformed() -> Result<()> {
    let stage = stage()?;
    let service = &stage.service;
    let honest = || service.attempt(stage.hub());
    let plain = honest()?;
    let verifier = plain.verifier.clone();
    for attempt in [
        honest()?
            .without("code_challenge")
            .without("code_challenge_method"),
        honest()?.without("code_challenge"),
        honest()?.without("code_challenge_method"),
        plain
            .with("code_challenge_method", "plain")
            .with("code_challenge", &verifier),
        honest()?.with("code_challenge_method", "S512"),
        honest()?.with("code_challenge_method", "s256"),
        honest()?.with("code_challenge", ""),
        honest()?.with("code_challenge", "short"),
        honest()?.with("code_challenge", &"=".repeat(43)),
    ] {
        let view = service.citizen().visit(&attempt.url()).await?;
        assert!(
            view.url.as_str().starts_with(&service.redirect_uri),
            "{view}"
        );
        assert_eq!(
            parameter(&view.url, "error").as_deref(),
            Some("invalid_request"),
            "{}",
            attempt.url()
        );
        assert_eq!(parameter(&view.url, "code"), None);
    }
    Ok(())
}

#[tokio::test]
async fn the_verifier_cannot_be_dropped_nor_brought_from_nowhere() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    // A client that need not use PKCE and does: whoever steals its code cannot leave the verifier out.
    let login = stage.arrive(&stage.lax, &provider).await?;
    let dropped = [
        ("grant_type", "authorization_code"),
        ("code", login.code.as_str()),
        ("redirect_uri", stage.lax.redirect_uri.as_str()),
    ];
    let answer = stage.lax.token(stage.hub(), &dropped).await?;
    assert_eq!(
        (answer.status, answer.error()),
        (400, "invalid_grant"),
        "{}",
        answer.body
    );

    // And one that did not: an attacker who slipped its own code in is found out by the victim's verifier.
    let (mut citizen, attempt) = (stage.lax.citizen(), stage.lax.attempt(stage.hub())?);
    let without = attempt
        .clone()
        .without("code_challenge")
        .without("code_challenge_method");
    let view = citizen
        .visit(&without.url())
        .choose(&provider.button())
        .agree()
        .await?;
    let code = parameter(&view.url, "code").unwrap_or_default();
    let answer = stage.lax.redeem(stage.hub(), &code, &attempt).await?;
    assert_eq!(
        (answer.status, answer.error()),
        (400, "invalid_grant"),
        "{}",
        answer.body
    );
    Ok(())
}

#[tokio::test]
async fn a_public_client_is_not_let_in_by_a_secret_instead_of_its_verifier() -> Result<()> {
    let stage = stage()?;
    let (native, provider) = (&stage.native, stage.provider()?);
    let login = stage.arrive(native, &provider).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("client_secret", "whatever"),
        ("code", login.code.as_str()),
        ("redirect_uri", native.redirect_uri.as_str()),
    ];
    let answer = native.token_unauthenticated(stage.hub(), &form).await?;
    assert_ne!(answer.status, 200, "{}", answer.body);
    assert!(answer.json["access_token"].is_null());

    let login = stage.arrive(native, &provider).await?;
    let honest = [
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("code", login.code.as_str()),
        ("redirect_uri", native.redirect_uri.as_str()),
        ("code_verifier", login.attempt.verifier.as_str()),
    ];
    let answer = native.token_unauthenticated(stage.hub(), &honest).await?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    Ok(())
}

#[tokio::test]
async fn no_one_time_text_is_taken_for_another() -> Result<()> {
    let stage = stage()?;
    let (service, issuer, provider) = (&stage.service, stage.hub(), stage.provider()?);
    let login = stage.arrive(service, &provider).await?;
    let tokens = service.redeem(issuer, &login.code, &login.attempt).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let unspent = stage.arrive(service, &provider).await?;
    let cookies = login.citizen.cookies();
    let session = cookies
        .iter()
        .find(|(name, _)| name == SESSION)
        .map(|(_, value)| value.as_str());
    let session = session.unwrap_or_default();
    assert!(!session.is_empty(), "no session cookie to misuse");

    // Everything that is not an access token, at the door for access tokens.
    for bearer in [
        unspent.code.as_str(),
        tokens.text("id_token"),
        session,
        &login.attempt.state,
        "null",
        "",
    ] {
        let answer = service.userinfo(issuer, bearer).await?;
        assert!(
            [400, 401].contains(&answer.status),
            "{bearer:?} read claims: {}",
            answer.body
        );
    }
    // Everything that is not a code, at the door for codes.
    for code in [
        tokens.text("access_token"),
        tokens.text("id_token"),
        session,
        &login.attempt.verifier,
    ] {
        let answer = service.redeem(issuer, code, &login.attempt).await?;
        assert_eq!(
            (answer.status, answer.error()),
            (400, "invalid_grant"),
            "{code:?}"
        );
    }
    let honest = service
        .redeem(issuer, &unspent.code, &unspent.attempt)
        .await?;
    assert_eq!(honest.status, 200, "{}", honest.body);
    Ok(())
}
