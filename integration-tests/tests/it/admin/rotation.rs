//! A service's secret and key replaced while citizens sign in: nobody notices, and the old one ends.

use std::cell::{Cell, RefCell};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Browser, Hands as _, HttpCitizen, OpenidconnectParty, RawClient};
use reqwest::Method;
use serde_json::{Value, json};

use super::path::is_on_record;
use super::program::{Api, Program, signs_in_again, town};

async fn post(api: &Api, path: &str, body: &Value) -> Result<(u16, Value)> {
    let answer = api.call(Method::POST, path, &[], Some(body)).await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

/// One whole login by a stock library with this secret.
async fn signs_in(hub: &str, service: &RawClient, secret: &str) -> Result<String> {
    let party =
        OpenidconnectParty::discover(hub, &service.client_id, secret, &service.redirect_uri)
            .await?;
    let pending = party.begin(&["given_name"]);
    let mut citizen = HttpCitizen::new().stopping_at("https://town.example/");
    let journey = citizen.visit(pending.url.as_str()).choose("Compte Citoyen");
    let view = journey.as_citizen(&CAMILLE).agree().await?;
    Ok(party.finish(&view.url, pending).await?.sub)
}

#[tokio::test]
async fn a_secret_follows_another_under_live_traffic_without_one_failed_login() -> Result<()> {
    let (demo, service, api) = town().await?;
    let hub = demo.cast.hub.clone();
    let old = service.client_secret.clone();
    let sub = signs_in(&hub, &service, &old).await?;

    // Citizens come all the time; the service uses whichever secret its operators put there.
    let (stop, logins) = (Cell::new(false), Cell::new(0));
    let in_use = RefCell::new(old.clone());
    let traffic = async {
        while !stop.get() {
            let secret = in_use.borrow().clone();
            signs_in(&hub, &service, &secret).await?;
            logins.set(logins.get() + 1);
        }
        Ok::<_, anyhow::Error>(())
    };
    let more = async |so_many: usize| {
        let enough = logins.get() + so_many;
        until("more logins", async || {
            (logins.get() >= enough).then_some(())
        })
        .await
    };
    let operators = async {
        more(2).await?;
        let (status, made) = post(&api, "/clients/town/secrets", &json!({})).await?;
        ensure!(status == 201, "{status}: {made}");
        let new = made["client_secret"].as_str().context("no secret")?;
        more(2).await?;
        new.clone_into(&mut in_use.borrow_mut());
        more(3).await?;
        let ending = json!({"kind": "secret", "id": "declared"});
        let (status, told) = post(&api, "/clients/town/credentials/end", &ending).await?;
        ensure!(status == 204, "{status}: {told}");
        more(2).await?;
        stop.set(true);
        Ok(new.to_owned())
    };
    let ((), new) = tokio::try_join!(traffic, operators)?;

    ensure!(
        signs_in(&hub, &service, &new).await? == sub,
        "the same pseudonym"
    );
    ensure!(
        signs_in(&hub, &service, &old).await.is_err(),
        "the old one ended"
    );
    is_on_record(&api, "client.changed", "secret added").await?;
    is_on_record(&api, "client.changed", "secret ended").await?;
    Ok(())
}

#[tokio::test]
async fn what_is_known_of_secrets_is_their_dates_and_never_what_they_are() -> Result<()> {
    let (demo, service, api) = town().await?;
    signs_in(&demo.cast.hub, &service, &service.client_secret).await?;
    let (_, made) = post(&api, "/clients/town/secrets", &json!({})).await?;
    let new = made["client_secret"].as_str().context("no secret")?;
    for path in ["/clients/town/credentials", "/clients/town"] {
        let shown = api.get(path).await?.text().await?;
        ensure!(
            !shown.contains(new) && !shown.contains(&service.client_secret),
            "{path}"
        );
    }
    let listed = api.json("/clients/town/credentials").await?;
    ensure!(
        listed["items"].as_array().map(Vec::len) == Some(2),
        "{listed}"
    );
    // The last one that goes on is not ended, and nobody else's is there to be ended.
    let id = made["id"].as_str().context("no name")?;
    for (ending, expected) in [
        (json!({"kind": "secret", "id": "declared"}), 204),
        (json!({"kind": "secret", "id": id}), 422),
        (json!({"kind": "secret", "id": "no-such"}), 404),
        (json!({"kind": "key", "id": "no-such"}), 404),
    ] {
        let (status, told) = post(&api, "/clients/town/credentials/end", &ending).await?;
        ensure!(status == expected, "{ending}: {status} {told}");
    }
    let past = json!({"others_end": "2020-01-01T00:00:00Z"});
    let (status, _) = post(&api, "/clients/town/secrets", &past).await?;
    ensure!(status == 422, "{status}");
    Ok(())
}

#[tokio::test]
async fn a_key_follows_another_and_the_old_one_ends() -> Result<()> {
    let (demo, _, api) = town().await?;
    let mut machine = Program::new("machine")?;
    let put = api.put("/clients/machine", &machine.metadata()).await?;
    ensure!(put.status() == 201, "{}", put.text().await?);
    ensure!(machine.asks(&demo, &[]).await?.status == 200);
    let old = api.json("/clients/machine/credentials").await?["items"][0]["id"].clone();

    let key = SigningKey::generate("the-second")?;
    let body = json!({ "key": key.jwks()["keys"][0] });
    let (status, told) = post(&api, "/clients/machine/keys", &body).await?;
    ensure!(status == 201, "{status}: {told}");
    ensure!(
        machine.asks(&demo, &[]).await?.status == 200,
        "the old one goes on"
    );
    let ending = json!({"kind": "key", "id": old});
    let (status, told) = post(&api, "/clients/machine/credentials/end", &ending).await?;
    ensure!(status == 204, "{status}: {told}");
    ensure!(
        machine.asks(&demo, &[]).await?.status == 401,
        "the old one ended"
    );
    machine.sign_with(key);
    ensure!(machine.asks(&demo, &[]).await?.status == 200, "the new one");
    let private = json!({ "key": {"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"} });
    let (status, _) = post(&api, "/clients/machine/keys", &private).await?;
    ensure!(status == 422, "{status}");
    Ok(())
}

#[tokio::test]
async fn the_console_shows_a_new_secret_once_and_it_works() -> Result<()> {
    let (demo, service, _) = town().await?;
    let mut browser = Browser::start().await?;
    let address = format!("{}/clients/town/credentials", demo.cast.admin);
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .await?;
    signs_in_again(&demo, &mut browser).await?;
    browser.visit(&address).await?;
    browser.must_be_accessible().await?;
    browser.photograph("console-credentials").await?;
    browser
        .here()
        .press(Control::Id("add-secret"))
        .press(Control::Id("confirm"))
        .await?;
    let view = signs_in_again(&demo, &mut browser).await?;
    browser.must_be_accessible().await?;
    browser.photograph("console-new-secret").await?;
    let secret = view.shown("client-secret")?;
    let sub = signs_in(&demo.cast.hub, &service, secret.trim()).await?;
    ensure!(signs_in(&demo.cast.hub, &service, &service.client_secret).await? == sub);
    let page = browser.visit(&address).await?;
    ensure!(!page.text().contains(secret.trim()), "shown again");
    Ok(())
}
