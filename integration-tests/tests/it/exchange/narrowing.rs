//! Fields that a citizen takes away from what a service may fetch: gone at once, told to both sides, and the
//! receipt says what is left.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Hands as _, HttpCitizen};
use serde_json::json;

use super::scene::{Scene, look, send};
use crate::login::{must_not_read, must_read};

#[tokio::test]
async fn fields_that_are_taken_away_are_gone_at_once_and_the_receipt_says_so() -> Result<()> {
    let scene = Scene::set().await?;
    scene
        .link(&json!({ "quotient": 620, "enfants": 2 }))
        .await?;
    let mut citizen = scene
        .asked(&json!({ "fields": ["quotient", "enfants"] }))
        .await?;
    look(&mut citizen).await?;
    let granted = send(&mut citizen).await?;
    let exchange = granted[0]["grant_id"].as_str().context("no grant")?;
    let (data, change) = (
        format!("{}/account/data", scene.issuer),
        format!("change-{exchange}"),
    );
    citizen.open(&data).await?;
    must_read(&citizen.look().await?, "Enfants à charge")?;
    citizen.press(&Control::Id(&change)).await?;
    must_read(&citizen.look().await?, "Décochez ce que")?;

    // Nothing taken away, or everything: neither is a change.
    let form = citizen.page()?.form()?;
    let same = citizen.clone().submit(&form, None, &[]).await?;
    ensure!(
        same.status == 422 && same.body.contains("Rien n’est décoché"),
        "{}",
        same.body
    );
    let mut nothing = form.clone();
    nothing.fields.retain(|(name, _)| name == "csrf");
    let none = citizen.clone().submit(&nothing, None, &[]).await?;
    ensure!(
        none.status == 422 && none.body.contains("Tout est décoché"),
        "{}",
        none.body
    );

    let mut less = form.clone();
    less.fields.retain(|(name, _)| name != "field-enfants");
    ensure!(less.fields.len() + 1 == form.fields.len(), "{form:?}");
    let done = citizen.submit(&less, None, &[]).await?;
    assert_eq!(done.status, 303, "{}", done.body);
    let list = citizen.visit(&data).await?;
    must_not_read(&list, "Enfants à charge")?;
    ensure!(!list.html.contains(&change), "one field is left: {list}");
    // What was taken away does not come back by asking for it.
    let more = citizen.clone().submit(&form, None, &[]).await?;
    assert_eq!(more.status, 422, "{}", more.body);

    let fetched = scene.fetched_only("quotient").await?.to_string();
    ensure!(fetched.contains("620"), "{fetched}");
    ensure!(!fetched.contains("enfants\":2"), "{fetched}");
    let receipt = scene.receipt(&mut citizen, exchange).await?;
    let mut everybody = HttpCitizen::new();
    everybody
        .open(&format!("{}/receipts/verify", scene.issuer))
        .await?;
    everybody.fill("receipt", &receipt).await?;
    everybody.press(&Control::Id("receipt-verify")).await?;
    must_read(&everybody.look().await?, "Ce reçu est authentique")?;
    let history = citizen
        .visit(&format!("{}/account/history", scene.issuer))
        .await?;
    must_read(&history, "Vous avez retiré des informations d’un accord")
}
