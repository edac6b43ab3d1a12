//! Signing keys in a PKCS#11 token, from the first start to an emergency: services on a stock library, which checks
//! every signature, notice nothing.

use anyhow::Result;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty};
use guichet_integration_tests::{MockProvider, SoftHsm, wait};
use serde_json::{Value, json};

use super::deployment::{Deployment, told};
use super::key_change::{enter, published, stage, withdrawn};

#[tokio::test]
async fn a_node_signs_with_keys_that_a_token_makes_and_changes_them_there() -> Result<()> {
    let token = SoftHsm::new()?;
    let provider = MockProvider::start("mock").await?;
    let elliptic = Registration::new("elliptic", json!({}))?;
    let rsa = json!({ "id_token_signed_response_alg": "RS256" });
    let rsa = Registration::new("rsa", rsa)?;
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.clients = vec![elliptic.metadata(), rsa.metadata()];
    deployment.further = token.settings()?;
    deployment.environment = token.environment();
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;

    assert_eq!(places(&deployment, "ES256")?, ["token"]);
    assert_eq!(places(&deployment, "RS256")?, ["token"]);
    assert_eq!(places(&deployment, "RSA-OAEP-256")?, ["file"]);
    // The node makes it once it serves; what a service caches is to have it.
    published(&deployment, &next_rsa(&deployment).await?).await?;
    let (mut services, mut running) = (Vec::new(), Vec::new());
    for registration in [&elliptic, &rsa] {
        let service = RelyingParty::start(Library::OpenidClient, registration, &issuer).await?;
        let address = format!("{}/login", service.address);
        enter(&address, &provider).await?;
        services.push(address);
        running.push(service);
    }

    deployment.say("keys rotate --alg RS256")?;
    published(&deployment, &next_rsa(&deployment).await?).await?;
    let current = stage(&deployment, "current")?;
    deployment.say(&format!("keys revoke {current}"))?;
    withdrawn(&deployment, &current).await?;

    for service in &services {
        enter(service, &provider).await?;
    }
    assert_eq!(places(&deployment, "ES256")?, ["token"]);
    assert_eq!(places(&deployment, "RS256")?, ["token"]);
    deployment.say("ledger verify")?;
    Ok(())
}

#[tokio::test]
async fn a_token_that_cannot_be_used_stops_the_start_and_says_why() -> Result<()> {
    let token = SoftHsm::new()?;
    let mut deployment = Deployment::new(&[], &[])?;
    deployment.further = token.settings()?;
    let output = deployment.command("config check")?;
    assert_eq!(output.status.code(), Some(78), "{}", told(&output));
    assert!(
        told(&output).contains("keys.pkcs11.pin"),
        "{}",
        told(&output)
    );

    deployment.environment = token.environment();
    deployment.further = token.settings()?.replace("\"hub\"", "\"other\"");
    let output = deployment.command("serve")?;
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(
        told(&output).contains("no token has this label"),
        "{}",
        told(&output)
    );
    Ok(())
}

/// The RSA key that is to sign next.
async fn next_rsa(deployment: &Deployment) -> Result<String> {
    wait::until("the next RSA key", async || {
        let keys = listed(deployment).ok()?;
        let is_next = |key: &&Value| key["alg"] == "RS256" && key["stage"] == "next";
        let kid = keys.iter().find(is_next)?["kid"].as_str();
        kid.map(str::to_owned)
    })
    .await
}

/// Where the keys of the issuer for `alg` are, each place once.
fn places(deployment: &Deployment, alg: &str) -> Result<Vec<String>> {
    let mut places: Vec<String> = listed(deployment)?
        .iter()
        .filter(|key| key["alg"] == alg && key["ring"] != "client-ring")
        .filter_map(|key| key["place"].as_str().map(str::to_owned))
        .collect();
    places.dedup();
    Ok(places)
}

fn listed(deployment: &Deployment) -> Result<Vec<Value>> {
    Ok(serde_json::from_str(&deployment.say("keys list -o json")?)?)
}
