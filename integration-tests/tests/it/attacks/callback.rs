//! Answers of providers replayed, stolen, mixed up or made up (threats N-10, N-16, N-19, N-51).

use anyhow::Result;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::{Hands, HttpCitizen, Mischief, MockProvider};
use url::Url;

use super::stage::{SESSION, is_signed_in, must_be_refused, stage};

#[tokio::test]
async fn a_callback_in_another_browser_signs_nobody_in() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let departed = stage.depart(&stage.service, &provider).await?;

    // Login CSRF: the attacker sends the victim an answer of the attacker's own login.
    let mut bare = HttpCitizen::new();
    must_be_refused(&bare.get(departed.callback.as_str()).await?, &[403]);
    let mut busy = stage.depart(&stage.service, &provider).await?.citizen;
    must_be_refused(&busy.get(departed.callback.as_str()).await?, &[403]);
    for victim in [&bare, &busy] {
        assert!(
            victim.cookies().iter().all(|(name, _)| name != SESSION),
            "the victim is signed in"
        );
    }
    assert!(
        !provider.requests().contains(&"token".to_owned()),
        "the code was sent on"
    );

    // Nor did that spend it: its own browser goes on.
    let mut own = departed.citizen.stopping_at(&stage.service.redirect_uri);
    let view = own.visit(departed.callback.as_str()).await?;
    assert!(view.url.path().ends_with("/consent"), "{view}");
    Ok(())
}

#[tokio::test]
async fn a_callback_counts_once() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let mut citizen = departed.citizen;
    let first = citizen.get(departed.callback.as_str()).await?;
    assert_eq!(first.status, 303, "{}", first.body);
    must_be_refused(&citizen.get(departed.callback.as_str()).await?, &[409]);
    citizen.follow(first).await?;
    must_be_refused(&citizen.get(departed.callback.as_str()).await?, &[409]);
    assert_eq!(count(&provider, "token"), 1, "the provider was asked again");

    // Nor after the login is over.
    let mut citizen = citizen.stopping_at(&stage.service.redirect_uri);
    let view = citizen.here().agree().await?;
    assert!(parameter(&view.url, "code").is_some(), "{view}");
    must_be_refused(&citizen.get(departed.callback.as_str()).await?, &[410]);
    Ok(())
}

#[tokio::test]
async fn of_ten_callbacks_at_once_one_goes_on() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let mut tabs = vec![departed.citizen; 10];
    let asked = tabs
        .iter_mut()
        .map(|tab| tab.get(departed.callback.as_str()));
    let answers: Vec<_> = futures_util::future::join_all(asked)
        .await
        .into_iter()
        .collect::<Result<_>>()?;
    let went_on = answers.iter().filter(|answer| answer.status == 303).count();
    assert_eq!(
        went_on,
        1,
        "{:?}",
        answers
            .iter()
            .map(|answer| answer.status)
            .collect::<Vec<_>>()
    );
    assert_eq!(count(&provider, "token"), 1);
    Ok(())
}

#[tokio::test]
async fn a_state_that_is_missing_or_not_to_the_letter_is_refused() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let honest_state = parameter(&departed.callback, "state").unwrap_or_default();
    let foreign = stage.depart(&stage.service, &provider).await?;
    let foreign = parameter(&foreign.callback, "state").unwrap_or_default();
    let (login, secret) = honest_state.split_once('.').unwrap_or_default();
    let (_, foreign_secret) = foreign.split_once('.').unwrap_or_default();
    let flipped = format!(
        "{}{}",
        if honest_state.starts_with('A') {
            'B'
        } else {
            'A'
        },
        &honest_state[1..]
    );
    let swapped = format!("{login}.{foreign_secret}");
    let end = if secret.ends_with('A') { "Q" } else { "A" };
    let bent = format!("{}{end}", &honest_state[..honest_state.len() - 1]);
    let mut citizen = departed.citizen.clone();
    for forged in [
        "",
        ".",
        "null",
        login,
        secret,
        &honest_state[..honest_state.len() - 1],
        &flipped,
        &swapped,
        &bent,
        &foreign,
    ] {
        let address = with_parameter(&departed.callback, "state", Some(forged));
        must_be_refused(&citizen.get(address.as_str()).await?, &[400, 403, 410]);
    }
    let none = with_parameter(&departed.callback, "state", None);
    must_be_refused(&citizen.get(none.as_str()).await?, &[400]);
    let twice = format!("{}&state={honest_state}", departed.callback);
    must_be_refused(&citizen.get(&twice).await?, &[400]);
    assert_eq!(count(&provider, "token"), 0);
    let answer = citizen.get(departed.callback.as_str()).await?;
    assert_eq!(answer.status, 303, "{}", answer.body);
    Ok(())
}

