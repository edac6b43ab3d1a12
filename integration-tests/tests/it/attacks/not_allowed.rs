//! Providers that may not be used: on no page, not for this service, or no longer while somebody is there (threats
//! N-05, N-06, N-18).

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::{Hands, HttpCitizen, MockProvider, RawClient, wait};
use serde_json::json;
use url::Url;

use super::stage::{SESSION, must_be_refused};
use crate::interop::deployment::{Deployment, sign_in};

#[tokio::test]
async fn a_provider_that_is_on_no_page_is_reached_by_no_hint_no_form_and_no_answer() -> Result<()> {
    let hidden = MockProvider::start("hidden").await?;
    let open = MockProvider::start("open").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&open])?;
    let record = changed(hidden.registration(), &json!({ "displayed": false }));
    deployment.providers.push(record);
    let _node = deployment.start().await?;

    must_not_be_reached(&service, &deployment, &hidden).await?;
    // An answer that nobody asked it for, on the back of a login that is at another provider.
    let (mut citizen, callback) = depart(&service, &deployment, &open).await?;
    let unsolicited = at_the_address_of(&callback, &hidden)?;
    must_be_refused(&citizen.get(unsolicited.as_str()).await?, &[403]);
    must_be_nobody(&citizen)?;
    must_not_have_been_used(&hidden)?;

    sign_in(&service, &deployment.issuer, &open).await?;
    Ok(())
}

#[tokio::test]
async fn a_service_gets_nobody_by_a_provider_that_is_not_for_it() -> Result<()> {
    let narrow = MockProvider::start("narrow").await?;
    let (service, other) = (RawClient::new("service"), RawClient::new("other"));
    let mut deployment = Deployment::new(&[&service, &other], &[])?;
    let only = json!({ "clients": { "only": ["service"] } });
    deployment.providers = vec![changed(narrow.registration(), &only)];
    let _node = deployment.start().await?;

    must_not_be_reached(&other, &deployment, &narrow).await?;
    must_not_have_been_used(&narrow)?;
    // Nor by a session that began there for a service that it is for.
    let mut citizen = sign_in(&service, &deployment.issuer, &narrow)
        .await?
        .citizen
        .stopping_at(&other.redirect_uri);
    let attempt = other.attempt(&deployment.issuer)?;
    let view = citizen.visit(&attempt.url()).await?;
    ensure!(view.url.path().ends_with("/provider"), "{view}");
    let silent = attempt.with("prompt", "none");
    let view = citizen.visit(&silent.url()).await?;
    let error = parameter(&view.url, "error");
    ensure!(error.as_deref() == Some("login_required"), "{view}");
    Ok(())
}

#[tokio::test]
async fn whoever_is_at_a_provider_that_is_taken_away_meanwhile_is_not_signed_in_by_it() -> Result<()>
{
    let there = MockProvider::start("there").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&there])?;
    let _node = deployment.start().await?;
    for (number, change) in [
        "provider disable PROVIDER",
        "provider set PROVIDER displayed=false",
        "provider set PROVIDER clients={\"except\":[\"service\"]}",
    ]
    .into_iter()
    .enumerate()
    {
        let provider = MockProvider::start(&format!("added-{number}")).await?;
        let file = deployment.folder().join("added.json");
        fs::write(&file, provider.registration().to_string())?;
        deployment.say(&format!("provider add {}", file.display()))?;
        is_offered(&service, &deployment, &provider, true).await?;
        let (mut citizen, callback) = depart(&service, &deployment, &provider).await?;
        let asked_before = provider.requests().len();

        deployment.say(&change.replace("PROVIDER", &provider.id))?;
        is_offered(&service, &deployment, &provider, false).await?;
        let answer = citizen.get(callback.as_str()).await?;
        let page = citizen.follow(answer).await?;
        ensure!(page.status >= 400, "{change}: {}", page.status);
        ensure!(page.url.host_str() == Some("localhost"), "{}", page.url);
        must_be_nobody(&citizen).context(change)?;
        let asked = provider.requests();
        ensure!(
            !asked[asked_before..].contains(&"token".to_owned()),
            "{change}: the code was sent on: {asked:?}"
        );
        // The way on is there: another account, in the same login.
        let choice = page.url.join(&format!("{}?other=yes", page.url.path()))?;
        citizen
            .visit(choice.as_str())
            .choose(&there.button())
            .await?;
        let view = citizen.look().await?;
        let answer = format!("/callback/{}", there.id);
        ensure!(view.url.path() == answer, "{change}: {view}");
    }
    Ok(())
}

/// Neither a hint, however it is spelt, nor a forced choice leads there.
async fn must_not_be_reached(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
) -> Result<()> {
    for hint in ["idp_hint", "kc_idp_hint"] {
        let attempt = service.attempt(&deployment.issuer)?;
        let mut citizen = service.citizen();
        let view = citizen
            .visit(&attempt.with(hint, &provider.id).url())
            .await?;
        ensure!(view.url.path().ends_with("/provider"), "{hint}: {view}");
        let forced = force(&mut citizen, provider).await?;
        must_be_refused(&forced, &[403]);
        must_be_nobody(&citizen)?;
    }
    Ok(())
}

/// Sends the form of the choice with a provider that has no button on it.
async fn force(citizen: &mut HttpCitizen, provider: &MockProvider) -> Result<Page> {
    let forms = citizen.page()?.document().forms();
    let form = forms.iter().find(|form| form.action.ends_with("/provider"));
    let values = [("provider".to_owned(), provider.id.clone())];
    let form = form.context("no form of providers")?;
    citizen.submit(form, None, &values).await
}

/// Walks until the provider sends the browser back, and not further.
async fn depart(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
) -> Result<(HttpCitizen, Url)> {
    let back = format!("{}/callback/", deployment.issuer);
    let mut citizen = HttpCitizen::new().stopping_at(&back);
    let attempt = service.attempt(&deployment.issuer)?;
    let view = citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    ensure!(view.url.as_str().starts_with(&back), "{view}");
    Ok((citizen, view.url))
}

/// The same answer as if `provider` had given it.
fn at_the_address_of(callback: &Url, provider: &MockProvider) -> Result<Url> {
    let mut unsolicited = callback.join(&format!("/callback/{}", provider.id))?;
    for (name, value) in callback.query_pairs() {
        let issuer = provider.issuer.as_str();
        let value = if name == "iss" { issuer } else { &value };
        unsolicited.query_pairs_mut().append_pair(&name, value);
    }
    Ok(unsolicited)
}

/// The hub looked at what it publishes, and nobody was sent there nor any code.
fn must_not_have_been_used(provider: &MockProvider) -> Result<()> {
    let asked = provider.requests();
    let published = |it: &String| it == "discovery" || it == "jwks";
    ensure!(asked.iter().all(published), "{asked:?}");
    Ok(())
}

fn must_be_nobody(citizen: &HttpCitizen) -> Result<()> {
    let is_signed_in = citizen.cookies().iter().any(|(name, _)| name == SESSION);
    ensure!(!is_signed_in, "somebody is signed in");
    Ok(())
}

/// Waits until newcomers are offered the provider, or are not any more.
async fn is_offered(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
    offered: bool,
) -> Result<()> {
    wait::until("the page to show the change", async || {
        let attempt = service.attempt(&deployment.issuer).ok()?;
        let view = service.citizen().visit(&attempt.url()).await.ok()?;
        let page = view.document();
        let button = page.by_id(&format!("provider-{}", provider.id));
        let is = button.is_some_and(|button| button.attribute("disabled").is_none());
        (is == offered).then_some(())
    })
    .await
}
