//! The whole path once: an operator comes in through the hub, lets a program in, and the program changes a
//! provider that citizens then see.

use anyhow::{Result, ensure};
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};
use reqwest::Method;
use serde_json::{Value, json};

use super::program::{Api, Program, comes_in, demo_with, let_in, operated, operator};

#[tokio::test]
async fn an_operator_comes_in_through_the_hub_and_by_a_name_of_the_console_s_own() -> Result<()> {
    let demo = Demo::start().await?;
    let mut operator = operator(&demo).await?;
    let page = operator.get(&format!("{}/people", demo.cast.admin)).await?;
    ensure!(
        page.status == 200 && page.body.contains("Dominique ROUSSEL"),
        "{}",
        page.body
    );
    let nobody = HttpCitizen::new()
        .get(&format!("{}/people", demo.cast.admin))
        .await?;
    ensure!(nobody.status == 401, "{}", nobody.status);
    let (_, citizen) = comes_in(&demo, "camille", &format!("{}/sign-in", demo.cast.admin)).await?;
    ensure!(
        citizen.status == Some(403),
        "a citizen without a role: {citizen}"
    );
    Ok(())
}

#[tokio::test]
async fn a_program_with_a_key_changes_a_provider_and_citizens_see_it_at_once() -> Result<()> {
    let (demo, robot, api) = operated(&[]).await?;
    let postale = api.get("/providers/identite-postale").await?;
    ensure!(postale.status() == 200, "{}", postale.status());
    let tag = postale.headers()["etag"].to_str()?.to_owned();
    let mut record: Value = postale.json().await?;
    ensure!(record.get("client_secret").is_none(), "a secret came out");
    record["name"] = "Identité Nouvelle".into();

    let refused = api.put("/providers/identite-postale", &record).await?;
    ensure!(refused.status() == 428, "{}", refused.status());
    let changed = api
        .call(
            Method::PUT,
            "/providers/identite-postale",
            &[("if-match", &tag)],
            Some(&record),
        )
        .await?;
    ensure!(changed.status() == 200, "{}", changed.text().await?);
    let overtaken = api
        .call(
            Method::PUT,
            "/providers/identite-postale",
            &[("if-match", &tag)],
            Some(
                &json!({"id": "identite-postale", "issuer": "https://x.example", "client_id": "x"}),
            ),
        )
        .await?;
    ensure!(overtaken.status() == 412, "{}", overtaken.status());

    let view = HttpCitizen::new()
        .visit(demo.service("carte-grise"))
        .sign_in()
        .await?;
    ensure!(view.text().contains("Identité Nouvelle"), "{view}");
    let id = api.json("/me").await?["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    is_on_record(&api, "provider.changed", &format!("staff:{id}")).await?;
    ensure!(robot.asks(&demo, &[("scope", "openid")]).await?.status == 400);
    Ok(())
}

#[tokio::test]
async fn what_is_disabled_by_the_api_is_gone_at_once_and_stays_on_record() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let path = "/providers/identite-postale";
    let gone = api.call(Method::DELETE, path, &[], None).await?;
    ensure!(gone.status() == 204, "{}", gone.status());
    let view = HttpCitizen::new()
        .visit(demo.service("carte-grise"))
        .sign_in()
        .await?;
    let button = view.html.split("value=\"identite-postale\"").nth(1);
    let button = button.and_then(|rest| rest.split('>').next());
    ensure!(
        button.is_none_or(|button| button.contains("disabled")),
        "it can be chosen: {view}"
    );
    ensure!(api.json(path).await?["active"] == false);
    Ok(())
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_the_next_call() -> Result<()> {
    let helper = Program::new("helper")?;
    let (demo, _, api) = operated(&[&helper]).await?;
    let member = json!({"client_id": "helper", "roles": [{"role": "auditor", "on": "hub"}]});
    let added = api.put("/people/helper", &member).await?;
    ensure!(added.status() == 201, "{}", added.text().await?);
    let same = api.put("/people/helper", &member).await?;
    ensure!(
        same.status() == 200,
        "asked again, the same: {}",
        same.status()
    );
    let as_helper = helper.api(&demo).await?;
    ensure!(as_helper.get("/ledger/entries").await?.status() == 200);
    let removed = api
        .call(Method::DELETE, "/people/helper", &[], None)
        .await?;
    ensure!(removed.status() == 204, "{}", removed.status());
    ensure!(as_helper.get("/ledger/entries").await?.status() == 403);
    Ok(())
}

#[tokio::test]
async fn a_program_that_nobody_let_in_may_nothing() -> Result<()> {
    let stranger = Program::new("stranger")?;
    let demo = demo_with(&[&stranger]).await?;
    let api = stranger.api(&demo).await?;
    ensure!(api.get("/me").await?.status() == 403);
    let bare = plain_client()
        .get(format!("{}/me", api.base))
        .send()
        .await?;
    ensure!(bare.status() == 401 && bare.headers().contains_key("www-authenticate"));
    let mut operator = operator(&demo).await?;
    let_in(&demo, &mut operator, &stranger, ("auditor", "hub")).await?;
    ensure!(api.get("/me").await?.status() == 200);
    Ok(())
}

/// Whether the audit log says that `by` did this: what is noted is there a moment later.
pub(super) async fn is_on_record(api: &Api, kind: &str, by: &str) -> Result<()> {
    let what = format!("{kind} by {by} in the audit log");
    wait::until(&what, async || {
        let found = find_on_record(api, kind, by).await;
        found.ok().filter(|found| *found).map(drop)
    })
    .await
}

async fn find_on_record(api: &Api, kind: &str, by: &str) -> Result<bool> {
    let mut path = "/ledger/entries?limit=200".to_owned();
    loop {
        let page = api.json(&path).await?;
        for entry in page["items"].as_array().into_iter().flatten() {
            let event = entry["event"].to_string();
            if event.contains(kind) && event.contains(by) {
                return Ok(true);
            }
        }
        let Some(next) = page["next"].as_str() else {
            return Ok(false);
        };
        path = format!("/ledger/entries?limit=200&cursor={next}");
    }
}
