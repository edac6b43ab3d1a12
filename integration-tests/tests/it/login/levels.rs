//! A service that needs more than a password: by a code, by a passkey, or not at all.

use anyhow::Result;
use guichet_integration_tests::citizens::{AWA, CAMILLE, PASSWORD};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands, controls};

use super::{COMPTE_CITOYEN, must_read};

#[tokio::test]
async fn a_complaint_takes_a_code_on_top_of_the_password() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;

    // A simple session first: it does not open the complaint.
    browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    let choice = browser
        .visit(demo.service("plainte"))
        .sign_in()
        .land_at(&demo.cast.hub)
        .await?;
    let postale = choice.document();
    let postale = postale.by_id("provider-identite-postale");
    assert!(
        postale.is_some_and(|button| button.attribute("disabled").is_some()),
        "a provider without a second factor can be pressed: {choice}"
    );

    // The session at the provider stands for the password; only the code is asked.
    let code = browser
        .here()
        .choose(COMPTE_CITOYEN)
        .land_at(demo.idp("citoyen"))
        .await?;
    assert!(code.document().by_id("code").is_some(), "{code}");
    let wrong = browser
        .here()
        .fill(controls::CODE, "000000")
        .press(controls::VERIFY)
        .land_at(demo.idp("citoyen"))
        .await?;
    must_read(&wrong, "Ce code est faux")?;
    let home = browser
        .here()
        .with_code(demo.authenticator("camille")?)
        .agree()
        .land_at(demo.service("plainte"))
        .await?;
    assert_eq!(home.shown("acr")?, "eidas2", "{home}");
    assert_eq!(home.shown("amr")?, "pwd otp mfa");
    Ok(())
}

#[tokio::test]
async fn a_passkey_enrolled_on_the_security_page_then_opens_the_complaint() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let citoyen = demo.idp("citoyen");

    // Without a second factor there is no way in, and none can be enrolled on the way.
    let stuck = browser
        .visit(demo.service("plainte"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&AWA)
        .land_at(citoyen)
        .await?;
    must_read(&stuck, "n’a pas encore de second facteur")?;
    assert!(stuck.url.path().ends_with("/no-second-factor"), "{stuck}");

    let authenticator = browser.plug_in_authenticator().await?;
    browser
        .here()
        .press(Control::Id("add-second-factor"))
        .press(Control::Id("add-passkey"))
        .fill("label", "Mon ordinateur")
        .press(controls::USE_PASSKEY)
        .await?;
    browser
        .until_at("the passkey is enrolled", |url| {
            url.contains("/account/security") && !url.contains("/passkey")
        })
        .await?;
    let security = browser.look().await?;
    must_read(&security, "La clé d’accès est ajoutée.")?;
    must_read(&security, "Mon ordinateur")?;
    assert_eq!(browser.count_passkeys(&authenticator).await?, 1);

    // With every session forgotten, the passkey alone signs in, at the level of two factors.
    super::forget_cookies(&browser).await?;
    browser
        .visit(demo.service("plainte"))
        .sign_in_with(COMPTE_CITOYEN)
        .press(controls::USE_PASSKEY)
        .await?;
    browser
        .until_at("the passkey signed in", |url| url.ends_with("/consent"))
        .await?;
    let home = browser
        .here()
        .agree()
        .land_at(demo.service("plainte"))
        .await?;
    assert_eq!(home.shown("acr")?, "eidas2", "{home}");
    assert!(home.shown("name")?.starts_with("Awa"), "{home}");

    // An authenticator that does not recognise its user opens nothing.
    super::forget_cookies(&browser).await?;
    browser.set_user_verified(&authenticator, false).await?;
    browser
        .visit(demo.service("plainte"))
        .sign_in_with(COMPTE_CITOYEN)
        .press(controls::USE_PASSKEY)
        .await?;
    let failed = Control::Labelled("Utiliser une clé d’accès");
    guichet_integration_tests::wait::until("the page to say that it failed", async || {
        let said = "!document.querySelector('[data-said=failed]').hidden";
        let said = browser.evaluate(said).await.ok()?;
        said.as_bool().filter(|shown| *shown)
    })
    .await?;
    // The password is still a way on, and the passkey can be tried again.
    browser.set_user_verified(&authenticator, true).await?;
    browser
        .here()
        .fill(controls::LOGIN, AWA.login)
        .fill(controls::PASSWORD, PASSWORD)
        .press(failed)
        .await?;
    browser
        .until_at("the passkey signed in", |url| url.ends_with("/consent"))
        .await
}
