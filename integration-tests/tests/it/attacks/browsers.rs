//! Logins taken from one browser to another, steps skipped, cookies tampered with (threats N-09, N-51, N-52, N-63).

use anyhow::Result;
use futures_util::future::join_all;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Hands, HttpCitizen};
use reqwest::Method;
use reqwest::header::{COOKIE, HeaderValue};

use super::stage::{SESSION, is_signed_in, must_be_refused, stage};

const BROWSER: &str = "hub-browser";

#[tokio::test]
async fn a_login_begun_in_one_browser_goes_on_in_no_other() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut choosing = stage.service.citizen();
    choosing
        .visit(&stage.service.attempt(stage.hub())?.url())
        .await?;
    let (consenting, _) = stage.at_consent(&stage.service, &provider).await?;
    let (victim, _) = stage.at_consent(&stage.other, &provider).await?;
    for attacker in [&choosing, &consenting] {
        let page = attacker.page()?.clone();
        for mut other in [HttpCitizen::new(), victim.clone()] {
            let before = other.cookies();
            must_be_refused(&other.get(page.url.as_str()).await?, &[403]);
            for form in page.document().forms() {
                // The attacker's own page, form token and all, posted by the victim's browser.
                other.stand_on(page.clone());
                let posted = other.submit(&form, form.buttons.first(), &[]).await?;
                if form.action.ends_with("/locale") || form.method != "post" {
                    continue;
                }
                must_be_refused(&posted, &[403]);
            }
            let session = |cookies: &[(String, String)]| {
                cookies.iter().find(|(name, _)| name == SESSION).cloned()
            };
            assert_eq!(
                session(&before),
                session(&other.cookies()),
                "the victim's session changed"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_step_is_reached_before_the_one_before_it() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut choosing = stage.service.citizen();
    choosing
        .visit(&stage.service.attempt(stage.hub())?.url())
        .await?;
    let choice = choosing.page()?.clone();
    let departed = stage.depart(&stage.service, &provider).await?;
    let id = parameter(&departed.callback, "state").unwrap_or_default();
    let id = id.split('.').next().unwrap_or_default().to_owned();
    let token = choice
        .form()?
        .fields
        .iter()
        .find(|(name, _)| name == "csrf")
        .map(|(_, value)| value.clone());
    let token = token.unwrap_or_default();
    let base = choice.url.as_str().trim_end_matches("/provider").to_owned();

    for (citizen, login) in [
        (choosing, base),
        (departed.citizen, format!("{}/login/{id}", stage.hub())),
    ] {
        let mut citizen = citizen.stopping_at("https://service.example/");
        for step in ["identity", "consent", "return"] {
            must_be_refused(&citizen.get(&format!("{login}/{step}")).await?, &[409]);
        }
        for (step, fields) in [
            ("consent", vec![]),
            ("consent", vec![("decision", "accept")]),
            (
                "consent",
                vec![("decision", "accept"), ("csrf", token.as_str())],
            ),
            ("identity", vec![("sub", "somebody")]),
            ("return", vec![("decision", "accept")]),
            ("provider", vec![]),
            ("abandon", vec![]),
        ] {
            let page = citizen.post(&format!("{login}/{step}"), &fields).await?;
            must_be_refused(&page, &[400, 403, 405, 409]);
        }
        // An empty body at the address the provider answers to.
        must_be_refused(
            &citizen
                .post(&format!("{}/callback/{}", stage.hub(), provider.id), &[])
                .await?,
            &[400],
        );
        must_be_refused(
            &citizen
                .get(&format!("{}/callback/{}", stage.hub(), provider.id))
                .await?,
            &[400],
        );
        assert!(!is_signed_in(stage, &citizen, &stage.service).await?);
    }
    Ok(())
}

#[tokio::test]
async fn of_twenty_consents_at_once_one_code_comes() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for client in [&stage.service, &stage.bank] {
        let (citizen, _) = stage.at_consent(client, &provider).await?;
        let form = consent_form(citizen.page()?)?;
        let mut tabs = vec![citizen; 20];
        let posts = tabs.iter_mut().map(async |tab| {
            let button = form.button(&Control::Id("accept")).cloned();
            let answer = tab.submit(&form, button.as_ref(), &[]).await?;
            tab.follow(answer).await
        });
        let landed: Vec<Page> = join_all(posts).await.into_iter().collect::<Result<_>>()?;
        let codes: Vec<String> = landed
            .iter()
            .filter_map(|page| page.parameter("code"))
            .collect();
        assert_eq!(
            codes.len(),
            1,
            "{:?}",
            landed.iter().map(|page| page.status).collect::<Vec<_>>()
        );
        for page in landed
            .iter()
            .filter(|page| page.parameter("code").is_none())
        {
            must_be_refused(page, &[409, 410]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn of_twenty_returns_at_once_one_code_comes() -> Result<()> {
    let stage = stage()?;
    let (citizen, _) = stage.at_consent(&stage.service, &stage.provider()?).await?;
    let form = consent_form(citizen.page()?)?;
    let mut citizen = citizen;
    let accepted = citizen
        .submit(&form, form.button(&Control::Id("accept")), &[])
        .await?;
    let Some(address) = accepted.location()? else {
        panic!("{}: {}", accepted.status, accepted.body)
    };
    let mut tabs = vec![citizen; 20];
    let asked = tabs.iter_mut().map(|tab| tab.get(address.as_str()));
    let answers: Vec<Page> = join_all(asked).await.into_iter().collect::<Result<_>>()?;
    let with_code = answers
        .iter()
        .filter(|page| page.headers.contains_key("location"))
        .count();
    assert_eq!(
        with_code,
        1,
        "{:?}",
        answers.iter().map(|page| page.status).collect::<Vec<_>>()
    );
    Ok(())
}

#[tokio::test]
async fn a_refusal_and_a_consent_at_once_give_one_answer() -> Result<()> {
    let stage = stage()?;
    let (citizen, _) = stage.at_consent(&stage.bank, &stage.provider()?).await?;
    let form = consent_form(citizen.page()?)?;
    let mut tabs = vec![citizen; 10];
    let posts = tabs.iter_mut().enumerate().map(async |(number, tab)| {
        let id = if number % 2 == 0 { "accept" } else { "refuse" };
        let answer = tab
            .submit(&form, form.button(&Control::Id(id)), &[])
            .await?;
        tab.follow(answer).await
    });
    let landed: Vec<Page> = join_all(posts).await.into_iter().collect::<Result<_>>()?;
    let at_service = landed
        .iter()
        .filter(|page| page.url.as_str().starts_with(&stage.bank.redirect_uri))
        .count();
    assert_eq!(at_service, 1, "the service was answered {at_service} times");
    Ok(())
}

#[tokio::test]
async fn a_session_planted_beforehand_is_not_the_one_signed_in() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let attacker = stage.arrive(&stage.service, &provider).await?;
    let planted = session_of(&attacker.citizen);
    assert!(!planted.is_empty());

    let (mut victim, attempt) = (stage.other.citizen(), stage.other.attempt(stage.hub())?);
    for value in [
        "chosen-by-the-attacker",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        victim.plant_cookie(stage.hub(), SESSION, value)?;
        let view = victim.visit(&attempt.url()).await?;
        assert!(view.url.path().ends_with("/provider"), "{view}");
    }
    let view = victim.here().choose(&provider.button()).agree().await?;
    assert!(parameter(&view.url, "code").is_some(), "{view}");
    let fresh = session_of(&victim);
    assert!(
        !fresh.is_empty()
            && fresh != "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            && fresh != planted
    );

    // Signing in anew makes a new session, and the old cookie is dead.
    let again = stage.other.attempt(stage.hub())?.with("prompt", "login");
    victim
        .visit(&again.url())
        .choose(&provider.button())
        .agree()
        .await?;
    assert_ne!(session_of(&victim), fresh);
    let mut thief = HttpCitizen::new();
    thief.plant_cookie(stage.hub(), SESSION, &fresh)?;
    assert!(
        !is_signed_in(stage, &thief, &stage.other).await?,
        "the session before still lives"
    );
    Ok(())
}

#[tokio::test]
async fn without_its_cookies_a_login_goes_no_further() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for lost in [BROWSER, SESSION] {
        let (mut citizen, _) = stage.at_consent(&stage.service, &provider).await?;
        citizen.lose_cookies(|name| name == lost);
        let view = citizen.here().agree().await?;
        assert_eq!(view.status, Some(403), "without {lost}: {view}");
        assert_eq!(parameter(&view.url, "code"), None);
    }
    let (mut citizen, _) = stage.at_consent(&stage.service, &provider).await?;
    citizen.lose_cookies(|_| true);
    let view = citizen.here().agree().await?;
    assert_eq!(view.status, Some(403), "without any: {view}");
    Ok(())
}

#[tokio::test]
async fn a_session_swapped_before_the_answer_gives_no_code_for_the_other_person() -> Result<()> {
    use guichet_integration_tests::mock_provider::someone;
    let stage = stage()?;
    let (provider, elsewhere) = (stage.provider()?, stage.provider()?);
    let mut somebody_else = someone();
    somebody_else["sub"] = "mock-somebody-else".into();
    somebody_else["given_name"] = "Basile".into();
    elsewhere.present(somebody_else);
    let other = session_of(&stage.arrive(&stage.other, &elsewhere).await?.citizen);
    let (mut citizen, _) = stage.at_consent(&stage.service, &provider).await?;
    citizen.plant_cookie(stage.hub(), SESSION, &other)?;
    let view = citizen.here().agree().await?;
    assert_eq!(view.status, Some(403), "{view}");
    assert_eq!(parameter(&view.url, "code"), None);
    Ok(())
}

#[tokio::test]
async fn a_malformed_session_cookie_is_no_session() -> Result<()> {
    let stage = stage()?;
    let login = stage.arrive(&stage.service, &stage.provider()?).await?;
    let session = session_of(&login.citizen);
    assert!(is_signed_in(stage, &login.citizen, &stage.service).await?);
    let swapped: String = session.chars().rev().collect();
    let address = stage.service.attempt(stage.hub())?.url();
    for cookies in [
        format!("{SESSION}={}", &session[..session.len() - 1]),
        format!("{SESSION}={session}A"),
        format!("{SESSION}={swapped}"),
        format!("{SESSION}=\"{session}\""),
        format!("{SESSION}={session}; {SESSION}={session}"),
        format!("{SESSION}={}", "A".repeat(8000)),
        format!("{SESSION}=null"),
        format!("{SESSION}="),
        format!("{SESSION}=../../{session}"),
        format!("{SESSION}=%00{session}"),
        format!("{SESSION}={{\"person\":1}}"),
        format!("hub-SESSION={session}"),
        format!("idp-session={session}"),
    ] {
        let mut citizen = HttpCitizen::new();
        citizen
            .headers
            .insert(COOKIE, HeaderValue::from_str(&cookies)?);
        let answer = citizen.get(&address).await?;
        assert!(answer.status < 500, "{cookies}: {}", answer.body);
        let location = answer
            .location()?
            .map(|url| url.path().to_owned())
            .unwrap_or_default();
        assert!(
            !location.ends_with("/consent"),
            "{cookies} opened a session"
        );
    }
    let page = HttpCitizen::new()
        .send(Method::HEAD, &address, None)
        .await?;
    assert_eq!(page.status, 405, "HEAD starts nothing");
    Ok(())
}

fn session_of(citizen: &HttpCitizen) -> String {
    let found = citizen
        .cookies()
        .into_iter()
        .find(|(name, _)| name == SESSION);
    found.map(|(_, value)| value).unwrap_or_default()
}

fn consent_form(page: &Page) -> Result<guichet_integration_tests::html::Form> {
    use anyhow::Context;
    let forms = page.document().forms();
    forms
        .into_iter()
        .find(|form| form.action.ends_with("/consent"))
        .context("no consent form")
}
