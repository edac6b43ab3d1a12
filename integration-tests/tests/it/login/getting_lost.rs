//! The back button, two tabs, cookies gone: whatever happens, the page at hand leads on.

use anyhow::{Context, Result};
use guichet_integration_tests::citizens::{ANGE, CAMILLE};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, controls};

use super::{COMPTE_CITOYEN, is_signed_in, must_read};

/// Where every page that cannot go on says how to go on.
const WAY_BACK: Control<'_> = Control::Id("way-back");

#[tokio::test]
async fn the_back_button_never_ends_in_a_dead_end() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let service = demo.service("carte-grise");

    // From the provider's page back to the choice, and forth again.
    browser
        .visit(service)
        .sign_in_with(COMPTE_CITOYEN)
        .land_at(demo.idp("citoyen"))
        .await?;
    browser.back().await?;
    let choice = browser.look().await?;
    must_read(&choice, "Choisissez votre compte")?;
    browser.here().choose(COMPTE_CITOYEN).await?;

    // From the consent page back to the password that was already given.
    browser
        .here()
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    browser.back().await?;
    let over = browser.look().await?;
    must_read(&over, "Cette étape est déjà passée")?;
    assert!(over.document().by_id("way-back").is_some(), "{over}");
    browser.driver().forward().await?;
    browser.here().agree().land_at(service).await?;

    // From the service back to the consent that was already given: nothing is given twice.
    browser.back().await?;
    let spent = browser.look().await?;
    if spent.url.path().ends_with("/consent") && spent.document().by_id("accept").is_some() {
        let gone = browser.here().press(controls::AGREE).await?;
        assert!(gone.document().by_id("way-back").is_some(), "{gone}");
    }
    let home = browser.visit(service).await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}

#[tokio::test]
async fn two_tabs_with_two_logins_both_arrive_and_lost_cookies_lead_back_to_the_service()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;

    // Two logins begun side by side.
    browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .await?;
    browser.open_tab().await?;
    browser
        .visit(demo.service("cantine"))
        .sign_in_with(COMPTE_CITOYEN)
        .await?;
    browser.turn_to_tab(0).await?;
    let first = browser
        .here()
        .as_citizen(&CAMILLE)
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    browser.turn_to_tab(1).await?;
    let second = browser
        .here()
        .as_citizen(&CAMILLE)
        .agree()
        .land_at(demo.service("cantine"))
        .await?;
    assert_eq!(first.shown("name")?, second.shown("name")?);
    assert_ne!(first.sub()?, second.sub()?);

    // The cookies go while the consent page is open: refused, and a way on.
    super::forget_cookies(&browser).await?;
    browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&ANGE)
        .land_at(&demo.cast.hub)
        .await?;
    super::forget_cookies(&browser).await?;
    let lost = browser
        .here()
        .agree()
        .land_at(&demo.cast.hub)
        .await
        .context("after the cookies went")?;
    assert!(!lost.shown(controls::SHOWN_REFERENCE)?.is_empty(), "{lost}");
    super::must_not_read(&lost, "CASANOVA")?;
    let way = browser.here().press(WAY_BACK).await?;
    assert!(
        way.url.as_str().starts_with(demo.service("carte-grise")),
        "{way}"
    );
    assert!(!is_signed_in(&mut browser, demo.service("carte-grise")).await?);

    // The cookies go while the person is at the provider: the answer finds no login.
    browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .await?;
    super::forget_cookies(&browser).await?;
    let lost = browser.here().as_citizen(&ANGE).await?;
    assert!(lost.document().by_id("way-back").is_some(), "{lost}");
    super::must_not_read(&lost, "CASANOVA")?;

    // And from there a login works.
    let home = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&ANGE)
        .agree()
        .land()
        .await?;
    assert_eq!(home.shown("name")?, "Ange CASANOVA", "{home}");
    Ok(())
}
