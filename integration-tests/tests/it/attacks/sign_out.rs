//! Citizens signed out against their will, browsers sent away after a sign-out, and what is left signed in by
//! whatever happens at the same moment (threats N-26, N-38, N-64).

use anyhow::{Context as _, Result};
use futures_util::future::join_all;
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::{SigningKey, unsigned};
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{Hands, HttpCitizen};
use serde_json::json;
use url::Url;

use super::stage::{is_signed_in, must_be_refused, stage};

#[tokio::test]
async fn a_picture_on_another_site_signs_nobody_out() -> Result<()> {
    let stage = stage()?;
    let (service, provider) = (&stage.service, stage.provider()?);
    let login = stage.arrive(service, &provider).await?;
    let tokens = service
        .redeem(stage.hub(), &login.code, &login.attempt)
        .await?;
    let stranger = stage.arrive(&stage.other, &provider).await?;
    let foreign = stage
        .other
        .redeem(stage.hub(), &stranger.code, &stranger.attempt)
        .await?;
    let foreign_key = SigningKey::generate("1")?;
    let claims = json!({ "iss": stage.hub(), "aud": "service", "sub": "x", "exp": 4_000_000_000_u64, "auth_time": 1 });

    let end = format!("{}/session/end", stage.hub());
    for (what, query) in [
        ("nothing", String::new()),
        ("a name", "?client_id=service".to_owned()),
        (
            "a name and a way back",
            "?client_id=service&post_logout_redirect_uri=https://service.example/".to_owned(),
        ),
        (
            "the hint of another session",
            format!("?id_token_hint={}", foreign.text("id_token")),
        ),
        (
            "a hint without signature",
            format!("?id_token_hint={}", unsigned(&claims)),
        ),
        (
            "a hint somebody else signed",
            format!("?id_token_hint={}", foreign_key.sign(&claims)?),
        ),
        (
            "an access token for a hint",
            format!("?id_token_hint={}", tokens.text("access_token")),
        ),
    ] {
        let mut citizen = login.citizen.clone();
        let page = citizen.get(&format!("{end}{query}")).await?;
        assert_eq!(page.location()?, None, "{what} was believed");
        assert!([200, 400].contains(&page.status), "{what}: {}", page.status);
        let posted: Vec<(String, String)> =
            url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
                .into_owned()
                .collect();
        let page = citizen
            .send(reqwest::Method::POST, &end, Some(&posted))
            .await?;
        // It may be asked again by GET, which carries the cookies that a post from elsewhere lacks.
        let landed = citizen.follow(page).await?;
        assert_eq!(
            landed.url.path(),
            "/session/end",
            "{what}, posted, was believed"
        );
        assert!(
            [200, 400].contains(&landed.status),
            "{what}, posted: {}",
            landed.status
        );
        assert!(
            is_signed_in(stage, &login.citizen, service).await?,
            "{what} signed the citizen out"
        );
    }
    // The answer to the question, without having been asked it.
    let mut citizen = login.citizen.clone();
    let logout = format!("{}/logout", stage.hub());
    for fields in [
        vec![],
        vec![("decision", "accept")],
        vec![("decision", "accept"), ("csrf", "x")],
    ] {
        must_be_refused(&citizen.post(&logout, &fields).await?, &[403]);
    }
    must_be_refused(&citizen.get(&logout).await?, &[405]);
    assert!(is_signed_in(stage, &login.citizen, service).await?);
    let userinfo = service
        .userinfo(stage.hub(), tokens.text("access_token"))
        .await?;
    assert_eq!(userinfo.status, 200, "the token died: {}", userinfo.body);

    // Asked and confirmed, it happens, and the tokens go too.
    citizen.visit(&end).press(CONFIRM_SIGN_OUT).await?;
    assert!(!is_signed_in(stage, &login.citizen, service).await?);
    let userinfo = service
        .userinfo(stage.hub(), tokens.text("access_token"))
        .await?;
    assert_eq!(
        userinfo.status, 401,
        "the token outlived the session: {}",
        userinfo.body
    );
    Ok(())
}

