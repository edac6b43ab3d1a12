//! Logins tried out: the same answers as real ones, and nothing left behind.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Hands as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::program::{Api, Program, signs_in_again, town};

async fn tried(api: &Api, body: &Value) -> Result<Value> {
    let answer = api
        .call(Method::POST, "/simulations", &[], Some(body))
        .await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    Ok(answer.json().await?)
}

/// The rule at which it stopped, and what that says.
fn stopped(simulation: &Value) -> Result<(String, String)> {
    ensure!(simulation["signs_in"] == false, "{simulation}");
    let rules = simulation["rules"].as_array().context("no rules")?;
    let last = rules.last().context("no rule")?;
    ensure!(last["verdict"] == "stops", "{last}");
    let text = |member: &str| last[member].as_str().unwrap_or_default().to_owned();
    Ok((text("rule"), text("says")))
}

/// What is changed of a login that would go on, the rule that stops it then, and what that says.
fn refusals() -> [(Value, &'static str, &'static str); 7] {
    [
        (
            json!({"client_id": "nobody"}),
            "client",
            "unauthorized_client",
        ),
        (
            json!({"parameters": {"redirect_uri": "https://evil.example/"}}),
            "redirect_uri",
            "",
        ),
        (
            json!({"parameters": {"scope": "openid phone"}}),
            "request",
            "invalid_scope",
        ),
        (
            json!({"provider": "nobody"}),
            "provider",
            "no such provider",
        ),
        (
            json!({"parameters": {"acr_values": "eidas3"}}),
            "request",
            "unmet_authentication_requirements",
        ),
        (
            json!({"provider": "identite-postale", "parameters": {"acr_values": "eidas2"}}),
            "provider",
            "level_too_low",
        ),
        (
            json!({"claims": {"id_token": {"acr": "eidas1"}, "userinfo": {"given_name": "X"}}}),
            "identity",
            "missing",
        ),
    ]
}

#[tokio::test]
async fn a_login_tried_out_says_what_a_real_one_does_and_leaves_nothing_behind() -> Result<()> {
    let (demo, service, api) = town().await?;
    let entries = async || -> Result<usize> {
        let page = api.json("/ledger/entries?limit=200").await?;
        let kinds = page["items"].as_array().into_iter().flatten();
        let kinds = kinds.filter(|entry| {
            let kind = entry["event"]["kind"].as_str().unwrap_or_default();
            kind.starts_with("login.")
                || kind.starts_with("provider.")
                || kind.starts_with("identity.")
        });
        Ok(kinds.count())
    };
    let before = entries().await?;
    let base = json!({"client_id": "town", "provider": "compte-citoyen", "level": "eidas2"});
    let good = tried(&api, &base).await?;
    ensure!(good["signs_in"] == true, "{good}");
    let names: Vec<&str> = good["rules"]
        .as_array()
        .context("no rules")?
        .iter()
        .filter_map(|rule| rule["rule"].as_str())
        .collect();
    ensure!(
        names
            == [
                "client",
                "redirect_uri",
                "request",
                "switch",
                "level",
                "provider",
                "claims",
                "identity",
                "register",
                "consent",
                "subject",
                "released",
            ],
        "{names:?}"
    );
    let with = |change: Value| {
        let mut body = base.clone();
        if let (Some(body), Some(change)) = (body.as_object_mut(), change.as_object()) {
            body.extend(change.clone());
        }
        body
    };
    for (change, rule, says) in refusals() {
        let (at, told) = stopped(&tried(&api, &with(change.clone())).await?)?;
        ensure!(at == rule && told.contains(says), "{change}: {at}: {told}");
    }
    // What stops the one stops the other.
    let off = json!({"target": "client:town", "reason": "drill"});
    let answer = api.call(Method::POST, "/switches", &[], Some(&off)).await?;
    ensure!(answer.status() == 200);
    ensure!(stopped(&tried(&api, &base).await?)?.0 == "switch");
    let on = json!({"reason": "drill"});
    api.call(Method::POST, "/switches/client:town/on", &[], Some(&on))
        .await?;
    ensure!(entries().await? == before, "a login is on record");

    // A real one releases what was said.
    let attempt = service
        .attempt(&demo.cast.hub)?
        .with("scope", "openid given_name family_name birthdate email");
    let mut citizen = service.citizen();
    let view = citizen
        .visit(&attempt.url())
        .choose("Compte Citoyen")
        .as_citizen(&CAMILLE)
        .await?;
    for name in ["given_name", "family_name", "birthdate", "email"] {
        let last = good["rules"].as_array().and_then(|rules| rules.last());
        let says = last.and_then(|rule| rule["says"].as_str());
        ensure!(
            says.is_some_and(|says| says.contains(name)),
            "{name}: {good}"
        );
    }
    ensure!(view.url.path().ends_with("/consent"), "{view}");
    Ok(())
}

#[tokio::test]
async fn whoever_may_not_see_providers_tries_nothing_out() -> Result<()> {
    let (demo, _, api) = town().await?;
    let reader = Program::new("reader")?;
    ensure!(
        api.put("/clients/reader", &reader.metadata())
            .await?
            .status()
            == 201
    );
    let on = "team:cartes-grises";
    let member = json!({"client_id": "reader", "roles": [{"role": "team_reader", "on": on}]});
    ensure!(api.put("/people/reader", &member).await?.status() == 201);
    let looking = reader.api(&demo).await?;
    let body = json!({"client_id": "town", "provider": "compte-citoyen"});
    let answer = looking
        .call(Method::POST, "/simulations", &[], Some(&body))
        .await?;
    ensure!(answer.status() == 403, "{}", answer.status());
    Ok(())
}

#[tokio::test]
async fn the_console_tries_a_login_out_in_a_browser() -> Result<()> {
    let (demo, _, _) = town().await?;
    let mut browser = Browser::start().await?;
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .await?;
    signs_in_again(&demo, &mut browser).await?;
    browser
        .visit(&format!("{}/simulation", demo.cast.admin))
        .await?;
    browser.must_be_accessible().await?;
    let view = browser
        .here()
        .fill("client", "town")
        .press(Control::Id("simulate"))
        .await?;
    browser.must_be_accessible().await?;
    browser.photograph("console-simulation").await?;
    ensure!(view.html.contains("id=\"rule-released\""), "{view}");
    Ok(())
}
