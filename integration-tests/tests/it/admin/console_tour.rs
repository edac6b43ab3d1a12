//! The pages of webhooks, of the audit log and of the support serve everybody: by axe, on a phone, at 400 %, in both
//! languages, without a mouse, without script.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::browser::Screen;
use guichet_integration_tests::citizens::{CAMILLE, PASSWORD};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::webhook_peers::Receiver;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen, wait};
use serde_json::json;
use thirtyfour::prelude::Key;

use super::program::confirm;
use crate::login::COMPTE_CITOYEN;
use crate::pages::inspection::Inspection;

/// A browser that reads `language`, with the operator of the demo in at the console.
async fn operator(demo: &Demo, language: &str) -> Result<Browser> {
    let mut browser = reader(language).await?;
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .choose(COMPTE_CITOYEN)
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;
    Ok(browser)
}

async fn reader(language: &str) -> Result<Browser> {
    let browser = Browser::start().await?;
    browser.devtools("Network.enable", json!({})).await?;
    let headers = json!({ "headers": { "Accept-Language": language } });
    browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await?;
    Ok(browser)
}

/// Opens a page of the console until it has `what`, by its `id`.
async fn until_there(browser: &mut Browser, address: &str, what: &str) -> Result<()> {
    let there = format!("document.querySelector('{what}') !== null");
    wait::until(what, async || {
        browser.open(address).await.ok()?;
        (browser.evaluate(&there).await.ok()? == true).then_some(())
    })
    .await
}

/// A webhook from the empty list to one that heard, and one event that nobody took.
async fn webhooks(demo: &Demo, browser: &mut Browser, inspection: &mut Inspection) -> Result<()> {
    let address = format!("{}/webhooks", demo.cast.admin);
    let receiver = Receiver::start().await?;
    browser.open(&address).await?;
    inspection.see(browser, "console-webhooks-none").await?;
    browser
        .here()
        .fill("id", "ville")
        .fill("url", &receiver.url)
        .fill("description", "Le tableau de bord de la ville")
        .press(Control::Id("add-webhook"))
        .await?;
    inspection.see(browser, "console-webhook-confirm").await?;
    let made = confirm(demo, browser, "admin").await?;
    let secret = made.shown("webhook-secret")?;
    inspection.see(browser, "console-webhook-secret").await?;
    browser.open(&address).await?;
    inspection.see(browser, "console-webhooks").await?;
    let one = format!("{address}/ville");
    browser.open(&one).await?;
    inspection.see(browser, "console-webhook-quiet").await?;
    browser.here().press(Control::Id("test")).await?;
    receiver.told("webhook.tested", 1).await?;
    until_there(browser, &one, "#deliveries .tag-success").await?;
    receiver.answer(503);
    browser.here().press(Control::Id("test")).await?;
    until_there(browser, &one, "#deliveries code.failure").await?;
    inspection.see(browser, "console-webhook").await?;
    let shown = browser.look().await?;
    ensure!(!shown.html.contains(&secret), "shown twice: {shown}");
    Ok(())
}

/// The audit log, all of it and a part, and an entry. What stands in it is called by words, not by the log's names.
async fn audit(demo: &Demo, browser: &mut Browser, inspection: &mut Inspection) -> Result<()> {
    let address = format!("{}/audit", demo.cast.admin);
    browser.open(&address).await?;
    inspection.see(browser, "console-audit").await?;
    let bare = "[...document.querySelectorAll('#entries dt')].map(it => it.textContent.trim())\
        .filter(it => /^[a-z]+([._][a-z]+)*$/.test(it)).join(' ')";
    let bare = browser.evaluate(bare).await?;
    ensure!(bare == "", "no words for {bare}");
    let of_the_log = "[...document.querySelectorAll('#entries dd')]\
        .filter(it => it.textContent.trim().length > 80).length";
    ensure!(
        browser.evaluate(of_the_log).await? == 0,
        "hashes are listed"
    );
    browser
        .here()
        .fill("kind", "webhook")
        .press(Control::Id("search"))
        .await?;
    inspection.see(browser, "console-audit-found").await?;
    let first = "document.querySelector('#entries a').href";
    let first = browser.evaluate(first).await?;
    let first = first.as_str().context("nothing was found")?.to_owned();
    until_there(browser, &first, "#hashes, #note").await?;
    inspection.see(browser, "console-audit-entry").await?;
    for id in ["raw-box", "proof"] {
        let open = format!("document.getElementById('{id}').open = true");
        browser.evaluate(&open).await?;
    }
    inspection.see(browser, "console-audit-proof").await?;
    let shown = browser.look().await?.shown("raw")?;
    ensure!(shown.starts_with("{\"v\":1,\"seq\":"), "{shown}");
    browser.open(&format!("{address}?kind=zzz")).await?;
    inspection.see(browser, "console-audit-none").await?;
    browser.open(&format!("{address}/99999999")).await?;
    inspection.see(browser, "console-audit-gone").await
}

/// The support, from what a citizen reads out to their answer.
async fn support(
    demo: &Demo,
    browser: &mut Browser,
    inspection: &mut Inspection,
    language: &str,
) -> Result<()> {
    let mut citizen = reader(language).await?;
    citizen
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .await?;
    let code = code(&mut citizen, demo).await?;
    let address = format!("{}/support", demo.cast.admin);
    browser.open(&address).await?;
    inspection.see(browser, "console-support").await?;
    let typed = browser.here().fill("handle", "ABCD-2345");
    typed.press(Control::Id("open")).await?;
    inspection.see(browser, "console-support-nothing").await?;
    browser.open(&address).await?;
    let typed = browser.here().fill("handle", &code).fill("ticket", "T-42");
    typed.press(Control::Id("open")).await?;
    inspection.see(browser, "console-support-case").await?;
    browser
        .here()
        .fill("words", "Pour comprendre ce qui s’est passé.")
        .press(Control::Id("ask"))
        .await?;
    inspection.see(browser, "console-support-asked").await?;
    citizen.open(&demo.hub("/account/support")).await?;
    inspection.see(&citizen, "account-support").await
}

