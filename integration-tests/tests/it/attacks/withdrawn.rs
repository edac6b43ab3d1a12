//! A service that takes its registration back, or has it taken, while somebody is under way to it (threat N-07).

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::journey::View;
use guichet_integration_tests::{Hands, HttpCitizen, MockProvider, RawClient};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, finish};

#[tokio::test]
async fn a_service_that_is_no_more_gets_nobody_wherever_they_were_on_the_way() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.further = "[registration]\nenabled = true".to_owned();
    let _node = deployment.start().await?;
    let hub = deployment.issuer.as_str();
    let (service, place) = register(&deployment).await?;

    let attempt = service.attempt(hub)?;
    let mut choosing = service.citizen();
    choosing.visit(&attempt.url()).await?;
    let back = format!("{hub}/callback/");
    let mut away = HttpCitizen::new().stopping_at(&back);
    let journey = away.visit(&service.attempt(hub)?.url());
    let callback = journey.choose(&provider.button()).await?.url;
    let mut consenting = service.citizen();
    let journey = consenting.visit(&service.attempt(hub)?.url());
    journey.choose(&provider.button()).await?;
    let with_code = service.attempt(hub)?;
    let mut arrived = service.citizen();
    let journey = arrived.visit(&with_code.url());
    let view = journey.choose(&provider.button()).agree().await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let served = service.attempt(hub)?;
    let mut signed_in = service.citizen();
    let journey = signed_in.visit(&served.url());
    journey.choose(&provider.button()).agree().await?;
    let signed_in = finish(&service, hub, signed_in, &served).await?;

    withdraw(&place).await?;

    goes_nowhere(&choosing.here().choose(&provider.button()).await?)?;
    let asked = provider.requests().len();
    let answer = away.get(callback.as_str()).await?;
    away.follow(answer).await?;
    goes_nowhere(&away.look().await?)?;
    let asked_since = provider.requests().split_off(asked);
    ensure!(
        !asked_since.contains(&"userinfo".to_owned()),
        "{asked_since:?}"
    );
    goes_nowhere(&consenting.here().agree().await?)?;
    let redeemed = service.redeem(hub, &code, &with_code).await?;
    ensure!(redeemed.error() == "invalid_client", "{}", redeemed.body);
    let token = signed_in.tokens.text("access_token");
    let userinfo = service.userinfo(hub, token).await?;
    ensure!(userinfo.status == 401, "{}", userinfo.body);
    Ok(())
}

/// A page of the hub's that leads to no service that is not there any more.
fn goes_nowhere(view: &View) -> Result<()> {
    let status = view.status.unwrap_or_default();
    ensure!(status >= 400, "{view}");
    ensure!(view.url.host_str() == Some("localhost"), "{view}");
    Ok(())
}

/// A service of its own registration: the address of that, and its token.
async fn register(deployment: &Deployment) -> Result<(RawClient, (String, String))> {
    let leave = deployment.say("client token add agency --uses 1 --valid 1h")?;
    let mut service = RawClient::new("withdrawn");
    let asked = json!({
        "redirect_uris": [service.redirect_uri], "client_name": "Retirée",
        "scope": "openid given_name family_name",
    });
    let address = format!("{}/register", deployment.issuer);
    let request = shared_client().post(address).bearer_auth(leave.trim());
    let answer: Value = request.json(&asked).send().await?.json().await?;
    let text = |member: &str| {
        let value = answer[member].as_str();
        value.map(str::to_owned).with_context(|| answer.to_string())
    };
    service.client_id = text("client_id")?;
    service.client_secret = text("client_secret")?;
    let place = (
        text("registration_client_uri")?,
        text("registration_access_token")?,
    );
    Ok((service, place))
}

async fn withdraw((address, token): &(String, String)) -> Result<()> {
    let request = shared_client().delete(address).bearer_auth(token);
    let answer = request.send().await?;
    ensure!(answer.status() == 204, "{}", answer.status());
    Ok(())
}
