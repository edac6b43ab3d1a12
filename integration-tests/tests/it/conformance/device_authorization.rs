//! Device authorization (RFC 8628): a device asks, a person answers in a browser, the device gets tokens.

use anyhow::{Context, Result};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands, HttpCitizen};

use super::deferred::stage;

#[tokio::test]
async fn device_authorization_response_has_every_member_of_section_3_2() -> Result<()> {
    let stage = stage()?;
    for client in [&stage.tv, &stage.kiosk] {
        let asked = stage.device(client).await?;
        let page = format!("{}/account/device", stage.hub());
        assert_eq!(asked.text("verification_uri"), page);
        let code = asked.text("user_code");
        let complete = format!("{page}?user_code={code}");
        assert_eq!(asked.text("verification_uri_complete"), complete);
        assert!(
            asked.json["expires_in"]
                .as_u64()
                .is_some_and(|seconds| seconds >= 60)
        );
        assert_eq!(asked.json["interval"], 5);
        assert!(asked.text("device_code").len() >= 43);
        let letters = code.chars().filter(char::is_ascii_uppercase).count();
        assert_eq!((letters, code.len()), (10, 11), "{code}");
    }
    Ok(())
}

#[tokio::test]
async fn tokens_are_issued_once_after_the_person_agreed() -> Result<()> {
    let stage = stage()?;
    let (mut browser, provider) = (HttpCitizen::new(), stage.provider()?);
    let asked = stage.device(&stage.tv).await?;
    let end = stage
        .approve(&mut browser, &provider, asked.text("user_code"))
        .await?;
    assert!(end.text().contains("revenir à votre appareil"), "{end}");
    let tokens = stage.poll(&stage.tv, asked.text("device_code")).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let userinfo = stage
        .tv
        .userinfo(stage.hub(), tokens.text("access_token"))
        .await?;
    assert_eq!(
        userinfo.text("given_name"),
        "Élodie Marie",
        "{}",
        userinfo.body
    );
    let replay = stage.poll(&stage.tv, asked.text("device_code")).await?;
    assert_eq!((replay.status, replay.error()), (400, "invalid_grant"));
    Ok(())
}

#[tokio::test]
async fn a_person_who_is_signed_in_already_still_sees_who_asks_and_what_for() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let asked = stage.device(&stage.kiosk).await?;
    let shown = stage
        .type_code(&mut person.browser, asked.text("user_code"))
        .await?;
    assert!(shown.text().contains("kiosk"), "{shown}");
    assert_eq!(shown.shown("user-code")?, asked.text("user_code"));
    let view = person.browser.here().press(Control::Id("accept")).await?;
    assert!(view.url.path().ends_with("/consent"), "{view}");
    assert!(view.text().contains("Élodie Marie"), "{view}");
    Ok(())
}

#[tokio::test]
async fn access_denied_after_the_person_refused() -> Result<()> {
    let stage = stage()?;
    let mut browser = HttpCitizen::new();
    let asked = stage.device(&stage.kiosk).await?;
    stage
        .type_code(&mut browser, asked.text("user_code"))
        .await?;
    let end = browser.here().press(Control::Id("refuse")).await?;
    assert!(end.text().contains("Demande refusée"), "{end}");
    let denied = stage.poll(&stage.kiosk, asked.text("device_code")).await?;
    assert_eq!((denied.status, denied.error()), (400, "access_denied"));
    Ok(())
}

#[tokio::test]
async fn slow_down_when_polling_faster_than_the_interval() -> Result<()> {
    let stage = stage()?;
    let asked = stage.device(&stage.kiosk).await?;
    let code = asked.text("device_code");
    assert_eq!(
        stage.poll(&stage.kiosk, code).await?.error(),
        "authorization_pending"
    );
    assert_eq!(stage.poll(&stage.kiosk, code).await?.error(), "slow_down");
    Ok(())
}

