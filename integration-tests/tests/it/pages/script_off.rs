//! The whole first login with JavaScript off, by password and code.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands};

#[tokio::test]
async fn password_and_code_open_a_service_without_javascript() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser.switch_script_off().await?;
    let home = browser
        .visit(demo.service("plainte"))
        .sign_in_with("Compte Citoyen")
        .as_citizen(&CAMILLE)
        .with_code(demo.authenticator("camille")?)
        .agree()
        .land()
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    assert_eq!(home.shown("acr")?, "eidas2");

    // And out again.
    let left = browser
        .here()
        .press(Control::Id("sign-out"))
        .land_at(demo.service("plainte"))
        .await?;
    assert!(left.document().by_id("signed-out").is_some(), "{left}");
    Ok(())
}
