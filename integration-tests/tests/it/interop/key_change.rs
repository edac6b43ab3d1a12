//! A rotation of the signing keys under running clients: nobody is signed out, nobody is refused.

use anyhow::{Context as _, Result};
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::header_of;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient, wait};
use serde_json::{Value, json};

use super::deployment::{Deployment, bare, sign_in, told};

#[tokio::test]
async fn keys_rotate_under_running_clients() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("rotating");
    let caching = Registration::new("caching", json!({}))?;
    let refetching = Registration::for_apache("refetching", json!({}))?;
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.clients.push(caching.metadata());
    deployment.clients.push(refetching.metadata());
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;
    // Each reads the keys once, now.
    let caching = RelyingParty::start(Library::OpenidClient, &caching, &issuer).await?;
    let apache = RelyingParty::start_apache(&refetching, &issuer).await?;
    enter(&format!("{}/login", caching.address), &provider).await?;
    enter(
        &format!("{}/protected/index.html", apache.address),
        &provider,
    )
    .await?;
    let before = sign_in(&service, &issuer, &provider).await?;
    let old = kid_of(before.tokens.text("id_token"))?;
    assert_eq!(
        stages(&deployment)?,
        [
            ("current", old.clone()),
            ("next", stage(&deployment, "next")?)
        ]
    );

    let next = stage(&deployment, "next")?;
    deployment.say("keys rotate --alg ES256")?;
    published(&deployment, &stage(&deployment, "next")?).await?;
    let after = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(kid_of(after.tokens.text("id_token"))?, next);
    assert_eq!(stage(&deployment, "previous")?, old);
    let keys = jwks(&issuer).await?;
    for stage_name in ["next", "current", "previous"] {
        assert!(
            keys.contains(&stage(&deployment, stage_name)?),
            "{stage_name}"
        );
    }

    // Who cached the keys before has the new one among them.
    enter(&format!("{}/login", caching.address), &provider).await?;

    // An ID token of the old key still says whose session is to end.
    let mut citizen = before.citizen.stopping_at("https://rotating.example/");
    let out = format!(
        "{issuer}/session/end?id_token_hint={}&post_logout_redirect_uri=https://rotating.example/",
        before.tokens.text("id_token")
    );
    let view = citizen.visit(&out).await?;
    assert_eq!(bare(view.url.as_str()), "https://rotating.example/");

    // Rotated once more, the key that signs is one that nobody cached: it is fetched.
    deployment.say("keys rotate --alg ES256")?;
    published(&deployment, &stage(&deployment, "next")?).await?;
    enter(
        &format!("{}/protected/index.html", apache.address),
        &provider,
    )
    .await?;
    let last = sign_in(&service, &issuer, &provider).await?;
    let last = kid_of(last.tokens.text("id_token"))?;
    assert!(last != old && last != next, "the third key signs");
    deployment.say("ledger verify")?;
    Ok(())
}

#[tokio::test]
async fn a_revoked_key_leaves_the_published_set_and_what_it_signed_is_believed_no_more()
-> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("revoking");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;
    let before = sign_in(&service, &issuer, &provider).await?;
    let revoked = kid_of(before.tokens.text("id_token"))?;
    let next = stage(&deployment, "next")?;

    deployment.say(&format!("keys revoke {revoked}"))?;
    withdrawn(&deployment, &revoked).await?;

    let after = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(kid_of(after.tokens.text("id_token"))?, next);
    let out = format!(
        "{issuer}/session/end?id_token_hint={}&post_logout_redirect_uri=https://revoking.example/",
        before.tokens.text("id_token")
    );
    let mut citizen = before.citizen.stopping_at("https://revoking.example/");
    let view = citizen.visit(&out).await?;
    assert_ne!(bare(view.url.as_str()), "https://revoking.example/");

    let again = deployment.command(&format!("keys revoke {revoked}"))?;
    assert_eq!(again.status.code(), Some(1), "{}", told(&again));
    deployment.say("ledger verify")?;
    Ok(())
}

/// A newcomer signs in at a service on a stock library.
pub(super) async fn enter(address: &str, provider: &MockProvider) -> Result<()> {
    let mut citizen = HttpCitizen::new();
    let journey = citizen.visit(address).choose(&provider.button());
    let view = journey.press(Control::Id("accept")).land().await?;
    if let Ok(shown) = details(&view) {
        anyhow::ensure!(shown["userinfo"]["family_name"] == "QUELQUUN", "{view}");
    }
    anyhow::ensure!(view.shown("outcome")? == "signed in", "{view}");
    Ok(())
}

/// Waits until the node publishes this key no more.
pub(super) async fn withdrawn(deployment: &Deployment, kid: &str) -> Result<()> {
    let issuer = &deployment.issuer;
    wait::until("the node to follow the revocation", async || {
        let keys = jwks(issuer).await.ok()?;
        keys.iter().all(|key| key != kid).then_some(())
    })
    .await
}

/// Waits until the node publishes this key.
pub(super) async fn published(deployment: &Deployment, kid: &str) -> Result<()> {
    let issuer = &deployment.issuer;
    wait::until("the node to follow the rotation", async || {
        let keys = jwks(issuer).await.ok()?;
        keys.iter().any(|key| key == kid).then_some(())
    })
    .await
}

/// The names of the keys that the node publishes.
async fn jwks(issuer: &str) -> Result<Vec<String>> {
    let set: Value = plain_client()
        .get(format!("{issuer}/jwks"))
        .send()
        .await?
        .json()
        .await?;
    let keys = set["keys"].as_array().context("no keys")?.iter();
    Ok(keys
        .filter_map(|key| key["kid"].as_str().map(str::to_owned))
        .collect())
}

/// The ES256 keys and their stages, as the command line lists them.
fn stages(deployment: &Deployment) -> Result<Vec<(&'static str, String)>> {
    let listed: Value = serde_json::from_str(&deployment.say("keys list -o json")?)?;
    let keys = listed.as_array().context("not a list")?;
    let mut stages = Vec::new();
    for name in ["current", "next", "previous"] {
        let key = keys
            .iter()
            .find(|key| key["alg"] == "ES256" && key["stage"] == name);
        if let Some(kid) = key.and_then(|key| key["kid"].as_str()) {
            stages.push((name, kid.to_owned()));
        }
    }
    Ok(stages)
}

pub(super) fn stage(deployment: &Deployment, name: &str) -> Result<String> {
    let stages = stages(deployment)?;
    let found = stages.into_iter().find(|(stage, _)| *stage == name);
    Ok(found.with_context(|| format!("no {name} key"))?.1)
}

fn kid_of(token: &str) -> Result<String> {
    let header = header_of(token)?;
    Ok(header["kid"].as_str().context("no kid")?.to_owned())
}