#[tokio::test]
async fn after_a_sign_out_the_browser_goes_to_a_registered_address_or_nowhere() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let login = stage.arrive(&stage.service, &provider).await?;
    let tokens = stage
        .service
        .redeem(stage.hub(), &login.code, &login.attempt)
        .await?;
    let hint = tokens.text("id_token");
    for target in [
        "https://evil.example/",
        "https://other.example/",
        "https://service.example",
        "https://service.example/callback",
        "https://service.example/?x",
        "https://service.example/#x",
        "https://service.example//evil.example/",
        "https://service.example@evil.example/",
        "http://service.example/",
        "//evil.example/",
        "/",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
    ] {
        for whose in [
            format!("id_token_hint={hint}"),
            "client_id=service".to_owned(),
            String::new(),
        ] {
            let mut address = Url::parse(&format!("{}/session/end?{whose}", stage.hub()))?;
            address
                .query_pairs_mut()
                .append_pair("post_logout_redirect_uri", target)
                .append_pair("state", "s");
            for mut citizen in [login.citizen.clone(), HttpCitizen::new()] {
                must_be_refused(&citizen.get(address.as_str()).await?, &[400]);
            }
        }
    }
    let both = format!(
        "{}/session/end?client_id=other&id_token_hint={hint}",
        stage.hub()
    );
    must_be_refused(&login.citizen.clone().get(&both).await?, &[400]);
    // The provider's answer, made up.
    for state in [
        "",
        "?state=",
        "?state=x",
        "?state=x&post_logout_redirect_uri=https://evil.example",
    ] {
        let page = login
            .citizen
            .clone()
            .get(&format!("{}/logout/callback{state}", stage.hub()))
            .await?;
        assert_eq!(page.location()?, None, "{state}");
    }
    assert!(is_signed_in(stage, &login.citizen, &stage.service).await?);

    let mut address = Url::parse(&format!("{}/session/end?id_token_hint={hint}", stage.hub()))?;
    address
        .query_pairs_mut()
        .append_pair("post_logout_redirect_uri", "https://service.example/")
        .append_pair("state", "s");
    let mut citizen = login.citizen.stopping_at("https://service.example/");
    let view = citizen.visit(address.as_str()).await?;
    assert_eq!(
        view.url.as_str().trim_end_matches('#'),
        "https://service.example/?state=s"
    );
    Ok(())
}

/// Tabs of one browser: one signs out while the others agree to sign in at another service.
#[tokio::test]
async fn of_a_sign_out_and_sign_ins_at_once_nobody_stays_signed_in() -> Result<()> {
    let stage = stage()?;
    let (service, other, provider) = (&stage.service, &stage.other, stage.provider()?);
    for _ in 0..ROUNDS {
        let login = stage.arrive(service, &provider).await?;
        let end = format!("{}/session/end", stage.hub());
        let mut leaving = login.citizen.clone();
        leaving.visit(&end).await?;
        let mut joining = Vec::new();
        for _ in 0..TABS {
            let mut tab = leaving.clone().stopping_at(&other.redirect_uri);
            let attempt = other.attempt(stage.hub())?;
            tab.visit(&attempt.url()).await?;
            joining.push((tab, attempt));
        }
        let join = async |(tab, attempt): &mut (HttpCitizen, Attempt)| -> Result<String> {
            let view = tab.here().agree().await?;
            let Some(code) = parameter(&view.url, "code") else {
                return Ok(String::new());
            };
            let tokens = other.redeem(stage.hub(), &code, attempt).await?;
            Ok(tokens.text("access_token").to_owned())
        };
        let out = async { leaving.here().press(CONFIRM_SIGN_OUT).await };
        let (out, joined) = tokio::join!(
            out,
            join_all(joining.iter_mut().map(async |tab| join(tab).await))
        );
        let out = out?;
        assert!(out.text().contains("Vous êtes déconnecté"), "{out}");
        for token in joined {
            let token = token.context("a tab that ended badly")?;
            if token.is_empty() {
                // It came too late to get any.
                continue;
            }
            let userinfo = other.userinfo(stage.hub(), &token).await?;
            assert_eq!(userinfo.status, 401, "{}", userinfo.body);
        }
        for (tab, _) in &joining {
            assert!(!is_signed_in(stage, tab, service).await?);
        }
    }
    Ok(())
}

const ROUNDS: usize = 5;
const TABS: usize = 6;
