//! Receipts: downloaded by whoever decided, verified by everybody, with and without script, by command, and
//! after the hub's keys rotated.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::View;
use guichet_integration_tests::machine::guichet_binary;
use guichet_integration_tests::process::mortal;
use serde_json::Value;

use super::walk::Walk;
use crate::login::must_read;

#[tokio::test]
async fn a_receipt_is_verified_by_everybody_and_a_changed_one_is_not() -> Result<()> {
    let (mut walk, receipt) = decided().await?;
    must_not_tell(&receipt)?;
    let address = walk.demo.hub("/receipts/verify");

    // In the browser itself: nothing is posted.
    walk.open(&address).await?;
    paste(&mut walk, &receipt).await?;
    let told = settled(&mut walk, "receipt-holds").await?;
    must_read(&told, "Contrôles faits par votre navigateur")?;
    says_what_was_decided(&told)?;
    walk.browser
        .photograph("receipt-verified-by-browser")
        .await?;
    paste(&mut walk, &changed(&receipt)?).await?;
    let told = settled(&mut walk, "receipt-fails").await?;
    must_read(&told, "la signature n’est pas bonne")?;

    // By the hub, for whoever runs no script.
    walk.switch_script_off().await?;
    walk.open(&address).await?;
    let told = post(&mut walk, &receipt).await?;
    must_read(&told, "Contrôles faits par ce site")?;
    must_read(&told, "Ce reçu est authentique")?;
    says_what_was_decided(&told)?;
    let told = post(&mut walk, &changed(&receipt)?).await?;
    must_read(&told, "Ce reçu n’est pas authentique")?;
    must_read(&told, "la signature n’est pas bonne")?;
    let told = post(&mut walk, "ceci n’est pas un reçu").await?;
    must_read(&told, "ce texte n’est pas un reçu")
}

#[tokio::test]
async fn a_receipt_is_verified_offline_with_what_the_hub_published() -> Result<()> {
    let (walk, receipt) = decided().await?;
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    let client = reqwest::Client::new();
    for (name, path) in [
        ("keys.json", "/exchange/receipts/keys"),
        ("later.checkpoint", "/exchange/checkpoint?since=1"),
    ] {
        let published = client.get(walk.demo.hub(path)).send().await?;
        fs::write(file(name), published.error_for_status()?.bytes().await?)?;
    }
    fs::write(file("receipt.jwt"), &receipt)?;
    fs::write(file("changed.jwt"), changed(&receipt)?)?;
    // The hub is gone; nothing but the files is left.
    drop(walk);
    let verified = |name: &str| -> Result<(Option<i32>, Value)> {
        let mut command = mortal(guichet_binary()?);
        command.args([
            "receipt",
            "verify",
            &file(name),
            "--keys",
            &file("keys.json"),
        ]);
        let output = command.args(["-o", "json"]).output()?;
        let told = serde_json::from_slice(&output.stdout);
        let problem = || String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.code(), told.with_context(problem)?))
    };
    let (code, told) = verified("receipt.jwt")?;
    assert_eq!(
        (code, &told["holds"]),
        (Some(0), &Value::from(true)),
        "{told:#}"
    );
    assert_eq!(told["says"]["service"]["name"], "Cantine");
    assert_eq!(told["says"]["outcome"], "sent");
    let (code, told) = verified("changed.jwt")?;
    assert_eq!(
        (code, &told["holds"]),
        (Some(1), &Value::from(false)),
        "{told:#}"
    );
    let checks = told["checks"].as_array().context("no checks")?;
    let failed: Vec<_> = checks
        .iter()
        .filter(|check| check["holds"] == false)
        .collect();
    assert_eq!(failed[0]["check"], "signature", "{failed:?}");
    Ok(())
}

#[tokio::test]
async fn what_everybody_may_count_names_nobody() -> Result<()> {
    let (mut walk, _) = decided().await?;
    let counts = reqwest::get(walk.demo.hub("/exchange/counts")).await?;
    let counts: Value = counts.error_for_status()?.json().await?;
    assert_eq!(
        counts["days"].as_array().map(Vec::len),
        Some(30),
        "{counts}"
    );
    assert_eq!(counts["hidden"], 0);
    let page = walk.open(&walk.demo.hub("/receipts/counts")).await?;
    must_read(&page, "Les échanges, comptés par trois")
}

/// Camille sent her quotient to "Cantine"; her receipt of it.
async fn decided() -> Result<(Walk, String)> {
    let mut walk = Walk::start("fr").await?;
    walk.sign_in("cantine", &CAMILLE).await?;
    walk.ask().await?;
    walk.look_for_the_first_time().await?;
    walk.press("send").await?;
    walk.account().await?;
    // What pressing the link downloads. That page connects to nothing; the one that verifies does.
    let link = "document.querySelector('a[id^=\"receipt-\"]').href";
    let link = walk.browser.evaluate(link).await?;
    walk.open(&walk.demo.hub("/receipts/verify")).await?;
    let fetched = format!(
        "fetch({link}).then(async (answer) => \
         [answer.headers.get('content-disposition'), await answer.text()])"
    );
    let fetched = walk.browser.evaluate(&fetched).await?;
    let name = fetched[0].as_str().context("no file name")?;
    ensure!(name.contains("attachment; filename=\"recu-"), "{name}");
    let receipt = fetched[1].as_str().context("no receipt")?.to_owned();
    Ok((walk, receipt))
}

/// Neither her name nor the value.
fn must_not_tell(receipt: &str) -> Result<()> {
    let said = payload(receipt)?;
    for secret in ["Camille", "MARTIN", "\"620\"", ":620,"] {
        ensure!(!said.contains(secret), "{secret} in {said}");
    }
    Ok(())
}

fn payload(receipt: &str) -> Result<String> {
    use base64::Engine as _;
    let part = receipt.split('.').nth(1).context("no payload")?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part)?;
    Ok(String::from_utf8(bytes)?)
}

/// The same, for another service.
fn changed(receipt: &str) -> Result<String> {
    use base64::Engine as _;
    let said = payload(receipt)?.replace("\"Cantine\"", "\"Banque\"");
    let part = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(said);
    let (head, rest) = receipt.split_once('.').context("no head")?;
    let (_, signature) = rest.split_once('.').context("no signature")?;
    Ok(format!("{head}.{part}.{signature}"))
}

async fn paste(walk: &mut Walk, receipt: &str) -> Result<()> {
    let value = Value::from(receipt);
    let script = format!("document.getElementById('receipt').value = {value}");
    walk.browser.evaluate(&script).await?;
    walk.browser
        .evaluate("document.getElementById('receipt-verify').click()")
        .await?;
    Ok(())
}

async fn post(walk: &mut Walk, receipt: &str) -> Result<View> {
    let value = Value::from(receipt);
    let script = format!("document.getElementById('receipt').value = {value}");
    walk.browser.evaluate(&script).await?;
    walk.press("receipt-verify").await
}

/// The page, once the script has said so.
async fn settled(walk: &mut Walk, id: &str) -> Result<View> {
    let shown = format!("!document.getElementById('{id}').hidden");
    guichet_integration_tests::wait::until(id, async || {
        let shown = walk.browser.evaluate(&shown).await.ok()?;
        (shown == true).then_some(())
    })
    .await?;
    walk.look().await
}

fn says_what_was_decided(told: &View) -> Result<()> {
    for words in ["Cantine", "Famille", "Quotient familial", "Transmettre"] {
        must_read(told, words)?;
    }
    Ok(())
}
