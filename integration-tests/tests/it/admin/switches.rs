//! Kill switches: what is off is off everywhere at once, says so to citizens, and is on again when somebody says
//! so, and not before.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{parameter, plain_client};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::servers::{Postgres, Redis};
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen, MockProvider, RawClient};
use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::path::is_on_record;
use super::program::{Api, Program, comes_in, let_in, operator, signs_in_again};
use crate::interop::deployment::{Deployment, finish, sign_in};

/// How long it may take on every node.
const AT_ONCE: Duration = Duration::from_secs(1);

async fn town() -> Result<(Demo, RawClient, RawClient, Program, Api)> {
    let robot = Program::new("robot")?;
    let (town, other) = (RawClient::new("town"), RawClient::new("other"));
    let demo = Demo::with(Guests {
        clients: vec![robot.metadata(), town.metadata(), other.metadata()],
        ..Guests::default()
    })
    .await?;
    let mut operator = operator(&demo).await?;
    let_in(&demo, &mut operator, &robot, ("operator", "hub")).await?;
    let api = robot.api(&demo).await?;
    Ok((demo, town, other, robot, api))
}

async fn post(api: &Api, path: &str, body: &Value) -> Result<u16> {
    let answer = api.call(Method::POST, path, &[], Some(body)).await?;
    Ok(answer.status().as_u16())
}

async fn off(api: &Api, target: &str) -> Result<()> {
    let body = json!({
        "target": target, "reason": "an incident",
        "message_fr": "Une attaque est en cours. Revenez ce soir.",
        "message_en": "We are under attack. Come back tonight.",
    });
    let status = post(api, "/switches", &body).await?;
    ensure!(status == 200, "{target}: {status}");
    Ok(())
}

async fn on(api: &Api, target: &str) -> Result<()> {
    let reason = json!({"reason": "it is over"});
    let status = post(api, &format!("/switches/{target}/on"), &reason).await?;
    ensure!(status == 204, "{target}: {status}");
    Ok(())
}

/// What a request that may show no page is answered with.
async fn silently(service: &RawClient, issuer: &str, at: &str) -> Result<String> {
    let attempt = service.attempt(issuer)?.with("prompt", "none");
    let url = attempt.url().replacen(issuer, at, 1);
    let answer = plain_client().get(url).send().await?;
    let Some(location) = answer.headers().get("location") else {
        return Ok(format!("page {}", answer.status().as_u16()));
    };
    let location = Url::parse(location.to_str()?)?;
    parameter(&location, "error").context("no error")
}