/// The code of the visit, as the citizen reads it out.
async fn code(citizen: &mut Browser, demo: &Demo) -> Result<String> {
    citizen.use_screen(Screen::Desktop).await?;
    citizen.open(&demo.hub("/account/history")).await?;
    let code =
        "document.querySelector('.facts-list a[href*=\"not-me?code=\"]').href.split('code=')[1]";
    let code = citizen.evaluate(code).await?;
    Ok(code.as_str().context("no code")?.to_owned())
}

async fn every_page(language: &'static str, mut inspection: Inspection) -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = operator(&demo, language).await?;
    webhooks(&demo, &mut browser, &mut inspection).await?;
    audit(&demo, &mut browser, &mut inspection).await?;
    support(&demo, &mut browser, &mut inspection, language).await?;
    inspection.conclude(17)
}

#[tokio::test]
async fn every_page_of_webhooks_audit_and_support_serves_everybody_in_french() -> Result<()> {
    every_page("fr", Inspection::with_pictures("fr")).await
}

#[tokio::test]
async fn every_page_of_webhooks_audit_and_support_serves_everybody_in_english() -> Result<()> {
    every_page("en", Inspection::new("en")).await
}

#[tokio::test]
async fn a_webhook_and_the_audit_log_need_no_mouse() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let browser = &mut operator(&demo, "fr").await?;
    let receiver = Receiver::start().await?;
    browser.open(&format!("{admin}/webhooks")).await?;
    for (field, text) in [("id", "ville"), ("url", receiver.url.as_str())] {
        browser.tab_to(field).await?;
        browser.type_keys(text).await?;
    }
    browser.tab_to("add-webhook").await?;
    browser.strike_and_leave(Key::Enter).await?;
    browser.tab_to("confirm").await?;
    browser.strike_and_leave(Key::Enter).await?;
    browser.until_there(&demo.hub("/login/")).await?;
    browser.tab_to("provider-compte-citoyen").await?;
    browser.strike_and_leave(Key::Enter).await?;
    browser.until_there(demo.idp("citoyen")).await?;
    browser.tab_to("login").await?;
    browser.type_keys("admin").await?;
    browser.tab_to("password").await?;
    browser.type_keys(PASSWORD).await?;
    browser.strike_and_leave(Key::Enter).await?;
    let code = demo.authenticator("admin")?.code().await?;
    browser.tab_to("code").await?;
    browser.type_keys(&code).await?;
    browser.strike_and_leave(Key::Enter).await?;
    browser.until_there(&admin).await?;
    let made = browser.look().await?;
    ensure!(
        made.shown("webhook-secret")?.starts_with("whsec_"),
        "{made}"
    );
    browser.open(&format!("{admin}/webhooks/ville")).await?;
    browser.tab_to("test").await?;
    browser.strike_and_leave(Key::Enter).await?;
    receiver.told("webhook.tested", 1).await?;

    browser.open(&format!("{admin}/audit")).await?;
    browser.tab_to("kind").await?;
    browser.type_keys("webhook.tested").await?;
    browser.tab_to("search").await?;
    browser.strike_and_leave(Key::Enter).await?;
    let found = browser.look().await?;
    ensure!(found.text().contains("Un webhook a été essayé"), "{found}");
    let first = browser
        .evaluate("document.querySelector('#entries a').id")
        .await?;
    browser.tab_to(first.as_str().context("no entry")?).await?;
    browser.strike_and_leave(Key::Enter).await?;
    let entry = browser.look().await?;
    ensure!(entry.document().by_id("members").is_some(), "{entry}");
    Ok(())
}

#[tokio::test]
async fn a_webhook_the_audit_log_and_a_case_need_no_script() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut browser = operator(&demo, "fr").await?;
    browser.switch_script_off().await?;
    let receiver = Receiver::start().await?;
    browser
        .visit(&format!("{admin}/webhooks"))
        .fill("id", "ville")
        .fill("url", &receiver.url)
        .press(Control::Id("add-webhook"))
        .await?;
    let made = confirm(&demo, &mut browser, "admin").await?;
    ensure!(
        made.shown("webhook-secret")?.starts_with("whsec_"),
        "{made}"
    );
    browser
        .visit(&format!("{admin}/webhooks/ville"))
        .press(Control::Id("test"))
        .await?;
    receiver.told("webhook.tested", 1).await?;
    let all = browser.here().press(Control::Id("replay-since")).await?;
    ensure!(all.document().by_id("deliveries").is_some(), "{all}");
    let found = browser
        .visit(&format!("{admin}/audit"))
        .fill("kind", "webhook")
        .press(Control::Id("search"))
        .await?;
    ensure!(found.text().contains("Un webhook a été essayé"), "{found}");

    let mut citizen = HttpCitizen::new();
    citizen
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .await?;
    let code = super::support::code(&demo, &mut citizen).await?;
    let case = browser
        .visit(&format!("{admin}/support"))
        .fill("handle", &code)
        .press(Control::Id("open"))
        .await?;
    ensure!(case.document().by_id("steps").is_some(), "{case}");
    Ok(())
}
