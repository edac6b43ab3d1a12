//! What a service may not ask for, below which level nothing is asked, and what nobody else can do with a voucher.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::by_hand::{evidence_request, text_digest};
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::mock_provider::someone;
use serde_json::{Value, json};

use super::hands::{Table, agree, quotient};
use super::scene::{Scene, look};
use crate::login::must_read;

#[tokio::test]
async fn nothing_is_asked_for_beyond_what_a_service_was_approved_for() -> Result<()> {
    let table = Table::set().await?;
    let with = |change: Value| {
        let mut details = quotient();
        for (name, value) in change.as_object().into_iter().flatten() {
            details[0][name] = value.clone();
        }
        details
    };
    let not_approved = "not approved";
    for (wrong, why) in [
        (json!({ "purpose": "etude-de-credit" }), not_approved),
        (json!({ "fields": ["quotient", "enfants"] }), not_approved),
        // Its right was over years ago.
        (
            json!({
                "evidence_type": "certificat-immatriculation", "purpose": "changement-titulaire",
                "fields": ["modele"],
            }),
            "",
        ),
        (json!({ "evidence_type": "diplome" }), "catalogue"),
        (json!({ "retention_days": 100_000 }), "retention_days"),
        (
            json!({ "usage": "recurring", "max_pulls": 367 }),
            "max_pulls",
        ),
        (json!({ "anything": "else" }), "not known"),
    ] {
        let attempt = table.town.attempt(&with(wrong.clone()))?;
        let end = table.refused(&attempt).await?;
        let said = |name| parameter(&end.url, name).unwrap_or_default();
        assert_eq!(
            said("error"),
            "invalid_authorization_details",
            "{wrong}: {end}"
        );
        let description = said("error_description");
        assert!(description.contains(why), "{wrong}: {description}");
        let mut form: Vec<(&str, &str)> = attempt
            .parameters()
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        form.retain(|(name, _)| *name != "client_id");
        let pushed = table.town.call("/par", &form).await?;
        assert_eq!(
            pushed.error(),
            "invalid_authorization_details",
            "{}",
            pushed.body
        );
    }
    // As it should be, it is asked.
    table.granted(&table.town, &quotient()).await?;
    Ok(())
}

#[tokio::test]
async fn a_sign_in_is_raised_to_the_level_of_what_is_asked_or_ends() -> Result<()> {
    let table = Table::set().await?;
    let income = json!([{
        "type": "evidence", "evidence_type": "revenu-fiscal", "purpose": "aide-sociale", "fields": ["rfr"],
    }]);
    // A session of the lower level is there.
    let (mut citizen, _) = table.granted(&table.town, &quotient()).await?;
    let attempt = table.town.attempt(&income)?;
    citizen.open(&attempt.url()).await?;
    let choice = citizen.look().await?;
    must_read(&choice, &table.provider.button())?;

    // A provider that confirms no more leads nowhere.
    let mut low = citizen.clone();
    let refused = low.here().choose(&table.provider.button()).await?;
    ensure!(
        refused.document().by_id("look").is_none(),
        "asked below its level: {refused}"
    );
    let mut better = someone();
    better["acr"] = "eidas2".into();
    table.provider.present(better);
    let journey = citizen.here().choose(&table.provider.button());
    journey.await?;
    if citizen.look().await?.document().by_id("accept").is_some() {
        citizen.here().agree().await?;
    }
    let view = agree(&mut citizen).await?;
    let granted = table.town.granted(&view, &attempt).await?;
    let spent = table.pulled(&table.taxes, &granted).await?;
    assert_eq!(spent["acr"], "eidas2", "{spent}");
    Ok(())
}

