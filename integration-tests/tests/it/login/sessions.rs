//! One's own sessions: seen and closed in the account, and left nowhere on somebody else's device.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, wait};

use super::{COMPTE_CITOYEN, is_signed_in, must_read};

#[tokio::test]
async fn a_citizen_sees_their_session_in_the_account_and_closes_it() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let service = demo.service("carte-grise");
    browser
        .visit(service)
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    let list = browser.visit(&demo.hub("/account/sessions")).await?;
    for words in ["Ce navigateur", "Carte grise", COMPTE_CITOYEN] {
        must_read(&list, words)?;
    }
    let closed = browser
        .here()
        .press(Control::Labelled("Fermer la session de ce navigateur"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&closed, "Connectez-vous pour voir vos sessions ouvertes")?;
    wait::until("the service to hear of it", async || {
        let open = is_signed_in(&mut browser, service).await;
        (!open.ok()?).then_some(())
    })
    .await?;
    // The way back in leads to where it was asked for.
    let list = browser
        .visit(&demo.hub("/account/sessions"))
        .press(Control::Id("sign-in"))
        .choose(COMPTE_CITOYEN)
        .land_at(&demo.cast.hub)
        .await?;
    assert!(list.url.path().ends_with("/account/sessions"), "{list}");
    must_read(&list, "Ce navigateur")
}

#[tokio::test]
async fn on_a_device_that_is_not_ones_own_the_next_service_asks_again() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser
        .visit(demo.service("carte-grise"))
        .sign_in()
        .press(Control::Id("shared_device"))
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    let choice = browser
        .visit(demo.service("cantine"))
        .sign_in()
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&choice, "Choisissez votre compte")?;
    let account = browser.visit(&demo.hub("/account/sessions")).await?;
    must_read(&account, "Connectez-vous pour voir vos sessions ouvertes")
}
