//! What every answer of a node says to browsers: its headers, its cookies (threats N-63, N-72).

use anyhow::{Context, Result};
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::{Hands, HttpCitizen, NodeSettings};
use reqwest::Method;

use super::stage::{SESSION, must_be_inert, stage};

#[tokio::test]
async fn every_kind_of_answer_has_its_security_headers() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let (mut citizen, _) = stage.at_consent(&stage.service, &provider).await?;
    let consent = citizen.page()?.clone();
    let login = consent.url.as_str().trim_end_matches("/consent").to_owned();
    let asset = asset_of(&consent)?;
    let (hub, idp) = (stage.hub(), stage.demo.idp("citoyen"));
    let form_post = stage
        .service
        .attempt(hub)?
        .with("response_mode", "form_post")
        .with("response_type", "token");
    let mut answers = vec![consent];
    for address in [
        format!("{hub}/"),
        stage.service.attempt(hub)?.url(),
        stage.service.attempt(hub)?.with("redirect_uri", "x").url(),
        form_post.url(),
        format!("{login}/provider"),
        format!("{hub}/session/end"),
        format!("{hub}/callback/mock-0"),
        format!("{hub}/nowhere"),
        format!("{hub}/help"),
        format!("{hub}/locale?lang=fr&back=/"),
        format!("{hub}/userinfo"),
        format!("{hub}/jwks"),
        format!("{hub}/client/jwks"),
        format!("{hub}/.well-known/openid-configuration"),
        format!("{hub}{asset}"),
        format!("{hub}/account"),
        format!("{idp}/"),
        format!("{idp}/sign-in/x/password"),
        format!("{idp}/.well-known/openid-configuration"),
        format!("{idp}/account/security"),
    ] {
        answers.push(citizen.get(&address).await?);
    }
    answers.push(citizen.post(&format!("{hub}/token"), &[]).await?);
    answers.push(citizen.post(&format!("{login}/consent"), &[]).await?);
    answers.push(
        citizen
            .send(Method::PUT, &format!("{hub}/token"), None)
            .await?,
    );
    let mut signing_in = HttpCitizen::new();
    signing_in.visit(&format!("{idp}/sign-in")).await?;
    answers.push(signing_in.page()?.clone());
    for answer in &answers {
        must_be_guarded(answer)?;
        assert!(
            !answer.headers.contains_key("strict-transport-security"),
            "HSTS over http"
        );
    }

    let settings = NodeSettings {
        behind_tls: true,
        ..NodeSettings::new()?
    };
    let _node = settings.start().await?;
    for path in ["/", "/authorize", "/nowhere", "/jwks", "/token", "/help"] {
        let page = HttpCitizen::new()
            .get(&format!("http://127.0.0.1:{}{path}", settings.listen))
            .await?;
        let strict = page
            .headers
            .get("strict-transport-security")
            .and_then(|value| value.to_str().ok());
        let seconds = strict.and_then(|value| value.strip_prefix("max-age="));
        let seconds: u64 = seconds
            .and_then(|value| value.split(';').next()?.trim().parse().ok())
            .unwrap_or_default();
        assert!(seconds >= 31_536_000, "{path}: {strict:?}");
    }
    Ok(())
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_script_and_of_other_sites() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut citizen = stage.service.citizen();
    let begun = citizen
        .get(&stage.service.attempt(stage.hub())?.url())
        .await?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let mut back = departed.citizen;
    let returned = back.get(departed.callback.as_str()).await?;
    let Some(identity) = returned.location()? else {
        panic!("{}", returned.body)
    };
    let identified = back.get(identity.as_str()).await?;
    let mut seen = Vec::new();
    for page in [begun, identified] {
        for cookie in page.headers.get_all("set-cookie") {
            let cookie = cookie.to_str()?.to_owned();
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
                "{cookie}"
            );
            assert!(
                cookie.contains("Path=/") && !cookie.contains("Domain"),
                "{cookie}"
            );
            seen.push(cookie);
        }
    }
    for name in ["hub-browser=", &format!("{SESSION}=")] {
        assert!(
            seen.iter().any(|cookie| cookie.starts_with(name)),
            "no {name} in {seen:?}"
        );
    }

    let settings = NodeSettings {
        behind_tls: true,
        ..NodeSettings::new()?
    };
    let _node = settings.start().await?;
    let service = &settings.service;
    let at_node = service.attempt(&format!("http://127.0.0.1:{}", settings.listen))?;
    let begun = HttpCitizen::new().get(&at_node.url()).await?;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let cookies: Vec<&str> = begun
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let browser = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-hub-browser="))
        .context("no browser cookie")?;
    assert!(
        browser.contains("Secure") && !browser.contains("Domain"),
        "{browser}"
    );
    Ok(())
}

/// What every answer must say.
fn must_be_guarded(answer: &Page) -> Result<()> {
    let header = |name: &str| -> Result<&str> {
        let value = answer
            .headers
            .get(name)
            .with_context(|| format!("{} has no {name}", answer.url))?;
        Ok(value.to_str()?)
    };
    let policy = header("content-security-policy")?;
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{}",
        answer.url
    );
    // A picture opened by itself may style itself, and nothing else.
    let is_picture = header("content-type").is_ok_and(|kind| kind.starts_with("image/svg"));
    let policy = if is_picture {
        policy.replace("style-src 'unsafe-inline'", "")
    } else {
        policy.to_owned()
    };
    assert!(
        !policy.contains("unsafe") && !policy.contains(" *") && !policy.contains("data:"),
        "{policy}"
    );
    assert_eq!(
        header("x-content-type-options")?,
        "nosniff",
        "{}",
        answer.url
    );
    // The page that posts an answer tells the service our origin, no more.
    let harmless = ["no-referrer", "same-origin", "origin", "strict-origin"];
    assert!(
        harmless.contains(&header("referrer-policy")?),
        "{}",
        answer.url
    );
    let kept = header("cache-control")?;
    let is_page = header("content-type").is_ok_and(|kind| kind.starts_with("text/html"));
    let is_public = ["/assets/", "/jwks", "/.well-known/"]
        .iter()
        .any(|part| answer.url.path().contains(part));
    assert!(
        kept.contains("no-store") || is_public && !is_page,
        "{}: {kept}",
        answer.url
    );
    for telling in ["server", "x-powered-by", "via"] {
        assert!(
            !answer.headers.contains_key(telling),
            "{} says {telling}",
            answer.url
        );
    }
    must_be_inert(answer);
    Ok(())
}

/// An asset that a page refers to.
fn asset_of(page: &Page) -> Result<String> {
    let document = page.document();
    let mut links = document
        .by_tag("link")
        .filter_map(|link| link.attribute("href"));
    let asset = links
        .find(|href| href.contains("/assets/"))
        .context("a page without assets")?;
    Ok(page.url.join(asset)?.path().to_owned())
}
