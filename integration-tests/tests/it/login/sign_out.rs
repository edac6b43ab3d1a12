//! Signing out once is signing out everywhere.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, controls, wait};

use super::{COMPTE_CITOYEN, is_signed_in, must_read};

#[tokio::test]
async fn signing_out_at_one_service_signs_out_of_both_and_of_the_provider() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    sign_in_twice(&mut browser, &demo).await?;
    assert!(is_signed_in(&mut browser, demo.service("carte-grise")).await?);
    assert!(is_signed_in(&mut browser, demo.service("cantine")).await?);

    let left = browser
        .here()
        .press(controls::SIGN_OUT)
        .land_at(demo.service("cantine"))
        .await?;
    must_read(&left, "Vous êtes déconnecté")?;

    // The other service heard of it by the back channel: the browser took nothing to it.
    wait::until("the other service to hear of the sign-out", async || {
        let open = is_signed_in(&mut browser, demo.service("carte-grise")).await;
        (!open.ok()?).then_some(())
    })
    .await?;

    // The hub knows nobody, and the provider asks for the password again.
    let password = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .land_at(demo.idp("citoyen"))
        .await?;
    assert!(
        password.document().by_id(controls::PASSWORD).is_some(),
        "{password}"
    );
    let home = browser.visit(demo.idp("citoyen")).await?;
    assert!(home.document().by_id("security").is_none(), "{home}");
    Ok(())
}

#[tokio::test]
async fn the_account_page_asks_before_it_signs_out_of_everything() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    sign_in_twice(&mut browser, &demo).await?;

    let stayed = browser
        .visit(&demo.hub("/account"))
        .press(Control::Id("sign-out"))
        .refuse()
        .await?;
    must_read(&stayed, "Vous êtes toujours connecté")?;
    assert!(is_signed_in(&mut browser, demo.service("cantine")).await?);

    let done = browser
        .visit(&demo.hub("/account"))
        .press(Control::Id("sign-out"))
        .press(controls::CONFIRM_SIGN_OUT)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&done, "Vous êtes déconnecté")?;
    for service in ["carte-grise", "cantine"] {
        wait::until("the service to hear of the sign-out", async || {
            let open = is_signed_in(&mut browser, demo.service(service)).await;
            (!open.ok()?).then_some(())
        })
        .await?;
    }
    Ok(())
}

async fn sign_in_twice(browser: &mut Browser, demo: &Demo) -> Result<()> {
    browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    browser
        .visit(demo.service("cantine"))
        .sign_in()
        .agree()
        .land()
        .await?;
    Ok(())
}
