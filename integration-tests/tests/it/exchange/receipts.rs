//! What a citizen can prove, to somebody who has the documentation and RFC 9162 alone.

use anyhow::{Context as _, Result};
use guichet_integration_tests::evidence_peers::verified_receipt;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::keys::{base64url, claims_of};
use guichet_integration_tests::wait;
use serde_json::json;

use super::scene::{Scene, look, send};

/// A value that no hash spells by chance.
const QUOTIENT: i64 = 98_765_432_101;

#[tokio::test]
async fn a_receipt_is_proven_by_a_stranger_while_the_log_grows_and_the_keys_rotate() -> Result<()> {
    let scene = Scene::set().await?;
    scene
        .link(&json!({ "quotient": QUOTIENT, "enfants": 2 }))
        .await?;
    let mut citizen = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    look(&mut citizen).await?;
    let granted = send(&mut citizen).await?;
    let exchange = granted[0]["grant_id"].as_str().context("no grant")?;
    let receipt = scene.receipt(&mut citizen, exchange).await?;

    let covered = size_of(&scene).await?;
    scene.fetched().await?;
    scene.rotate_keys()?;
    wait::until("a longer log", async || {
        let size = size_of(&scene).await.ok()?;
        (size > covered).then_some(())
    })
    .await?;
    let said = verified_receipt(&scene.issuer, &receipt)?;
    assert_eq!(said["exchange"], exchange, "{said}");
    assert_eq!(said["outcome"], "sent", "{said}");
    assert_eq!(said["granted"][0]["id"], "quotient", "{said}");
    assert_ne!(said["grown_by"], 0, "{said}");
    // Neither the value nor a name of the citizen.
    for secret in [&*QUOTIENT.to_string(), "QUELQUUN", "mock-someone"] {
        assert!(!said.to_string().contains(secret), "{said}");
    }

    // Signed or not, another receipt than this one is none.
    let mut claims = claims_of(&receipt)?;
    claims["granted"][0]["id"] = "enfants".into();
    let parts: Vec<&str> = receipt.split('.').collect();
    let forged = [
        parts[0],
        &base64url(claims.to_string().as_bytes()),
        parts[2],
    ]
    .join(".");
    let verdict = verified_receipt(&scene.issuer, &forged);
    let complaint = verdict.map_or_else(|error| error.to_string(), |_| "it holds".to_owned());
    assert!(complaint.contains("BadSignature"), "{complaint}");
    Ok(())
}

/// How many entries the latest checkpoint covers.
async fn size_of(scene: &Scene) -> Result<u64> {
    let address = format!("{}/exchange/checkpoint", scene.issuer);
    let note = shared_client().get(address).send().await?.text().await?;
    let size = note.lines().nth(1).context("no checkpoint")?;
    Ok(size.parse()?)
}
