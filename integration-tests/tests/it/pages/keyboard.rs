//! The whole first login with the keyboard alone.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, PASSWORD};
use guichet_integration_tests::{Browser, Demo, Hands};
use thirtyfour::prelude::Key;

/// No page has more stops than this before the control one wants.
const MOST_STOPS: usize = 40;

#[tokio::test]
async fn a_first_login_needs_no_mouse_and_shows_where_the_focus_is() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser.open(&demo.hub("/")).await?;

    // The first stop of a page skips what every page repeats.
    press(&browser, Key::Tab).await?;
    ensure!(
        focus(&browser, "classList.contains('skip-link')").await?,
        "the first stop is not the link to the content"
    );
    go_to(&browser, "begin").await?;
    press(&browser, Key::Enter).await?;
    arrive(&browser, demo.service("carte-grise")).await?;
    go_to(&browser, "sign-in").await?;
    press(&browser, Key::Enter).await?;
    arrive(&browser, &demo.hub("/login/")).await?;
    go_to(&browser, "provider-compte-citoyen").await?;
    press(&browser, Key::Enter).await?;
    arrive(&browser, demo.idp("citoyen")).await?;
    go_to(&browser, "login").await?;
    browser.type_keys(CAMILLE.login).await?;
    press(&browser, Key::Tab).await?;
    ensure!(
        focus(&browser, "id === 'password'").await?,
        "the password does not follow the login"
    );
    browser.type_keys(PASSWORD).await?;
    press(&browser, Key::Enter).await?;
    arrive(&browser, &demo.hub("/login/")).await?;
    go_to(&browser, "accept").await?;
    press(&browser, Key::Space).await?;
    arrive(&browser, demo.service("carte-grise")).await?;
    let home = browser.look().await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}

/// Presses Tab until the control has the focus, which must be seen at every stop.
async fn go_to(browser: &Browser, id: &str) -> Result<()> {
    for _ in 0..MOST_STOPS {
        if focus(browser, &format!("id === '{id}'")).await? {
            return Ok(());
        }
        press(browser, Key::Tab).await?;
        let ring = "(() => { const at = document.activeElement; if (at === document.body) return true; \
            const style = getComputedStyle(at); \
            return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 })()";
        let at = "document.activeElement.outerHTML.slice(0, 120)";
        ensure!(
            browser.evaluate(ring).await? == true,
            "no ring of focus on {}",
            browser.evaluate(at).await?
        );
    }
    anyhow::bail!("#{id} cannot be reached with the keyboard")
}

async fn focus(browser: &Browser, is: &str) -> Result<bool> {
    let answer = browser
        .evaluate(&format!("document.activeElement.{is}"))
        .await?;
    Ok(answer == true)
}

async fn press(browser: &Browser, key: Key) -> Result<()> {
    browser.type_keys(String::from(key.value())).await
}

async fn arrive(browser: &Browser, address: &str) -> Result<()> {
    browser
        .until_at(address, |url| url.starts_with(address))
        .await?;
    guichet_integration_tests::wait::until("the page to be there", async || {
        let ready = browser.evaluate("document.readyState").await.ok()?;
        (ready == "complete").then_some(())
    })
    .await
}
