//! The language: the browser's, until the person or the service says otherwise.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands};

use super::{COMPTE_CITOYEN, must_read};

#[tokio::test]
async fn a_person_who_switches_to_english_reads_english_and_loses_nothing() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let french = browser.visit(demo.service("carte-grise")).sign_in().await?;
    must_read(&french, "Choisissez votre compte")?;

    // On the page at hand, in the middle of a login.
    let english = browser.here().press(Control::Labelled("English")).await?;
    assert_eq!(english.url, french.url);
    must_read(&english, "Carte grise")?;
    super::must_not_read(&english, "Choisissez")?;
    assert_eq!(
        browser.evaluate("document.documentElement.lang").await?,
        "en"
    );

    let consent = browser
        .here()
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&consent, "12 April 1990")?;
    must_read(&consent, "Camille Aimée")?;
    let back = browser.here().press(Control::Labelled("Français")).await?;
    must_read(&back, "12 avril 1990")?;
    let home = browser
        .here()
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}
