//! A whole exchange as everybody must be able to go through it: without script, without a mouse.

use anyhow::Result;
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::citizens::{CAMILLE, MOUSSA};
use thirtyfour::prelude::Key;

use super::walk::Walk;

#[tokio::test]
async fn a_whole_exchange_needs_no_javascript() -> Result<()> {
    let mut walk = Walk::start("fr").await?;
    walk.switch_script_off().await?;
    walk.sign_in("carte-grise", &MOUSSA).await?;
    walk.ask().await?;
    let shown = walk.look_for_the_first_time().await?;
    assert!(shown.shown("values")?.contains("EZ-789-NP"), "{shown}");
    walk.press("back").await?;
    let file = walk.press("send").await?;
    walk.must_be_at("carte-grise", &file)?;
    let values = file.shown("evidence-values")?;
    assert!(values.contains("Dacia Duster"), "{values}");
    Ok(())
}

#[tokio::test]
async fn a_whole_exchange_needs_no_mouse() -> Result<()> {
    let mut walk = Walk::start("fr").await?;
    walk.sign_in("cantine", &CAMILLE).await?;
    // The information page, the question, the holder's sign-in, and the values.
    for control in ["fetch-evidence", "accept", "look", "link", "accept"] {
        walk.browser.tab_to(control).await?;
        walk.browser.strike_and_leave(Key::Enter).await?;
    }
    walk.browser.tab_to("field.enfants").await?;
    walk.browser.strike(Key::Space).await?;
    walk.browser.tab_to("send").await?;
    walk.browser.strike_and_leave(Key::Enter).await?;
    let file = walk.browser.look().await?;
    walk.must_be_at("cantine", &file)?;
    let values = file.shown("evidence-values")?;
    assert!(values.contains("620"), "{values}");
    assert!(!values.contains("Enfants"), "what was unticked: {values}");
    Ok(())
}