#[tokio::test]
async fn an_answer_of_one_provider_is_not_taken_at_the_address_of_another() -> Result<()> {
    let stage = stage()?;
    let (honest, attacker) = (stage.provider()?, stage.provider()?);
    let departed = stage.depart(&stage.service, &honest).await?;
    let moved = departed.callback.as_str().replace(
        &format!("/callback/{}?", honest.id),
        &format!("/callback/{}?", attacker.id),
    );
    assert_ne!(moved, departed.callback.as_str());
    let mut citizen = departed.citizen;
    must_be_refused(&citizen.get(&moved).await?, &[403]);
    let nowhere = departed.callback.as_str().replace(&honest.id, "nobody");
    must_be_refused(&citizen.get(&nowhere).await?, &[403]);
    assert_eq!(
        count(&attacker, "token"),
        0,
        "the honest provider's code went to the other one"
    );
    Ok(())
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_or_none_is_refused_before_its_code_is_sent()
-> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for wrong in [
        Some("https://elsewhere.example"),
        Some(""),
        Some(stage.hub()),
        None,
    ] {
        let departed = stage.depart(&stage.service, &provider).await?;
        let address = with_parameter(&departed.callback, "iss", wrong);
        let mut citizen = departed.citizen;
        let view = citizen.visit(address.as_str()).await?;
        assert!(view.url.path().ends_with("/provider"), "{wrong:?}: {view}");
        assert!(!is_signed_in(stage, &citizen, &stage.service).await?);
    }
    assert_eq!(count(&provider, "token"), 0, "a code was sent on");

    provider.misbehave(Mischief::ForeignIssInResponse);
    let (mut citizen, attempt) = (stage.service.citizen(), stage.service.attempt(stage.hub())?);
    let view = citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    assert!(view.url.path().ends_with("/provider"), "{view}");
    Ok(())
}

#[tokio::test]
async fn a_code_of_another_login_does_not_pass_for_this_one() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    // Code injection: the attacker's browser brings the victim's code; PKCE and nonce tell them apart.
    let victim = stage.depart(&stage.service, &provider).await?;
    let attacker = stage.depart(&stage.service, &provider).await?;
    let stolen = parameter(&victim.callback, "code").unwrap_or_default();
    let address = with_parameter(&attacker.callback, "code", Some(&stolen));
    let mut citizen = attacker.citizen;
    let view = citizen.visit(address.as_str()).await?;
    assert!(view.url.path().ends_with("/provider"), "{view}");
    assert!(!is_signed_in(stage, &citizen, &stage.service).await?);
    Ok(())
}

#[tokio::test]
async fn a_state_is_no_session() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let honest_state = parameter(&departed.callback, "state").unwrap_or_default();
    let login = honest_state
        .split('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    let code = parameter(&departed.callback, "code").unwrap_or_default();
    let browser = departed
        .citizen
        .cookies()
        .into_iter()
        .find(|(name, _)| name == "hub-browser");
    let browser = browser.map(|(_, value)| value).unwrap_or_default();
    for value in [honest_state, login, code, browser] {
        let mut citizen = departed.citizen.clone();
        citizen.plant_cookie(stage.hub(), SESSION, &value)?;
        assert!(
            !is_signed_in(stage, &citizen, &stage.service).await?,
            "{value} opened a session"
        );
    }
    Ok(())
}

fn count(provider: &MockProvider, endpoint: &str) -> usize {
    provider
        .requests()
        .iter()
        .filter(|request| *request == endpoint)
        .count()
}

fn with_parameter(address: &Url, name: &str, value: Option<&str>) -> Url {
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .into_owned()
        .filter(|(key, _)| key != name)
        .collect();
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        changed.query_pairs_mut().append_pair(name, value);
    }
    changed
}
