//! Programs are told what happens, signed, at least once, whatever dies in between; and a review tool is believed
//! for its signature alone.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::webhook_peers::{Receiver, signed};
use guichet_integration_tests::{RawClient, wait};
use reqwest::Method;
use serde_json::{Value, json};

use super::program::{Program, demo_with, let_in, operator};
use crate::interop::deployment::Deployment;

/// Adds a webhook by the command line; its secret.
fn add(deployment: &Deployment, url: &str, id: &str) -> Result<String> {
    let file = deployment.folder().join("webhook.json");
    fs::write(&file, json!({ "id": id, "url": url }).to_string())?;
    deployment.say(&format!("webhook add {}", file.display()))?;
    secret(deployment, id, "")
}

fn secret(deployment: &Deployment, id: &str, more: &str) -> Result<String> {
    let made = deployment.say(&format!("webhook secret add {id} -o json {more}"))?;
    let made: Value = serde_json::from_str(&made)?;
    Ok(made["secret"].as_str().context("no secret")?.to_owned())
}

fn deliveries(deployment: &Deployment, id: &str) -> Result<Vec<Value>> {
    let all = deployment.say(&format!("webhook deliveries {id} -o json"))?;
    Ok(serde_json::from_str(&all)?)
}

fn off(deployment: &Deployment, target: &str) -> Result<String> {
    deployment.say(&format!("switch off {target} --reason an-incident"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_signed_and_again_on_request() -> Result<()> {
    let service = RawClient::new("town");
    let deployment = Deployment::new(&[&service], &[])?;
    let _node = deployment.start().await?;
    let receiver = Receiver::start().await?;
    let secret_one = add(&deployment, &receiver.url, "city")?;
    off(&deployment, "client:town")?;
    let got = receiver.told("switch.off", 1).await?;
    let said = got.verified(&secret_one)?;
    ensure!(said["data"]["client"] == "town", "{said}");
    ensure!(
        !got.body.contains("incident") && !got.body.contains("command line"),
        "who and why stay in the ledger: {}",
        got.body
    );
    ensure!(
        got.verified("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .is_err()
    );

    // A second secret signs beside the first; the first ends; the third is for everybody to verify.
    let secret_two = secret(&deployment, "city", "--overlap 1h")?;
    let public = secret(&deployment, "city", "--signature v1a")?;
    deployment.say("webhook test city")?;
    let got = receiver.told("webhook.tested", 1).await?;
    for known in [&secret_one, &secret_two, &public] {
        got.verified(known).with_context(|| known[..6].to_owned())?;
    }
    let all: Value = serde_json::from_str(&deployment.say("webhook secret list city -o json")?)?;
    let listed = all.to_string();
    ensure!(
        !listed.contains(&secret_one[6..]) && listed.contains(&public),
        "{listed}"
    );
    let first = all[0]["id"].as_str().context("no id")?;
    deployment.say(&format!("webhook secret end city {first}"))?;
    deployment.say("webhook test city")?;
    let got = receiver.told("webhook.tested", 2).await?;
    ensure!(got.verified(&secret_one).is_err() && got.verified(&secret_two).is_ok());

    // Again, under its own identifier; nobody else hears.
    let before = receiver.told("switch.off", 1).await?;
    let told = deliveries(&deployment, "city")?;
    let mut told = told.iter();
    let sequence = told
        .find(|it| it["type"] == "switch.off")
        .context("not listed")?;
    ensure!(sequence["state"] == "delivered", "{sequence}");
    let line = format!("webhook replay city --sequence {}", sequence["sequence"]);
    deployment.say(&line)?;
    let again = receiver.told("switch.off", 2).await?;
    ensure!(again.id() == before.id() && again.body == before.body);
    again.verified(&secret_two)?;
    deployment.say("webhook replay city --since 2020-01-01T00:00:00Z")?;
    receiver.told("switch.off", 3).await?;
    receiver.told("webhook.tested", 4).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_told_though_the_hub_dies_and_whoever_is_gone_hears_no_more()
-> Result<()> {
    let service = RawClient::new("town");
    let deployment = Deployment::new(&[&service], &[])?;
    let mut node = deployment.start().await?;
    let receiver = Receiver::start().await?;
    let known = add(&deployment, &receiver.url, "city")?;
    // Nobody takes it; the node dies; while it is down more happens.
    receiver.answer(503);
    off(&deployment, "client:town")?;
    receiver.told("switch.off", 1).await?;
    node.kill()?;
    deployment.say("switch on client:town --reason it-is-over-now")?;
    receiver.answer(204);
    node.start_again().await?;
    let on = receiver.told("switch.on", 1).await?;
    on.verified(&known)?;
    let off_again = receiver.told("switch.off", 2).await?;
    let first = receiver.told("switch.off", 1).await?;
    ensure!(off_again.id() == first.id(), "the same message");
    wait::until("all delivered", async || {
        let all = deliveries(&deployment, "city").ok()?;
        all.iter()
            .all(|it| it["state"] == "delivered")
            .then_some(())
    })
    .await?;

    // A redirect is not followed.
    receiver.answer(307);
    deployment.say("webhook test city")?;
    wait::until("a failure that is seen", async || {
        let all = deliveries(&deployment, "city").ok()?;
        (all[0]["error"] == "307" && all[0]["state"] == "waiting").then_some(())
    })
    .await?;
    let all = receiver.got();
    ensure!(
        all.iter().all(|got| got.path == "/hooks"),
        "it was followed"
    );

    // Gone is gone.
    receiver.answer(410);
    deployment.say("webhook test city")?;
    wait::until("disabled", async || {
        let shown: Value = serde_json::from_str(&deployment.say("webhook show city").ok()?).ok()?;
        (shown["active"] == false && shown["gone"].is_string()).then_some(())
    })
    .await?;
    let other = Receiver::start().await?;
    add(&deployment, &other.url, "town")?;
    off(&deployment, "client:town")?;
    other.told("switch.off", 1).await?;
    let all = receiver.got();
    let told = all.iter().filter(|got| got.is_of("switch.off"));
    ensure!(told.count() == 2, "whoever is gone was told");
    deployment.say("ledger verify")?;
    Ok(())
}

/// A message of the review tool.
fn approved(id: &str, name: &str) -> String {
    json!({
        "type": "habilitation.approved",
        "timestamp": "2026-01-01T00:00:00Z",
        "data": {
            "id": id,
            "organisation": { "name": name, "legal_id": "217500016" },
            "owner": { "name": "Dominique PETIT", "email": "d.petit@ville.example" },
            "client": {
                "name": "Inscriptions scolaires",
                "redirect_uris": ["https://ecole.ville.example/callback"],
                "scope": "openid given_name family_name",
            },
        },
    })
    .to_string()
}

/// What is like the message `msg_1` that says `body` at `at`, and is not it: identifier, time, signature, words.
fn not_to_be_believed(
    secret: &str,
    good: &str,
    at: i64,
    body: &str,
) -> Result<Vec<(&'static str, i64, String, String)>> {
    let of_another = signed("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "msg_1", at, body)?;
    let said = || body.to_owned();
    Ok(vec![
        ("msg_1", at, "v1,AAAA".to_owned(), said()),
        ("msg_1", at, of_another, said()),
        ("msg_2", at, good.to_owned(), said()),
        ("msg_1", at + 1, good.to_owned(), said()),
        (
            "msg_1",
            at,
            good.to_owned(),
            approved("datapass-1", "Autre"),
        ),
        (
            "msg_1",
            at - 400,
            signed(secret, "msg_1", at - 400, body)?,
            said(),
        ),
        (
            "msg_1",
            at + 400,
            signed(secret, "msg_1", at + 400, body)?,
            said(),
        ),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_approval_makes_a_service_and_its_owner_and_nothing_else_does() -> Result<()> {
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NEXT: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let mut deployment = Deployment::new(&[], &[])?;
    deployment.further = format!("[onboarding]\nreview_secrets = \"{SECRET} {NEXT}\"\n");
    let _node = deployment.start().await?;
    let address = format!(
        "{}/api/admin/v1/hooks/habilitations",
        deployment.management()
    );
    let post = async |id: &str, at: i64, signature: &str, body: &str| -> Result<u16> {
        let request = plain_client()
            .post(&address)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signature)
            .body(body.to_owned());
        Ok(request.send().await?.status().as_u16())
    };
    let body = approved("datapass-1", "Ville");
    // Not before the node began to remember, whose time is finer.
    let at = now() + 2;
    let clients = || deployment.say("client list -o json");
    let bare = plain_client()
        .post(&address)
        .header("content-type", "application/json")
        .body(body.clone());
    ensure!(bare.send().await?.status() == 401, "unsigned");
    let good = signed(SECRET, "msg_1", at, &body)?;
    for (id, at, signature, said) in not_to_be_believed(SECRET, &good, at, &body)? {
        let status = post(id, at, &signature, &said).await?;
        ensure!(status == 401, "{id} {at} {signature}: {status}");
    }
    ensure!(!clients()?.contains("Inscriptions scolaires"));

    ensure!(post("msg_1", at, &good, &body).await? == 200);
    let listed = clients()?;
    ensure!(listed.contains("Inscriptions scolaires"), "{listed}");
    ensure!(post("msg_1", at, &good, &body).await? == 409, "replayed");
    let later = signed(SECRET, "msg_1", at + 1, &body)?;
    ensure!(
        post("msg_1", at + 1, &later, &body).await? == 409,
        "it was done"
    );
    // Another message of the same says nothing new; the secret that follows holds too.
    let same = signed(NEXT, "msg_3", at, &body)?;
    ensure!(post("msg_3", at, &same, &body).await? == 200);
    ensure!(clients()? == listed, "it came twice");
    let other = r#"{"type":"habilitation.submitted","data":{}}"#;
    let heard = signed(SECRET, "msg_4", at, other)?;
    ensure!(post("msg_4", at, &heard, other).await? == 204);
    let wrong = body.replace("https://ecole", "javascript:ecole");
    let refused = signed(SECRET, "msg_5", at, &wrong)?;
    ensure!(
        post("msg_5", at, &refused, &wrong).await? == 200,
        "the client is there already"
    );
    let wrong = wrong.replace("datapass-1", "datapass-2");
    let refused = signed(SECRET, "msg_6", at, &wrong)?;
    ensure!(post("msg_6", at, &refused, &wrong).await? == 422);
    let register = async || -> Result<Value> {
        let address = format!("{}/habilitations.json", deployment.issuer);
        let told: Value = plain_client().get(address).send().await?.json().await?;
        Ok(told["habilitations"][0].clone())
    };
    // By its word it is granted, and whoever reads the register reads that.
    let line = register().await?;
    let exception = json!({
        "kind": "approved_elsewhere", "tool": "review-tool", "reference": "datapass-1",
    });
    ensure!(
        line["exception"] == exception && line["state"] == "validated" && line["version"] == 1,
        "{line}"
    );
    // Another word of the same is another version; what it replaced does not come back.
    let narrower = body
        .replace("given_name family_name", "given_name")
        .replace("2026-01-01T", "2026-01-02T");
    let next = signed(SECRET, "msg_7", at, &narrower)?;
    ensure!(post("msg_7", at, &next, &narrower).await? == 200);
    let shown = clients()?;
    ensure!(!shown.contains("family_name"), "{shown}");
    let before = signed(SECRET, "msg_8", at, &body)?;
    ensure!(post("msg_8", at, &before, &body).await? == 409, "of before");
    ensure!(clients()? == shown);
    let line = wait::until("the register anew", async || {
        let line = register().await.ok()?;
        (line["version"] == 2).then_some(line)
    })
    .await?;
    ensure!(line["scopes"] == json!(["openid", "given_name"]), "{line}");
    let log = deployment.say("ledger export --format cef --from 0")?;
    ensure!(
        log.contains("guichetException=approved_elsewhere")
            && log.contains("guichetReference=datapass-1"),
        "{log}"
    );
    for kind in ["|hook.taken|", "|hook.refused|", "|staff.invited|"] {
        ensure!(log.contains(kind), "{kind}");
    }
    ensure!(
        log.contains("guichetBy=review tool") && !log.contains("petit"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn a_team_tells_its_own_programs_of_its_own_and_reaches_nobody_else_s() -> Result<()> {
    let (robot, owner) = (Program::new("robot")?, Program::new("owner")?);
    let demo = demo_with(&[&robot, &owner]).await?;
    let mut hand = operator(&demo).await?;
    let_in(&demo, &mut hand, &robot, ("operator", "hub")).await?;
    let robot = robot.api(&demo).await?;
    let seat = json!({ "role": "team_owner", "on": "team:cartes-grises" });
    let member = json!({ "client_id": "owner", "roles": [seat] });
    ensure!(robot.put("/people/owner", &member).await?.status() == 201);
    let owner = owner.api(&demo).await?;
    let receiver = Receiver::start().await?;
    let of_hub = json!({ "url": receiver.url });
    ensure!(
        owner.put("/webhooks/all", &of_hub).await?.status() == 403,
        "more than theirs"
    );
    let own = json!({ "url": receiver.url, "on": "team:cartes-grises", "description": "<script>alert(1)</script>" });
    ensure!(owner.put("/webhooks/cars", &own).await?.status() == 201);
    ensure!(robot.put("/webhooks/all", &of_hub).await?.status() == 201);
    for (method, path) in [
        (Method::GET, "/webhooks/all"),
        (Method::GET, "/webhooks/all/secrets"),
        (Method::GET, "/webhooks/all/deliveries"),
        (Method::POST, "/webhooks/all/secrets"),
        (Method::POST, "/webhooks/all/test"),
        (Method::POST, "/webhooks/all/replay"),
        (Method::PUT, "/webhooks/all"),
        (Method::DELETE, "/webhooks/all"),
    ] {
        let body = json!({});
        let answer = owner.call(method.clone(), path, &[], Some(&body)).await?;
        ensure!(
            answer.status() == 404,
            "{method} {path}: {}",
            answer.status()
        );
    }
    for url in [
        "http://169.254.169.254/latest",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "https://a:b@c.example/",
    ] {
        let inside = json!({ "url": url, "on": "team:cartes-grises" });
        let put = owner.put("/webhooks/inside", &inside).await?;
        ensure!(put.status() == 422, "{url}: {}", put.status());
    }

    let made = owner
        .call(
            Method::POST,
            "/webhooks/cars/secrets",
            &[],
            Some(&json!({})),
        )
        .await?;
    let known: Value = made.json().await?;
    let known = known["secret"].as_str().context("no secret")?;
    let provider = robot.get("/providers/identite-postale").await?;
    let tag = provider.headers()["etag"].to_str()?.to_owned();
    let maintenance = json!({ "maintenance": { "fr": "Ce soir.", "en": "Tonight." } });
    let if_match = [("if-match", tag.as_str())];
    let changed = robot
        .call(
            Method::PATCH,
            "/providers/identite-postale",
            &if_match,
            Some(&maintenance),
        )
        .await?;
    ensure!(changed.status() == 200, "{}", changed.text().await?);
    for target in ["client:cantine", "client:carte-grise"] {
        let body = json!({ "target": target, "reason": "an incident" });
        let off = robot
            .call(Method::POST, "/switches", &[], Some(&body))
            .await?;
        ensure!(off.status() == 200);
    }
    let got = receiver.told("switch.off", 1).await?;
    let said = got.verified(known)?;
    ensure!(said["data"]["client"] == "carte-grise", "{said}");
    ensure!(
        receiver
            .got()
            .iter()
            .all(|got| !got.is_of("provider.changed"))
    );
    let page = robot.json("/webhooks/cars/deliveries?limit=1").await?;
    ensure!(page["items"][0]["type"] == "switch.off", "{page}");

    // What they wrote stands on pages as text.
    let page = hand
        .get(&format!("{}/webhooks/cars", demo.cast.admin))
        .await?;
    ensure!(
        page.status == 200 && page.body.contains("&lt;script&gt;"),
        "{}",
        page.body
    );
    ensure!(!page.body.contains("<script>alert") && !page.body.contains(&known[6..]));
    Ok(())
}
