//! Stores that go away under a node: nothing leaves, a page says so, and the node recovers by itself.

use anyhow::{Context as _, Result};
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::servers::{Postgres, Redis};
use guichet_integration_tests::{Hands as _, MockProvider, RawClient, wait};

use crate::interop::deployment::{Deployment, sign_in};

#[tokio::test]
async fn a_login_without_redis_ends_on_a_page_and_the_next_one_succeeds() -> Result<()> {
    let mut redis = Redis::start().await?;
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.short_lived = redis.url();
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;
    let before = sign_in(&service, &issuer, &provider).await?;
    let attempt = service.attempt(&issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    let consent = journey.choose(&provider.button()).await?;
    assert_eq!(consent.status, Some(200), "{consent}");
    let page = citizen.page()?.clone();

    redis.process.kill()?;
    let view = citizen.here().agree().await?;
    fails_closed(&view, &issuer)?;
    let claims = service
        .userinfo(&issuer, before.tokens.text("access_token"))
        .await?;
    assert!(claims.status >= 500, "{} {}", claims.status, claims.body);
    is_ready(&deployment, false).await?;

    redis.start_again().await?;
    is_ready(&deployment, true).await?;
    // What Redis held is gone with it: the old page says so, a new login goes through.
    citizen.stand_on(page);
    let view = citizen.here().agree().await?;
    assert_eq!(view.status, Some(410), "{view}");
    let claims = service
        .userinfo(&issuer, before.tokens.text("access_token"))
        .await?;
    assert_eq!(claims.status, 401, "{}", claims.body);
    let after = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(after.sub(), before.sub());
    Ok(())
}

#[tokio::test]
async fn no_code_leaves_without_postgres_and_the_node_recovers() -> Result<()> {
    let mut postgres = Postgres::start().await?;
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.durable = postgres.database("hub")?;
    let issuer = deployment.issuer.clone();
    let mut node = deployment.start().await?;
    let before = sign_in(&service, &issuer, &provider).await?;
    let attempt = service.attempt(&issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    let consent = journey.choose(&provider.button()).await?;
    assert_eq!(consent.status, Some(200), "{consent}");

    postgres.crash()?;
    let view = citizen.here().agree().await?;
    fails_closed(&view, &issuer)?;
    // No claims either: their entry could not be written.
    let claims = service
        .userinfo(&issuer, before.tokens.text("access_token"))
        .await?;
    assert!(claims.status >= 500, "{} {}", claims.status, claims.body);
    is_ready(&deployment, false).await?;

    postgres.start_again().await?;
    is_ready(&deployment, true).await?;
    let after = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(after.sub(), before.sub());
    assert!(node.process.terminate().await?.success());
    deployment.say("ledger verify")?;
    Ok(())
}

/// A page of the hub with a reference and a way on, and nothing for the service.
fn fails_closed(view: &guichet_integration_tests::journey::View, issuer: &str) -> Result<()> {
    assert!(view.url.as_str().starts_with(issuer), "a code left: {view}");
    assert!(view.status.is_some_and(|status| status >= 500), "{view}");
    assert!(!view.shown("error-reference")?.is_empty());
    view.document().link("way-back").context("no way on")?;
    Ok(())
}

/// Waits until the node says that it is ready, or that it is not.
async fn is_ready(deployment: &Deployment, ready: bool) -> Result<()> {
    let (client, address) = (
        plain_client(),
        format!("{}/readyz", deployment.management()),
    );
    let expected = if ready { 200 } else { 503 };
    wait::until(&format!("readyz to say {expected}"), async || {
        let answer = client.get(&address).send().await.ok()?;
        (answer.status().as_u16() == expected).then_some(())
    })
    .await
}
