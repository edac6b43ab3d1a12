//! What citizens live through, told in whole journeys with a real browser against the demo.

mod citizens;
mod consent;
mod corroboration;
mod first_login;
mod getting_lost;
mod language;
mod levels;
mod register;
mod sessions;
mod setbacks;
mod sign_out;
mod single_sign_on;

use anyhow::{Result, ensure};
use guichet_integration_tests::journey::View;
use guichet_integration_tests::{Browser, Hands, controls};
use serde_json::json;

/// The embedded provider with two factors.
pub(super) const COMPTE_CITOYEN: &str = "Compte Citoyen";
/// The embedded provider with passwords only.
pub(super) const IDENTITE_POSTALE: &str = "Identité Postale";

/// Forgets every cookie, as a person does who clears the browser: everybody meets a stranger.
pub(super) async fn forget_cookies(browser: &Browser) -> Result<()> {
    browser
        .devtools("Network.clearBrowserCookies", json!({}))
        .await?;
    Ok(())
}

/// Whether the service at `address` greets somebody, its page loaded anew.
pub(super) async fn is_signed_in(browser: &mut Browser, address: &str) -> Result<bool> {
    browser.open(address).await?;
    let document = browser.look().await?.document();
    let greets = document.by_id(controls::SHOWN_NAME).is_some();
    ensure!(
        greets || document.by_id("sign-in").is_some(),
        "{address} shows neither a name nor a way in"
    );
    Ok(greets)
}

/// Fails unless the page reads so; white space as a person sees it.
pub(super) fn must_read(view: &View, words: &str) -> Result<()> {
    ensure!(
        folded(&view.text()).contains(&folded(words)),
        "“{words}” is not on {view}"
    );
    Ok(())
}

/// Fails if the page reads so.
pub(super) fn must_not_read(view: &View, words: &str) -> Result<()> {
    ensure!(
        !folded(&view.text()).contains(&folded(words)),
        "“{words}” is on {view}"
    );
    Ok(())
}

/// With every run of white space, no-break spaces included, as one space.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
