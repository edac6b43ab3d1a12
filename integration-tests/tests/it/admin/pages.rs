//! Every page of the console's records serves everybody: by axe, on a phone, at 400 %, in both languages.

use anyhow::Result;
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands};
use serde_json::json;

use crate::pages::inspection::Inspection;

async fn every_page(language: &'static str, with_pictures: bool) -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut browser = Browser::start().await?;
    browser.devtools("Network.enable", json!({})).await?;
    let headers = json!({ "headers": { "Accept-Language": language } });
    browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await?;
    let mut inspection = if with_pictures {
        Inspection::with_pictures(language)
    } else {
        Inspection::new(language)
    };
    browser.open(&format!("{admin}/")).await?;
    inspection
        .see(&browser, "console-status-signed-out")
        .await?;
    browser
        .visit(&format!("{admin}/sign-in"))
        .choose("Compte Citoyen")
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;
    for (path, name) in [
        ("/", "status"),
        ("/clients", "clients"),
        ("/clients?q=zzz", "clients-none"),
        ("/clients/carte-grise", "client"),
        ("/clients/carte-grise/edit", "client-edit"),
        ("/clients/carte-grise/check", "client-check"),
        ("/new/clients", "client-new"),
        ("/providers", "providers"),
        ("/providers/identite-postale", "provider"),
        ("/providers/identite-postale/edit", "provider-edit"),
        ("/data-providers", "data-providers"),
        ("/data-providers/famille/edit", "data-provider-edit"),
        ("/catalogue", "catalogue"),
        ("/search?q=carte", "search"),
    ] {
        browser.open(&format!("{admin}{path}")).await?;
        inspection.see(&browser, &format!("console-{name}")).await?;
    }
    browser.open(&format!("{admin}/new/clients")).await?;
    browser
        .here()
        .fill("client_id", "x y")
        .press(Control::Id("review"))
        .await?;
    inspection.see(&browser, "console-client-wrong").await?;
    browser
        .open(&format!("{admin}/providers/identite-postale/edit"))
        .await?;
    browser
        .here()
        .fill("name", "Un autre nom")
        .press(Control::Id("review"))
        .await?;
    inspection.see(&browser, "console-confirm").await?;
    inspection.conclude(17)
}

#[tokio::test]
async fn every_page_of_records_serves_everybody_in_french() -> Result<()> {
    every_page("fr", true).await
}

#[tokio::test]
async fn every_page_of_records_serves_everybody_in_english() -> Result<()> {
    every_page("en", false).await
}
