//! Providers that fail, each in a way of its own: a page with a way on, in time, and a login that goes on once
//! the provider is back.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::mock_provider::Endpoint;
use guichet_integration_tests::{Hands as _, HttpCitizen, Mischief, MockProvider, Node, RawClient};

use crate::interop::deployment::{Deployment, finish, sign_in};

/// `egress.timeout` is one second; the rest is the machine's.
const IN_TIME: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_provider_that_hangs_is_given_up_in_time() -> Result<()> {
    goes_on_after(Mischief::Hang, 504).await
}

#[tokio::test]
async fn a_provider_that_answers_garbage_is_not_believed() -> Result<()> {
    goes_on_after(Mischief::Garbage, 502).await
}

#[tokio::test]
async fn a_provider_behind_a_captive_portal_is_not_believed() -> Result<()> {
    goes_on_after(Mischief::Page, 502).await
}

#[tokio::test]
async fn a_provider_that_hangs_up_is_survived() -> Result<()> {
    goes_on_after(Mischief::Close, 502).await
}

#[tokio::test]
async fn a_provider_that_fails_is_survived() -> Result<()> {
    goes_on_after(Mischief::Fail, 502).await
}

#[tokio::test]
async fn a_provider_that_never_stops_talking_is_cut_off() -> Result<()> {
    goes_on_after(Mischief::Flood, 502).await
}

#[tokio::test]
async fn a_provider_that_is_not_there_leads_back_to_the_choice() -> Result<()> {
    let gone = MockProvider::start("gone").await?;
    let there = MockProvider::start("there").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&gone, &there])?;
    let button = gone.button();
    drop(gone);
    let _node = deployment.start().await?;
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    let view = citizen.visit(&attempt.url()).choose(&button).await?;
    leads_on(&view, 502)?;
    citizen.here().choose(&there.button()).agree().await?;
    finish(&service, &deployment.issuer, citizen, &attempt).await?;
    Ok(())
}

#[tokio::test]
async fn whoever_signs_out_while_their_provider_is_down_is_signed_out_and_told_where_they_are_not()
-> Result<()> {
    let service = RawClient::new("service");
    for hangs in [false, true] {
        let provider = MockProvider::start("mock").await?;
        let mut deployment = Deployment::new(&[&service], &[&provider])?;
        deployment.patience = "1s";
        let node = deployment.start().await?;
        let signed_in = sign_in(&service, &deployment.issuer, &provider).await?;
        let button = provider.button();
        // Either it takes the call and never answers, or nobody is there.
        provider.misbehave(Mischief::Hang(Endpoint::Discovery));
        let gone = if hangs {
            Some(provider)
        } else {
            drop(provider);
            None
        };

        let home = "https://service.example/";
        let id_token = signed_in.tokens.text("id_token");
        let out = format!(
            "{}/session/end?id_token_hint={id_token}&post_logout_redirect_uri={home}&state=s-1",
            deployment.issuer
        );
        let mut citizen = signed_in.citizen.stopping_at(home);
        let start = Instant::now();
        let told = citizen.visit(&out).await?;
        ensure!(start.elapsed() < IN_TIME, "after {:?}", start.elapsed());
        ensure!(told.status == Some(200), "{told}");
        ensure!(told.text().contains(&button), "which one it is: {told}");
        let back = told.document();
        let back = back.by_tag("a").find_map(|link| {
            let to = link.attribute("href")?;
            to.starts_with(home).then(|| to.to_owned())
        });
        let back = back.with_context(|| format!("no way back: {told}"))?;
        ensure!(back.contains("state=s-1"), "{back}");

        let token = signed_in.tokens.text("access_token");
        let userinfo = service.userinfo(&deployment.issuer, token).await?;
        ensure!(userinfo.status == 401, "{}", userinfo.body);
        let again = service.attempt(&deployment.issuer)?.with("prompt", "none");
        let view = citizen
            .stopping_at("https://service.example/")
            .visit(&again.url())
            .await?;
        ensure!(view.url.as_str().contains("error=login_required"), "{view}");
        let log = node.process.log();
        ensure!(!log.contains("panicked"), "{log}");
        drop(gone);
    }
    Ok(())
}

/// One provider for each endpoint, which fails there in this way; all are tried at once.
async fn goes_on_after(mischief: fn(Endpoint) -> Mischief, status: u16) -> Result<()> {
    let mut failing = Vec::new();
    for endpoint in [
        Endpoint::Discovery,
        Endpoint::Jwks,
        Endpoint::Token,
        Endpoint::Userinfo,
    ] {
        let name = format!("{endpoint:?}").to_lowercase();
        let provider = MockProvider::start(&name).await?;
        provider.misbehave(mischief(endpoint));
        failing.push(provider);
    }
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &failing.iter().collect::<Vec<_>>())?;
    deployment.patience = "1s";
    let node = deployment.start().await?;
    let trials = failing
        .iter()
        .map(|provider| try_out(&service, &deployment, provider, status));
    try_join_all(trials).await?;
    still_serves(&node, &service, &deployment, &failing).await
}

async fn try_out(
    service: &RawClient,
    deployment: &Deployment,
    provider: &MockProvider,
    status: u16,
) -> Result<()> {
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    citizen.visit(&attempt.url()).await?;
    let start = Instant::now();
    let view = citizen.here().choose(&provider.button()).await?;
    let took = start.elapsed();
    ensure!(took < IN_TIME, "{}: a page after {took:?}", provider.id);
    leads_on(&view, status).with_context(|| provider.id.clone())?;

    // Well again, the same button of the same page leads to the service.
    provider.misbehave(Mischief::None);
    let journey = citizen.here().choose(&provider.button());
    journey.agree().await.with_context(|| provider.id.clone())?;
    let signed_in = finish(service, &deployment.issuer, citizen, &attempt).await?;
    ensure!(signed_in.userinfo.text("family_name") == "QUELQUUN");
    Ok(())
}

/// The choice again, with what happened in a banner, every provider, and the way back to the service.
fn leads_on(view: &View, status: u16) -> Result<()> {
    ensure!(view.status == Some(status), "{view}");
    ensure!(view.html.contains("alert-warning"), "no banner: {view}");
    let forms = view.document().forms();
    let has = |id: &str| {
        forms
            .iter()
            .any(|form| form.button(&Control::Id(id)).is_some())
    };
    ensure!(has("abandon"), "no way back to the service: {view}");
    Ok(())
}

/// The node itself took no harm: the same process, a new citizen, any of the providers.
async fn still_serves(
    node: &Node,
    service: &RawClient,
    deployment: &Deployment,
    providers: &[MockProvider],
) -> Result<()> {
    let provider = providers.first().context("no provider")?;
    sign_in(service, &deployment.issuer, provider).await?;
    let log = node.process.log();
    ensure!(!log.contains("panicked"), "{log}");
    let page = HttpCitizen::new()
        .get(&format!("{}/readyz", deployment.management()))
        .await?;
    ensure!(page.status == 200, "{}", page.body);
    Ok(())
}
