//! Ten minutes for a new team, timed: from nothing to a citizen signed in by a stock library that was told
//! nothing but what the console shows. In a real browser, on pages that axe finds nothing wrong with.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH, PASSWORD};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Browser, Demo, Hands as _};
use serde_json::json;

#[tokio::test]
async fn a_new_team_signs_a_citizen_in_with_what_the_console_shows_in_under_ten_minutes()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut service = Registration::new("to be made", json!({}))?;
    let mut browser = Browser::start().await?;
    let begun = Instant::now();

    let first = format!("{}/onboarding/begin", demo.cast.admin);
    browser.open(&first).await?;
    browser.must_look_well("onboarding-welcome").await?;
    browser
        .here()
        .press(Control::Id("sign-in"))
        .choose("Compte Citoyen")
        .with_credentials(CAMILLE.login, PASSWORD)
        .with_code(demo.authenticator(CAMILLE.login)?)
        .await?;
    browser.must_look_well("onboarding-begin").await?;
    browser
        .here()
        .fill("name", "Camille Martin")
        .fill("address", "camille@ville.example")
        .fill("organisation", "Ville d’Exemple")
        .fill("legal_id", "213 105 554")
        .fill("team", "Cantines")
        .press(Control::Id("begin"))
        .await?;
    browser.must_look_well("onboarding-list").await?;
    browser
        .here()
        .press(Control::Labelled("Créer un client d’essai"))
        .await?;
    browser.must_look_well("onboarding-sandbox").await?;
    let view = browser
        .here()
        .fill("name", "Cantine à l’essai")
        .fill("redirect_uris", &service.redirect_uri())
        .press(Control::Id("make"))
        .await?;
    browser.must_look_well("onboarding-made").await?;
    let issuer = view.shown("issuer")?;
    service.client_id = view.shown("client_id")?;
    service.client_secret = view.shown("client_secret")?;

    let party = RelyingParty::start(Library::OpenidClient, &service, &issuer).await?;
    let mut citizen = Browser::start().await?;
    citizen.visit(&format!("{}/login", party.address)).await?;
    citizen.must_look_well("onboarding-sandbox-choice").await?;
    citizen
        .here()
        .choose("Compte Citoyen")
        .as_citizen(&LINH)
        .agree()
        .await?;
    citizen
        .until_at("the service", |url| url.starts_with(&party.address))
        .await?;
    let told = details(&citizen.look().await?)?;
    ensure!(told["userinfo"]["family_name"] == "NGUYEN", "{told}");
    let took = begun.elapsed();
    println!(
        "a new team signed a citizen in after {:.1} s",
        took.as_secs_f64()
    );
    ensure!(took < Duration::from_mins(10), "{took:?}");

    // The pages of what comes next, as they look.
    browser
        .open(&format!("{}/onboarding", demo.cast.admin))
        .await?;
    browser
        .here()
        .press(Control::Labelled("Demander une habilitation"))
        .await?;
    let view = browser.look().await?;
    let id = view
        .url
        .path()
        .split('/')
        .nth(2)
        .context("no file")?
        .to_owned();
    for part in [
        "service",
        "contacts",
        "purposes",
        "data",
        "guarantees",
        "tests",
    ] {
        let address = format!(
            "{}/onboarding/{id}/part/{part}?checked=yes",
            demo.cast.admin
        );
        browser.open(&address).await?;
        browser
            .must_look_well(&format!("onboarding-{part}"))
            .await?;
    }
    browser
        .open(&format!("{}/onboarding/{id}", demo.cast.admin))
        .await?;
    browser.must_look_well("onboarding-file").await?;
    browser.open(&demo.hub("/habilitations")).await?;
    browser.must_look_well("habilitations").await
}
