//! Open sessions of others: seen, named or closed by somebody who is signed in too (threat N-67).

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::html::Form;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands, HttpCitizen, MockProvider};
use serde_json::json;

use super::stage::{Stage, stage};

#[tokio::test]
async fn nobody_sees_or_closes_the_sessions_of_another() -> Result<()> {
    let stage = stage()?;
    let (hers, his) = (stage.provider()?, stage.provider()?);
    let him = json!({
        "sub": "mock-other", "given_name": "Noé", "family_name": "AUTRUI", "birthdate": "1990-01-01",
    });
    his.present(changed(someone(), &him));
    let mut her_browser = HttpCitizen::new();
    let mut his_browser = HttpCitizen::new();
    let her_handles = handles(stage, &mut her_browser, &hers).await?;
    let his_handles = handles(stage, &mut his_browser, &his).await?;
    ensure!(
        his_handles.iter().all(|his| !her_handles.contains(his)),
        "he sees hers: {his_handles:?}"
    );

    // Her handle with his own token, and her whole form, in his browser.
    let her_form = close_form(&her_browser)?;
    let his_form = close_form(&his_browser)?;
    let with_her_handle = Form {
        action: her_form.action.clone(),
        ..his_form.clone()
    };
    for form in [&with_her_handle, &her_form] {
        let answer = his_browser.submit(form, form.buttons.first(), &[]).await?;
        ensure!([303, 403].contains(&answer.status), "{}", answer.status);
        ensure!(
            sees_sessions(stage, &mut her_browser).await?,
            "hers is closed"
        );
    }

    // At her browser, after her: he sees his own, and nothing of hers.
    let address = format!("{}/session/end", stage.hub());
    let confirm = guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
    her_browser.visit(&address).press(confirm).await?;
    let at_hers = handles(stage, &mut her_browser, &his).await?;
    ensure!(at_hers.iter().all(|handle| !her_handles.contains(handle)));
    ensure!(at_hers.len() == 2, "his two: {at_hers:?}");
    let other = at_hers.iter().find(|handle| his_handles.contains(handle));
    ensure!(
        other.is_some(),
        "his own, of the other browser: {at_hers:?}"
    );
    Ok(())
}

/// What the account calls the sessions of whoever signs in to it now.
async fn handles(
    stage: &Stage,
    citizen: &mut HttpCitizen,
    provider: &MockProvider,
) -> Result<Vec<String>> {
    let address = format!("{}/account/sign-in?to=sessions", stage.hub());
    citizen.visit(&address).choose(&provider.button()).await?;
    let forms = citizen.page()?.document().forms();
    let actions = forms.into_iter().map(|form| form.action);
    Ok(actions.filter(|it| closes_one(it)).collect())
}

const CLOSE: &str = "/account/sessions/";

/// Beside each of them there is a form for all others at once.
fn closes_one(action: &str) -> bool {
    let handle = action.split_once(CLOSE).map(|(_, handle)| handle);
    handle.is_some_and(|handle| handle != "others")
}

fn close_form(citizen: &HttpCitizen) -> Result<Form> {
    let forms = citizen.page()?.document().forms();
    let form = forms.into_iter().find(|form| closes_one(&form.action));
    form.context("no session to close")
}

async fn sees_sessions(stage: &Stage, citizen: &mut HttpCitizen) -> Result<bool> {
    let address = format!("{}/account/sessions", stage.hub());
    let view = citizen.clone().visit(&address).await?;
    Ok(view.text().contains("Ce navigateur"))
}