#[tokio::test]
async fn a_hub_that_is_off_says_why_and_those_who_operate_it_still_come_in() -> Result<()> {
    let (demo, town, _, robot, api) = town().await?;
    let hub = demo.cast.hub.clone();
    // Somebody has tokens, somebody is on the way.
    let attempt = town.attempt(&hub)?;
    let mut citizen = town.citizen();
    let journey = citizen.visit(&attempt.url()).choose("Compte Citoyen");
    journey.as_citizen(&CAMILLE).agree().await?;
    let first = finish(&town, &hub, citizen, &attempt).await?;
    let token = first.tokens.text("access_token").to_owned();
    let under_way = town.attempt(&hub)?;
    let mut walker = town.citizen();
    walker.visit(&under_way.url()).await?;

    off(&api, "hub").await?;
    let attempt = town.attempt(&hub)?;
    let mut citizen = town.citizen();
    let view = citizen.visit(&attempt.url()).await?;
    ensure!(view.status == Some(503), "{view}");
    ensure!(
        view.text()
            .contains("Une attaque est en cours. Revenez ce soir."),
        "{view}"
    );
    ensure!(
        view.html.contains("temporarily_unavailable"),
        "the way back says it: {view}"
    );
    let english = attempt.with("ui_locales", "en");
    let page = plain_client()
        .get(english.url())
        .header("accept-language", "en")
        .send()
        .await?;
    ensure!(
        page.text().await?.contains("We are under attack."),
        "in English"
    );
    ensure!(silently(&town, &hub, &hub).await? == "temporarily_unavailable");
    let view = walker.here().choose("Compte Citoyen").await?;
    ensure!(
        view.status == Some(503),
        "a login under way went on: {view}"
    );
    ensure!(town.userinfo(&hub, &token).await?.status == 503);
    ensure!(town.introspect(&hub, &token).await?.status == 503);
    let form = [("grant_type", "authorization_code"), ("code", "any")];
    let refused = town.token(&hub, &form).await?;
    ensure!(refused.status == 503 && refused.error() == "temporarily_unavailable");
    // What ends things works; what tells machines works; those who operate the hub come in.
    ensure!(town.revoke(&hub, &token).await?.status == 200);
    for address in [
        format!("{hub}/.well-known/openid-configuration"),
        format!("{hub}/jwks"),
        format!("{}/readyz", demo.cast.admin),
    ] {
        ensure!(
            plain_client().get(&address).send().await?.status() == 200,
            "{address}"
        );
    }
    ensure!(robot.asks(&demo, &[]).await?.status == 200);
    let mut operator = HttpCitizen::new();
    operator
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .await?;
    let view = signs_in_again(&demo, &mut operator).await?;
    ensure!(view.url.path() == "/me", "{view}");
    let api = robot.api(&demo).await?;
    is_on_record(&api, "switch.off", "an incident").await?;

    on(&api, "hub").await?;
    let attempt = town.attempt(&hub)?;
    let mut citizen = town.citizen();
    let journey = citizen.visit(&attempt.url()).choose("Compte Citoyen");
    journey.as_citizen(&CAMILLE).agree().await?;
    let again = finish(&town, &hub, citizen, &attempt).await?;
    ensure!(again.sub() == first.sub());
    is_on_record(&api, "switch.on", "it is over").await?;
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_off_is_off_alone() -> Result<()> {
    let (demo, town, other, _, api) = town().await?;
    let hub = &demo.cast.hub;
    off(&api, "client:town").await?;
    ensure!(silently(&town, hub, hub).await? == "temporarily_unavailable");
    ensure!(silently(&other, hub, hub).await? == "login_required");
    let listed = api.json("/switches").await?;
    ensure!(listed["items"][0]["target"] == "client:town", "{listed}");
    ensure!(
        listed["items"][0]["by"]
            .as_str()
            .is_some_and(|by| by.starts_with("staff:"))
    );
    on(&api, "client:town").await?;
    ensure!(silently(&town, hub, hub).await? == "login_required");
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_off_is_off_for_those_on_their_way_and_those_signed_in() -> Result<()> {
    let (demo, town, _, _, api) = town().await?;
    let hub = &demo.cast.hub;
    let attempt = town.attempt(hub)?;
    let mut signed_in = town.citizen();
    let journey = signed_in.visit(&attempt.url()).choose("Compte Citoyen");
    journey.as_citizen(&CAMILLE).agree().await?;
    let pending = town.attempt(hub)?;
    let mut walker = town.citizen();
    walker
        .visit(&pending.url())
        .choose("Compte Citoyen")
        .await?;

    off(&api, "provider:compte-citoyen").await?;
    let view = walker.here().as_citizen(&CAMILLE).await?;
    ensure!(
        !view.html.contains("code="),
        "an answer of a provider that is off: {view}"
    );
    ensure!(view.text().contains("Une attaque est en cours."), "{view}");
    // The session that began there answers nobody.
    let view = signed_in.visit(&town.attempt(hub)?.url()).await?;
    ensure!(view.text().contains("Une attaque est en cours."), "{view}");
    on(&api, "provider:compte-citoyen").await?;
    let view = signed_in.visit(&town.attempt(hub)?.url()).await?;
    ensure!(!view.text().contains("Une attaque est en cours."), "{view}");
    Ok(())
}

#[tokio::test]
async fn nobody_but_an_operator_throws_a_switch_and_nobody_without_a_reason() -> Result<()> {
    let (demo, _, _, _, api) = town().await?;
    let auditor = Program::new("auditor")?;
    let put = api.put("/clients/auditor", &auditor.metadata()).await?;
    ensure!(put.status() == 201);
    let member = json!({"client_id": "auditor", "roles": [{"role": "auditor", "on": "hub"}]});
    ensure!(api.put("/people/auditor", &member).await?.status() == 201);
    let looking = auditor.api(&demo).await?;
    ensure!(looking.get("/switches").await?.status() == 200);
    let hub = json!({"target": "hub", "reason": "because"});
    ensure!(post(&looking, "/switches", &hub).await? == 403);
    for (body, expected) in [
        (json!({"target": "hub", "reason": " "}), 422),
        (json!({"target": "hub"}), 422),
        (json!({"target": "client:nobody", "reason": "x"}), 422),
        (json!({"target": "everything", "reason": "x"}), 422),
        (
            json!({"target": "hub", "reason": "x", "until": "2020-01-01T00:00:00Z"}),
            422,
        ),
    ] {
        let status = post(&api, "/switches", &body).await?;
        ensure!(status == expected, "{body}: {status}");
    }
    // The page is for those who may see it; a form of another site throws nothing.
    let door = format!("{}/sign-in", demo.cast.admin);
    let (mut owner, _) = comes_in(&demo, "partenaire", &door).await?;
    let page = owner.get(&format!("{}/switches", demo.cast.admin)).await?;
    ensure!(page.status == 403, "{}", page.status);
    ensure!(api.json("/switches").await?["items"] == json!([]));
    Ok(())
}

#[tokio::test]
async fn the_switches_of_the_console_in_a_browser() -> Result<()> {
    let (demo, town, _, _, _) = town().await?;
    let mut admin = Browser::start().await?;
    let address = format!("{}/switches", demo.cast.admin);
    admin.visit(&format!("{}/sign-in", demo.cast.admin)).await?;
    signs_in_again(&demo, &mut admin).await?;
    let page = admin.visit(&address).await?;
    ensure!(
        page.text().contains("Coupures") || page.text().contains("Kill"),
        "{page}"
    );
    admin.must_be_accessible().await?;
    admin
        .here()
        .fill("reason", "an incident")
        .fill("message_fr", "Revenez <b>demain</b>.")
        .fill("message_en", "Come back <b>tomorrow</b>.")
        .fill("hours", "2")
        .press(Control::Id("switch-off"))
        .await?;
    admin.photograph("console-switch-confirm").await?;
    admin.here().press(Control::Id("confirm")).await?;
    signs_in_again(&demo, &mut admin).await?;
    admin.must_be_accessible().await?;
    admin.photograph("console-switches").await?;

    let mut citizen = Browser::start().await?;
    let view = citizen.visit(&town.attempt(&demo.cast.hub)?.url()).await?;
    let text = view.text();
    ensure!(
        text.contains("<b>demain</b>") || text.contains("<b>tomorrow</b>"),
        "{view}"
    );
    citizen.must_be_accessible().await?;
    citizen.photograph("switched-off").await?;

    admin
        .here()
        .fill("reason", "it is over")
        .press(Control::Id("on-1"))
        .press(Control::Id("confirm"))
        .await?;
    signs_in_again(&demo, &mut admin).await?;
    let view = citizen.visit(&town.attempt(&demo.cast.hub)?.url()).await?;
    ensure!(view.url.path().ends_with("/provider"), "{view}");
    Ok(())
}

#[tokio::test]
async fn what_is_disabled_or_switched_off_is_so_on_every_node_within_a_second() -> Result<()> {
    let (postgres, redis) = (Postgres::start().await?, Redis::start().await?);
    let provider = MockProvider::start("mock").await?;
    let (declared, added) = (RawClient::new("declared"), RawClient::new("added"));
    let mut one = Deployment::new(&[&declared], &[&provider])?;
    let mut two = Deployment::new(&[&declared], &[&provider])?;
    let durable = postgres.database("hub")?;
    let (issuer, keys) = (one.issuer.clone(), one.keys.clone());
    for deployment in [&mut one, &mut two] {
        deployment.issuer.clone_from(&issuer);
        deployment.durable.clone_from(&durable);
        deployment.short_lived = redis.url();
        deployment.keys.clone_from(&keys);
    }
    let _nodes = (one.start().await?, two.start().await?);
    let file = one.folder().join("added.json");
    std::fs::write(&file, added.metadata().to_string())?;
    one.say(&format!("client add {}", file.display()))?;

    let nodes = [&one, &two].map(|node| format!("http://localhost:{}", node.port));
    for (line, service, answer) in [
        (
            "switch off hub --reason drill",
            &declared,
            "temporarily_unavailable",
        ),
        ("switch on hub --reason drill", &declared, "login_required"),
        (
            "switch off client:declared --reason drill",
            &declared,
            "temporarily_unavailable",
        ),
        (
            "switch on client:declared --reason drill",
            &declared,
            "login_required",
        ),
        ("client disable added", &added, "page 400"),
    ] {
        one.say(line)?;
        let began = Instant::now();
        for node in &nodes {
            until(line, async || {
                let told = silently(service, &issuer, node).await.ok()?;
                (told == answer).then_some(())
            })
            .await?;
        }
        let took = began.elapsed();
        eprintln!("{line}: {took:?}");
        ensure!(took < AT_ONCE, "{line}: {took:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_switch_outlives_a_power_cut() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("town");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let issuer = deployment.issuer.clone();
    let mut node = deployment.start().await?;
    deployment.say("switch off hub --reason drill")?;
    until("the switch", async || {
        let told = silently(&service, &issuer, &issuer).await.ok()?;
        (told == "temporarily_unavailable").then_some(())
    })
    .await?;
    node.kill()?;
    node.start_again().await?;
    ensure!(silently(&service, &issuer, &issuer).await? == "temporarily_unavailable");
    let listed: Value = serde_json::from_str(&deployment.say("switch list -o json")?)?;
    ensure!(
        listed[0]["by"] == "command line" && listed[0]["reason"] == "drill",
        "{listed}"
    );
    deployment.say("switch on hub --reason drill")?;
    until("the switch", async || {
        let told = silently(&service, &issuer, &issuer).await.ok()?;
        (told == "login_required").then_some(())
    })
    .await?;
    sign_in(&service, &issuer, &provider).await?;
    deployment.say("ledger verify")?;
    Ok(())
}
