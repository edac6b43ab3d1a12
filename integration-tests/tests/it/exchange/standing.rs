//! What a citizen lets a service fetch again and again, they take back in their account.

use anyhow::{Context as _, Result};
use guichet_integration_tests::Demo;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::evidence_peers::{Party, held_against_description};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::peers::details;
use guichet_integration_tests::{Hands as _, controls};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::walk::Walk;
use crate::login::{COMPTE_CITOYEN, must_read};

#[tokio::test]
async fn what_was_granted_for_a_year_ends_at_the_press_of_a_button() -> Result<()> {
    let town = Party::new("ville")?;
    let right = json!({
        "evidence_type": "quotient-familial", "fields": ["tranche"], "purposes": ["tarif-cantine"],
    });
    let guests = Guests {
        clients: vec![town.service(&right)],
        ..Guests::default()
    };
    let demo = Demo::with(guests).await?;
    let _service = town.serve_as_service(&demo.cast.hub).await?;
    let mut walk = Walk::in_cast(demo, "fr").await?;

    let wanted = json!([{
        "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
        "usage": "recurring", "frequency_days": 30, "max_pulls": 10, "retention_days": 90,
    }]);
    let wanted: String = byte_serialize(wanted.to_string().as_bytes()).collect();
    let ask = format!("{}/login?authorization_details={wanted}", town.address);
    let journey = walk.browser.visit(&ask).choose(COMPTE_CITOYEN);
    journey.as_citizen(&CAMILLE).press(controls::AGREE).await?;
    let asked = walk.look().await?;
    must_read(
        &asked,
        "Au plus une fois tous les 30 jours, 10 fois en tout",
    )?;
    must_read(&asked, "90 jours")?;
    let seen = walk.look_for_the_first_time().await?;
    assert_eq!(seen.shown("field.tranche-value")?, "B", "{seen}");
    walk.browser.here().press(Control::Id("send")).await?;
    let granted = details(&walk.browser.look().await?)?["granted"][0].clone();
    assert_eq!(granted["usage"], "recurring", "{granted}");

    // A stock client, and a data provider on our kit: neither says what is not described.
    let told = fetched(&mut walk, &town).await?;
    let fields = &told["evidence"][0]["claims"]["fields"];
    assert_eq!(*fields, json!({ "tranche": "B" }), "{told}");
    let hub = &walk.demo.cast.hub;
    let verdict = held_against_description(
        &json!({ "issuer": hub, "exchanges": told["exchanges"], "claims": [] }),
    )?;
    assert_eq!(verdict["faults"], json!([]), "{verdict:#}");
    let told = fetched(&mut walk, &town).await?;
    assert_eq!(refusal(&told), TOO_SOON, "{told}");

    let list = walk.account().await?;
    must_read(&list, "1 sur 10 au plus")?;
    let end = format!("end-{}", granted["grant_id"].as_str().context("no grant")?);
    walk.browser.press(&Control::Id(&end)).await?;
    let list = walk.look().await?;
    must_read(&list, "Vous y avez mis fin le")?;
    assert!(
        list.document().by_id(&end).is_none(),
        "it has ended: {list}"
    );
    let told = fetched(&mut walk, &town).await?;
    assert_eq!(told["evidence"][0]["refused_by"], "hub", "{told}");
    assert_ne!(refusal(&told), TOO_SOON, "{told}");
    Ok(())
}

/// The service fetches what it was granted.
async fn fetched(walk: &mut Walk, town: &Party) -> Result<Value> {
    walk.browser
        .open(&format!("{}/fetch", town.address))
        .await?;
    details(&walk.browser.look().await?)
}

fn refusal(told: &Value) -> &str {
    let description = &told["evidence"][0]["error_description"];
    description.as_str().unwrap_or_default()
}

const TOO_SOON: &str = "the evidence was fetched a short while ago";