#[tokio::test]
async fn a_voucher_is_good_for_one_data_provider_one_request_one_key_and_one_use() -> Result<()> {
    let table = Table::set().await?;
    let (_, granted) = table.granted(&table.town, &quotient()).await?;
    let body = evidence_request(&granted.details[0])?;
    for wrong in [
        json!({ "audience": "impots" }),
        json!({ "audience": "ecole" }),
        json!({ "grant_id": "AAAAAAAAAAAAAAAAAAAAAA" }),
        json!({ "request_digest": "sha-256:AAAA" }),
        json!({ "request_digest": null }),
    ] {
        let refused = table.town.voucher(&granted, &body, &wrong).await?;
        assert_eq!(refused.status, 400, "{wrong}: {}", refused.body);
    }
    // Another service with this very token gets none.
    let stolen = table.school.voucher(&granted, &body, &json!({})).await?;
    assert!(stolen.status >= 400, "{}", stolen.body);

    let voucher = table.town.voucher_for(&granted, &body).await?;
    for other in [&table.taxes, &table.school, &table.town] {
        let heard = other.spend(&voucher).await?;
        assert_ne!(heard.json["active"], true, "{}", heard.body);
    }
    let heard = table.family.spend(&voucher).await?;
    assert_eq!(heard.json["active"], true, "{}", heard.body);
    assert_eq!(heard.json["request_digest"], text_digest(&body));
    let again = table.family.spend(&voucher).await?;
    assert_eq!(again.json, json!({ "active": false }));
    Ok(())
}

#[tokio::test]
async fn what_is_taken_back_between_voucher_and_release_does_not_leave() -> Result<()> {
    let table = Table::set().await?;
    let (mut citizen, granted) = table.granted(&table.town, &quotient()).await?;
    let body = evidence_request(&granted.details[0])?;
    let voucher = table.town.voucher_for(&granted, &body).await?;
    table.take_back(&mut citizen, granted.grant_id()).await?;
    // As soon as the citizen was answered: no later than that.
    let heard = table.family.spend(&voucher).await?;
    assert_eq!(heard.json, json!({ "active": false }));
    let refused = table.town.voucher(&granted, &body, &json!({})).await?;
    assert!(refused.status >= 400, "{}", refused.body);
    let token = granted.tokens["access_token"].as_str().unwrap_or_default();
    let form = [("token", token)];
    let heard = table.town.call("/token/introspection", &form).await?;
    assert_eq!(
        heard.json,
        json!({ "active": false }),
        "nothing else hung off it"
    );
    let kinds = table.kinds(granted.grant_id())?;
    let has = |kind: &str| kinds.iter().any(|it| it == kind);
    assert!(
        has("evidence.revoked") && !has("evidence.released"),
        "{kinds:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_data_provider_takes_a_voucher_from_whoever_it_is_bound_to_with_the_request_it_is_for()
-> Result<()> {
    let scene = Scene::set().await?;
    let file = json!({ "quotient": 620, "enfants": 2, "tranche": "B" });
    scene.link(&file).await?;
    let town = scene.town_by_hand()?;
    let attempt = town.attempt(&quotient())?;
    let mut citizen = town.asked(&scene.button(), &attempt).await?;
    look(&mut citizen).await?;
    let view = agree(&mut citizen).await?;
    let granted = town.granted(&view, &attempt).await?;
    let detail = &granted.details[0];
    let endpoint = detail["evidence_endpoint"]
        .as_str()
        .context("no endpoint")?;
    let body = evidence_request(detail)?;
    let voucher = town.voucher_for(&granted, &body).await?;

    let thief = SigningKey::generate("thief")?;
    let refused = town.present(endpoint, &voucher, &body, &thief).await?;
    assert_eq!(
        (refused.status, refused.error()),
        (401, "invalid_dpop_proof")
    );
    let other = evidence_request(detail)?;
    let refused = town.present(endpoint, &voucher, &other, &town.key).await?;
    assert_eq!((refused.status, refused.error()), (401, "invalid_token"));

    let released = town.present(endpoint, &voucher, &body, &town.key).await?;
    assert!(!released.text("evidence").is_empty(), "{}", released.body);
    let replayed = town.present(endpoint, &voucher, &body, &town.key).await?;
    assert_eq!((replayed.status, replayed.error()), (401, "invalid_token"));
    // One that forgot is told by the hub.
    scene.mood("forgetful")?;
    let replayed = town.present(endpoint, &voucher, &body, &town.key).await?;
    assert_eq!((replayed.status, replayed.error()), (401, "invalid_token"));
    Ok(())
}

#[tokio::test]
async fn a_sector_of_vouchers_is_nobodys_but_its_data_providers() -> Result<()> {
    let Err(refused) = Table::set_with(|deployment| {
        deployment.clients[1]["sector"] = "data-provider:famille".into();
    })
    .await
    else {
        anyhow::bail!("a service has the names that citizens have at a data provider");
    };
    let said = format!("{refused:#}");
    assert!(said.contains("data-provider:famille"), "{said}");
    assert!(said.contains("ecole"), "{said}");
    Ok(())
}
