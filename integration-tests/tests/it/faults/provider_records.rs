//! Providers added, changed, tried and disabled by an operator while a node serves: no restart, no secret
//! shown, none sent to a new address.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::{Hands as _, MockProvider, RawClient, wait};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, finish, told};

const SECRET: &str = "a secret between hub and mock";

#[tokio::test]
async fn a_provider_comes_changes_and_goes_while_the_node_serves() -> Result<()> {
    let declared = MockProvider::start("declared").await?;
    let added = MockProvider::start("added").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&declared])?;
    let _node = deployment.start().await?;

    let file = deployment.folder().join("added.json");
    fs::write(&file, added.registration().to_string())?;
    deployment.say(&format!("provider add {}", file.display()))?;
    shows(&service, &deployment, &added.button()).await?;
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url()).choose(&added.button());
    journey.agree().await?;
    finish(&service, &deployment.issuer, citizen, &attempt).await?;

    deployment.say("provider set added name=Autrement levels=[\"eidas1\"] acr_map=null")?;
    shows(&service, &deployment, "Autrement").await?;
    let shown = deployment.say("provider show added")?;
    ensure!(!shown.contains(SECRET), "{shown}");
    let shown: Value = serde_json::from_str(&shown)?;
    ensure!(shown["levels"] == json!(["eidas1"]), "{shown}");

    // Who is there already is turned away once the provider is disabled.
    let attempt = service.attempt(&deployment.issuer)?;
    let mut citizen = service.citizen();
    citizen.visit(&attempt.url()).await?;
    deployment.say("provider disable added")?;
    wait::until("newcomers to be offered it no longer", async || {
        let attempt = service.attempt(&deployment.issuer).ok()?;
        let view = service.citizen().visit(&attempt.url()).await.ok()?;
        let page = view.document();
        let is_offered = |id: &str| {
            let button = page.by_id(&format!("provider-{id}"));
            button.is_some_and(|button| button.attribute("disabled").is_none())
        };
        (is_offered("declared") && !is_offered("added")).then_some(())
    })
    .await?;
    let refused = citizen.here().choose("Autrement").await?;
    ensure!(refused.status == Some(403), "{refused}");
    Ok(())
}

#[tokio::test]
async fn a_secret_is_not_sent_to_an_address_it_was_not_given_for() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let attacker = MockProvider::start("attacker").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let _node = deployment.start().await?;

    let line = format!("provider set mock issuer={}", attacker.issuer);
    let refused = deployment.command(&line)?;
    ensure!(refused.status.code() == Some(1), "{}", told(&refused));
    ensure!(
        told(&refused).contains("client_secret"),
        "{}",
        told(&refused)
    );
    let shown: Value = serde_json::from_str(&deployment.say("provider show mock")?)?;
    ensure!(shown["issuer"] == provider.issuer.as_str(), "{shown}");
    ensure!(attacker.requests().is_empty(), "{:?}", attacker.requests());

    for (line, named) in [
        ("provider disable mock", "settings"),
        ("provider set mock colour=blue", "colour"),
        ("provider set mock levels=[]", "levels"),
        ("provider set nobody beta=true", "nobody"),
        ("provider add /nowhere.json", "/nowhere.json"),
        (
            "provider set mock claims_mapping={\"sub\":\"claims.id\"}",
            "claims_mapping",
        ),
        (
            "provider set mock claims_mapping={\"email\":\"claims.all(c,true)\"}",
            "claims_mapping",
        ),
    ] {
        let output = deployment.command(line)?;
        ensure!(!output.status.success(), "{line}");
        ensure!(told(&output).contains(named), "{line}: {}", told(&output));
    }
    Ok(())
}

#[tokio::test]
async fn rules_are_tried_out_with_a_trace_of_each() -> Result<()> {
    let mut provider = MockProvider::start("mock").await?.registration();
    provider["claims_mapping"] = json!({
        "family_name": "claims.sn",
        "email": "claims.mail",
        "acr": "'eidas' + string(claims.loa)",
    });
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[])?;
    deployment.providers = vec![provider];
    let _node = deployment.start().await?;

    let claims = deployment.folder().join("claims.json");
    fs::write(
        &claims,
        json!({"sub": "1", "sn": "MARTIN", "loa": 2, "mail": "a@example.org", "groups": []})
            .to_string(),
    )?;
    let line = format!("provider test mock -o json --claims {}", claims.display());
    let trial: Value = serde_json::from_str(&deployment.say(&line)?)?;
    ensure!(trial["level"] == "eidas2", "{trial}");
    ensure!(trial["claims"]["family_name"] == "MARTIN", "{trial}");
    ensure!(trial["input"]["sn"] == "MARTIN", "{trial}");
    let dropped = trial["dropped"].as_array().context("no list")?;
    ensure!(dropped.contains(&json!("groups")), "{trial}");
    let rules = trial["rules"].as_array().context("no rules")?;
    ensure!(rules.len() == 3 && rules[0]["claim"] == "acr", "{trial}");

    // With claims that lack what a rule wants, it is told which, and the exit says so.
    let failed = deployment.command("provider test mock")?;
    ensure!(failed.status.code() == Some(1), "{}", told(&failed));
    ensure!(
        told(&failed).contains("there is no member sn"),
        "{}",
        told(&failed)
    );
    Ok(())
}

async fn shows(service: &RawClient, deployment: &Deployment, text: &str) -> Result<()> {
    wait::until("the page to show it", async || {
        let attempt = service.attempt(&deployment.issuer).ok()?;
        let view = service.citizen().visit(&attempt.url()).await.ok()?;
        view.html.contains(text).then_some(())
    })
    .await
}
