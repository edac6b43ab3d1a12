//! A data provider that is down, slow, answers twice, or dies between release and delivery: the citizen reads it, the
//! service may try again, and one release is one delivery.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::by_hand::{evidence_request, sha256, text_digest};
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::someone;
use serde_json::{Value, json};

use super::hands::{Table, held_in, quotient};
use super::scene::{Scene, look, send};
use crate::login::{must_not_read, must_read};

fn file() -> Value {
    json!({ "quotient": 620, "enfants": 2, "tranche": "B" })
}

#[tokio::test]
async fn one_that_is_down_or_slow_is_told_to_the_citizen_and_tried_again() -> Result<()> {
    let mut scene = Scene::set().await?;
    scene.link(&file()).await?;
    // It was asked before: its keys are known.
    let mut before = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    look(&mut before).await?;
    let mut citizen = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    scene.holder.kill()?;
    let without = look(&mut citizen).await?;
    must_read(&without, "L’administration ne répond pas")?;
    must_read(&without, "Caisse Famille ne répond pas pour le moment")?;
    must_read(&without, "vous pouvez toujours envoyer un document")?;
    scene.serve_holder_again().await?;
    scene.mood("several")?;
    let several = citizen.here().press(Control::Id("again")).await?;
    must_read(&several, "Vous n’avez pas pu être identifié avec certitude")?;
    must_read(&several, "ne choisit pas au hasard")?;
    scene.mood("slow")?;
    let slow = citizen.here().press(Control::Id("again")).await?;
    must_read(&slow, "L’administration ne répond pas")?;
    scene.mood("")?;
    let seen = citizen.here().press(Control::Id("again")).await?;
    assert_eq!(seen.shown("field.quotient-value")?, "620", "{seen}");
    send(&mut citizen).await?;

    // Nothing was counted of what did not arrive.
    scene.holder.kill()?;
    let nothing = scene.fetched().await?;
    assert_eq!(
        nothing["evidence"][0]["refused_by"], "data provider",
        "{nothing}"
    );
    scene.serve_holder_again().await?;
    let fetched = scene.fetched().await?;
    assert_eq!(
        fetched["evidence"][0]["claims"]["fields"],
        json!({ "quotient": 620 })
    );
    Ok(())
}

#[tokio::test]
async fn what_a_data_provider_released_and_took_to_its_grave_is_fetched_again_and_counted_once()
-> Result<()> {
    let mut scene = Scene::set().await?;
    scene.link(&file()).await?;
    let mut citizen = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    look(&mut citizen).await?;
    let granted = send(&mut citizen).await?;
    scene.mood("mortal")?;
    let nothing = scene.fetched().await?;
    assert_eq!(
        nothing["evidence"][0]["refused_by"], "data provider",
        "{nothing}"
    );
    let exchange = granted[0]["grant_id"].as_str().context("no grant")?;
    let grant = |held: Value| held["grants"][exchange].clone();
    assert_eq!(
        grant(held_in(&scene.deployment)?)["pulls"],
        1,
        "it was released"
    );

    scene.mood("")?;
    scene.serve_holder_again().await?;
    let fetched = scene.fetched().await?;
    assert_eq!(
        fetched["evidence"][0]["claims"]["fields"],
        json!({ "quotient": 620 })
    );
    scene.said_at_the_holder().await?;
    let grant = grant(held_in(&scene.deployment)?);
    assert_eq!(
        (&grant["pulls"], &grant["confirmed"]),
        (&json!(1), &json!(1)),
        "{grant}"
    );
    let again = scene.fetched().await?;
    assert_eq!(again["evidence"][0]["error"], "invalid_grant", "{again}");
    Ok(())
}

#[tokio::test]
async fn one_that_answers_twice_releases_once_and_confirms_one_envelope() -> Result<()> {
    let table = Table::set().await?;
    let (_, granted) = table.granted(&table.town, &quotient()).await?;
    let body = evidence_request(&granted.details[0])?;
    let voucher = table.town.voucher_for(&granted, &body).await?;
    // Two of its nodes at once, with one voucher.
    let (one, other) = tokio::join!(table.family.spend(&voucher), table.family.spend(&voucher));
    let (one, other) = (one?.json, other?.json);
    let is_good = |it: &Value| it["active"] == true;
    ensure!(is_good(&one) != is_good(&other), "{one} {other}");
    let spent = if is_good(&one) { one } else { other };

    for (envelope, status) in [("first", 204), ("first", 204), ("second", 400)] {
        let noted = table.released(&spent, envelope).await?;
        assert_eq!(noted.status, status, "{envelope}: {}", noted.body);
    }
    // The service got the second, and says so: it is seen that the two do not match.
    let received = table.received(&granted, &spent, "second").await?;
    assert_eq!(received.status, 204, "{}", received.body);
    let held = table.held()?;
    assert_eq!(held["grants"][granted.grant_id()]["confirmed"], Value::Null);
    let kinds = table.kinds(granted.grant_id())?;
    let of = |kind| kinds.iter().filter(|it| *it == kind).count();
    assert_eq!((of("evidence.released"), of("evidence.delivered")), (1, 2));

    // Nobody confirms what was never released, or by a voucher of somebody else's exchange.
    let (_, other) = table.granted(&table.town, &quotient()).await?;
    let jti = spent["jti"].as_str().unwrap_or_default();
    for (grant, voucher) in [
        (granted.grant_id(), "an invention"),
        (other.grant_id(), jti),
    ] {
        let half = json!({
            "grant_id": grant, "half": "received", "voucher": sha256(voucher),
            "digest": text_digest("e.n.v"),
        });
        let refused = table.town.confirm(&half).await?;
        assert_eq!(refused.error(), "invalid_request", "{}", refused.body);
    }
    Ok(())
}

#[tokio::test]
async fn nobody_who_signs_in_elsewhere_is_shown_in_a_citizens_place() -> Result<()> {
    let scene = Scene::set().await?;
    let mut citizen = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    must_read(&look(&mut citizen).await?, "Aucune information à votre nom")?;
    // Somebody else makes themselves known at the data provider meanwhile.
    let mut other = someone();
    other["sub"] = "mock-other".into();
    other["given_name"] = "Paule".into();
    scene.provider.present(other);
    scene.link(&file()).await?;
    let still = citizen.here().press(Control::Id("again")).await?;
    must_read(&still, "Aucune information à votre nom")?;
    must_not_read(&still, "620")?;

    // And whoever takes the browser over while a page is open decides nothing on it.
    scene.provider.present(someone());
    scene.link(&file()).await?;
    let seen = citizen.here().press(Control::Id("again")).await?;
    assert_eq!(seen.shown("field.quotient-value")?, "620", "{seen}");
    let page = citizen.page()?.clone();
    citizen
        .open(&format!("{}/session/end", scene.issuer))
        .await?;
    citizen.here().press(CONFIRM_SIGN_OUT).await?;
    citizen.stand_on(page);
    let refused = citizen.here().press(Control::Id("send")).await?;
    assert_eq!(refused.status, Some(403), "{refused}");
    must_not_read(&refused, "620")?;
    let held = held_in(&scene.deployment)?;
    assert_eq!(held["grants"], json!({}), "nothing was decided");
    Ok(())
}
