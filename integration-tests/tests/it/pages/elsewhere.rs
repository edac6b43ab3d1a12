//! The pages for what is asked elsewhere: the codes of devices and the requests of services, judged and
//! photographed like all others.

use anyhow::{Context, Result};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Browser, Demo, Hands, RawClient, machine};
use serde_json::{Value, json};

use super::inspection::Inspection;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";

#[tokio::test]
async fn every_page_of_what_is_asked_elsewhere_serves_everybody() -> Result<()> {
    let mut town = RawClient::new("town");
    town.redirect_uri = format!("http://localhost:{}/callback", machine::free_port()?);
    let demo = Demo::with(guests(&town)).await?;
    let mut browser = Browser::start().await?;
    let headers = json!({ "headers": { "Accept-Language": "fr" } });
    browser.devtools("Network.enable", json!({})).await?;
    browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await?;
    let mut inspection = Inspection::with_pictures("fr");

    browser.open(&demo.hub("/account/requests")).await?;
    inspection.see(&browser, "requests-signed-out").await?;
    device(&demo, &mut browser, &mut inspection).await?;
    requests(&demo, &town, &mut browser, &mut inspection).await?;
    inspection.conclude(11)
}

async fn device(demo: &Demo, browser: &mut Browser, inspection: &mut Inspection) -> Result<()> {
    let form = [
        ("client_id", "tv"),
        ("scope", "openid given_name family_name"),
    ];
    let asked = post(demo, "/device_authorization", None, &form).await?;
    browser.open(&demo.hub("/account/device")).await?;
    inspection.see(browser, "device-enter").await?;
    browser
        .here()
        .fill("user_code", "BBBB-BBBB")
        .press(Control::Id("continue"))
        .await?;
    inspection.see(browser, "device-unknown").await?;
    browser
        .open(asked.text("verification_uri_complete"))
        .await?;
    browser.here().press(Control::Id("continue")).await?;
    inspection.see(browser, "device-show").await?;
    browser.here().press(Control::Id("accept")).await?;
    inspection.see(browser, "device-choose-provider").await?;
    browser
        .here()
        .choose("Compte Citoyen")
        .as_citizen(&CAMILLE)
        .await?;
    browser
        .until_at("the consent page", |address| address.ends_with("/consent"))
        .await?;
    inspection.see(browser, "device-consent").await?;
    browser.here().agree().await?;
    inspection.see(browser, "device-approved").await
}

async fn requests(
    demo: &Demo,
    town: &RawClient,
    browser: &mut Browser,
    inspection: &mut Inspection,
) -> Result<()> {
    browser.open(&demo.hub("/account/requests")).await?;
    inspection.see(browser, "requests-none").await?;
    let attempt = town.attempt(&demo.cast.hub)?;
    browser.open(&attempt.url()).await?;
    // Nobody serves the address the browser comes to.
    let _ = browser.press(&Control::Id("accept")).await;
    browser
        .until_at("the service", |address| address.contains("code="))
        .await?;
    let address = browser.driver().current_url().await?;
    let code = parameter(&address, "code").context("no code")?;
    let tokens = town.redeem(&demo.cast.hub, &code, &attempt).await?;
    let sub = claims_of(tokens.text("id_token"))?["sub"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let form = [
        ("scope", "openid given_name"),
        ("login_hint", &*sub),
        ("binding_message", "Dossier n° 2026-0417"),
    ];
    let asked = post(demo, "/bc-authorize", Some(town), &form).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    browser.open(&demo.hub("/account/requests")).await?;
    inspection.see(browser, "requests").await?;
    let refuse = browser.look().await?.document();
    let refuse = refuse
        .forms()
        .into_iter()
        .flat_map(|form| form.buttons)
        .find(|button| button.id.starts_with("refuse-"))
        .context("no way to refuse")?;
    browser.press(&Control::Id(&refuse.id)).await?;
    inspection.see(browser, "request-refused").await?;
    browser.open(&demo.hub("/account/device/AAAA")).await?;
    inspection.see(browser, "device-gone").await
}

fn guests(town: &RawClient) -> Guests {
    let mut metadata = town.metadata();
    let changes = json!({
        "client_name": "Guichet de la mairie", "grant_types": ["authorization_code", CIBA],
        "backchannel_token_delivery_mode": "poll", "post_logout_redirect_uris": [],
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        metadata[name] = value.clone();
    }
    let tv: Value = json!({
        "client_id": "tv", "client_name": "Replay TV", "client_uri": "https://tv.example/",
        "token_endpoint_auth_method": "none", "grant_types": [DEVICE], "redirect_uris": [],
        "response_types": [], "scope": "openid given_name family_name",
    });
    Guests {
        clients: vec![tv, metadata],
        ..Guests::default()
    }
}

async fn post(
    demo: &Demo,
    path: &str,
    client: Option<&RawClient>,
    form: &[(&str, &str)],
) -> Result<Answer> {
    let request = shared_client().post(demo.hub(path)).form(form);
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    Answer::of(match client {
        Some(client) => request.basic_auth(
            encode(&client.client_id),
            Some(encode(&client.client_secret)),
        ),
        None => request,
    })
    .await
}