#[tokio::test]
async fn verification_uri_complete_fills_the_code_in_and_still_asks_to_compare_it() -> Result<()> {
    let stage = stage()?;
    let mut browser = HttpCitizen::new();
    let asked = stage.device(&stage.kiosk).await?;
    let view = browser
        .visit(asked.text("verification_uri_complete"))
        .await?;
    assert!(view.url.path().ends_with("/account/device"), "{view}");
    assert!(
        !view.text().contains("kiosk"),
        "nothing is looked up yet: {view}"
    );
    let view = browser.here().press(Control::Id("continue")).await?;
    assert_eq!(view.shown("user-code")?, asked.text("user_code"));
    assert!(view.text().contains("Comparez ce code"), "{view}");
    let pending = stage.poll(&stage.kiosk, asked.text("device_code")).await?;
    assert_eq!(pending.error(), "authorization_pending");
    Ok(())
}

#[tokio::test]
async fn unauthorized_client_without_the_grant_type() -> Result<()> {
    let stage = stage()?;
    let form = [("scope", "openid")];
    let refused = stage
        .post(&stage.desk, "/device_authorization", &form)
        .await?;
    assert_eq!(
        (refused.status, refused.error()),
        (400, "unauthorized_client")
    );
    Ok(())
}

#[tokio::test]
async fn invalid_client_without_its_authentication() -> Result<()> {
    let stage = stage()?;
    let mut thief = stage.kiosk.clone();
    "a wrong secret".clone_into(&mut thief.client_secret);
    let form = [("scope", "openid")];
    let refused = stage.post(&thief, "/device_authorization", &form).await?;
    assert_eq!((refused.status, refused.error()), (401, "invalid_client"));
    Ok(())
}

#[tokio::test]
async fn a_device_code_of_another_client_is_worth_nothing() -> Result<()> {
    let stage = stage()?;
    let (mut browser, provider) = (HttpCitizen::new(), stage.provider()?);
    let asked = stage.device(&stage.kiosk).await?;
    stage
        .approve(&mut browser, &provider, asked.text("user_code"))
        .await?;
    for thief in [&stage.kiosk2, &stage.tv] {
        let stolen = stage.poll(thief, asked.text("device_code")).await?;
        assert_eq!((stolen.status, stolen.error()), (400, "invalid_grant"));
    }
    let owner = stage.poll(&stage.kiosk, asked.text("device_code")).await?;
    assert_eq!(owner.status, 200, "a thief broke it: {}", owner.body);
    Ok(())
}

#[tokio::test]
async fn user_codes_cannot_be_guessed_in_bulk() -> Result<()> {
    // A demo of its own: all tests have one address, and after this one it must wait.
    let demo = Demo::start().await?;
    let mut browser = HttpCitizen::new();
    for guess in 0..=30 {
        let view = browser
            .visit(&demo.hub("/account/device"))
            .fill("user_code", "BBBB-BBBB")
            .press(Control::Id("continue"))
            .await?;
        let (expected, said) = match guess {
            30 => (429, "Attendez dix minutes"),
            _ => (422, "pas valable"),
        };
        assert_eq!(view.status, Some(expected), "{view}");
        assert!(view.text().contains(said), "{view}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_browser_answers_nothing() -> Result<()> {
    let stage = stage()?;
    let (mut browser, mut other) = (HttpCitizen::new(), HttpCitizen::new());
    let asked = stage.device(&stage.kiosk).await?;
    let shown = stage
        .type_code(&mut browser, asked.text("user_code"))
        .await?;
    other
        .open(&format!("{}/account/device", stage.hub()))
        .await?;
    let view = other.visit(shown.url.as_str()).await?;
    assert_eq!(view.status, Some(410), "{view}");
    let form = browser.page()?.form()?;
    let stolen: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("decision", "accept")])
        .collect();
    let page = other
        .post(shown.url.as_str(), &stolen)
        .await
        .context("posting")?;
    assert_eq!(page.status, 403, "{}", page.body);
    Ok(())
}
