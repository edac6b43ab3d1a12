//! The civil register says no, or says nothing.

use anyhow::Result;
use guichet_integration_tests::citizens::{CAMILLE, JEAN, PAUL, VICTOR};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, controls};

use super::{COMPTE_CITOYEN, must_not_read, must_read};

#[tokio::test]
async fn whom_the_register_does_not_confirm_is_told_why_and_what_to_do() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    for (citizen, title) in [
        (VICTOR, "Cette identité ne permet plus de se connecter"),
        (PAUL, "Votre identité n’a pas été trouvée"),
        (JEAN, "Votre identité n’a pas pu être confirmée"),
    ] {
        super::forget_cookies(&browser).await?;
        let refused = browser
            .visit(demo.service("carte-grise"))
            .sign_in_with(COMPTE_CITOYEN)
            .as_citizen(&citizen)
            .land_at(&demo.cast.hub)
            .await?;
        assert_eq!(refused.shown("error-title")?, title, "{refused}");
        assert!(!refused.shown(controls::SHOWN_REFERENCE)?.is_empty());
        must_read(&refused, "Carte grise")?;
        let choice = browser.here().press(Control::Id("way-back")).await?;
        must_read(&choice, "Choisissez votre compte")?;
    }
    // The same login, with somebody whom the register knows.
    let home = browser
        .here()
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}

#[tokio::test]
async fn a_register_that_is_down_lets_nobody_in_and_a_login_goes_on_once_it_is_back() -> Result<()>
{
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser
        .visit(&demo.cast.register)
        .press(Control::Id("outage-on"))
        .await?;
    let down = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(
        &down,
        "La vérification d’identité est momentanément indisponible",
    )?;
    must_not_read(&down, "MARTIN")?;
    let still_down = browser.here().press(Control::Id("way-back")).await?;
    must_read(&still_down, "momentanément indisponible")?;

    browser.open_tab().await?;
    browser
        .visit(&demo.cast.register)
        .press(Control::Id("outage-off"))
        .await?;
    browser.turn_to_tab(0).await?;
    let home = browser
        .here()
        .press(Control::Id("way-back"))
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}
