//! The whole first login with the keyboard alone.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, PASSWORD};
use guichet_integration_tests::{Browser, Demo, Hands};
use thirtyfour::prelude::Key;

#[tokio::test]
async fn a_first_login_needs_no_mouse_and_shows_where_the_focus_is() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser.open(&demo.hub("/")).await?;

    // The first stop of a page skips what every page repeats.
    browser.strike(Key::Tab).await?;
    ensure!(
        browser.focus_is("classList.contains('skip-link')").await?,
        "the first stop is not the link to the content"
    );
    browser.tab_to("begin").await?;
    browser.strike(Key::Enter).await?;
    browser.until_there(demo.service("carte-grise")).await?;
    browser.tab_to("sign-in").await?;
    browser.strike(Key::Enter).await?;
    browser.until_there(&demo.hub("/login/")).await?;
    browser.tab_to("provider-compte-citoyen").await?;
    browser.strike(Key::Enter).await?;
    browser.until_there(demo.idp("citoyen")).await?;
    browser.tab_to("login").await?;
    browser.type_keys(CAMILLE.login).await?;
    browser.strike(Key::Tab).await?;
    ensure!(
        browser.focus_is("id === 'password'").await?,
        "the password does not follow the login"
    );
    browser.type_keys(PASSWORD).await?;
    browser.strike(Key::Enter).await?;
    browser.until_there(&demo.hub("/login/")).await?;
    browser.tab_to("accept").await?;
    browser.strike(Key::Space).await?;
    browser.until_there(demo.service("carte-grise")).await?;
    let home = browser.look().await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}
