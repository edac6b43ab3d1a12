//! Two versions of a habilitation beside each other: reviewers read what changed since it was granted, field by field
//! and in words.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::{Browser, Demo, Hands as _};
use serde_json::json;

use super::onboarding_desk::Desk;
use super::program::come_again;
use crate::pages::inspection::Inspection;

/// Writes a part of a file.
async fn writes(
    team: &mut Desk<'_>,
    file: &str,
    part: &str,
    values: &[(&str, &str)],
) -> Result<()> {
    let path = format!("/onboarding/{file}/part/{part}");
    let address = format!("{}{path}", team.demo.cast.admin);
    let kept = team.send(&address, &path, Some("on"), values).await?;
    let to = kept.location()?.context("nowhere")?;
    ensure!(!to.as_str().contains("checked"), "{part}: {to}");
    Ok(())
}

/// A file that was granted, and of which another version was sent.
async fn sent_again(demo: &Demo) -> Result<String> {
    let mut one = Desk::of(demo, "instruction").await?;
    let mut two = Desk::of(demo, "controle").await?;
    let mut team = Desk::begins(demo, "camille").await?;
    let file = team.asks("Cantine d’Exemple").await?;
    let longer = [
        ("retention_months", "48"),
        ("retention_reason", "La loi le demande pour ces dossiers."),
    ];
    writes(&mut team, &file, "guarantees", &longer).await?;
    ensure!(team.step(&file, "submit", "").await?.status == 303);
    for desk in [&mut one, &mut two] {
        ensure!(desk.confirms(&file, "sign", "").await? == 200);
    }
    ensure!(team.state(&file).await? == "validated");
    ensure!(team.step(&file, "renew", "").await?.status == 303);
    let shorter = [("retention_months", "12"), ("retention_reason", "")];
    writes(&mut team, &file, "guarantees", &shorter).await?;
    let more = [
        ("scope.email", "yes"),
        ("why.scope.email", "Écrire au parent en cas d’urgence."),
    ];
    writes(&mut team, &file, "data", &more).await?;
    let text = "Inscrire un enfant à la cantine scolaire.\nPrévenir sa famille.";
    writes(&mut team, &file, "purposes", &[("purpose", text)]).await?;
    ensure!(team.step(&file, "submit", "").await?.status == 303);
    Ok(file)
}

/// A reviewer at the page of a file.
async fn reviewer(demo: &Demo, file: &str, language: &str) -> Result<Browser> {
    let mut browser = Browser::start().await?;
    browser.devtools("Network.enable", json!({})).await?;
    let headers = json!({ "headers": { "Accept-Language": language } });
    browser
        .devtools("Network.setExtraHTTPHeaders", headers)
        .await?;
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .await?;
    come_again(demo, &mut browser, "instruction").await?;
    let address = format!("{}/onboarding/{file}", demo.cast.admin);
    browser.open(&address).await?;
    Ok(browser)
}

#[tokio::test]
async fn reviewers_read_what_changed_since_it_was_granted_in_words() -> Result<()> {
    let demo = Demo::start().await?;
    let file = sent_again(&demo).await?;
    for (language, inspection, words) in [
        (
            "fr",
            Inspection::with_pictures("fr"),
            ["Ajouté", "Retiré", "Modifié", "ajouté :"],
        ),
        (
            "en",
            Inspection::new("en"),
            ["Added", "Removed", "Changed", "added:"],
        ),
    ] {
        let mut inspection = inspection;
        let mut browser = reviewer(&demo, &file, language).await?;
        inspection.see(&browser, "onboarding-differences").await?;
        inspection.conclude(1)?;
        let page = browser.look().await?;
        for (change, word, said) in [
            ("added", words[0], "Écrire au parent en cas d’urgence."),
            ("removed", words[1], "La loi le demande pour ces dossiers."),
            ("reworded", words[2], "48"),
            ("reworded", words[3], "Prévenir sa famille."),
        ] {
            let script = format!(
                "[...document.querySelectorAll('[data-change={change}]')].map(it => it.innerText)\
                 .join('\\n')"
            );
            let text = browser.evaluate(&script).await?;
            let text = text.as_str().unwrap_or_default().replace('\u{a0}', " ");
            ensure!(
                text.contains(word) && text.contains(said),
                "{change}: {text}"
            );
        }
        // What stays is not told, and a line that stays in a text that changed is not marked.
        let marked = "[...document.querySelectorAll('#differences ins, #differences del')]\
            .some(it => it.innerText.includes('Inscrire un enfant'))";
        ensure!(browser.evaluate(marked).await? == false, "{page}");
        let untouched = "document.getElementById('differences').innerText.includes('R531')";
        ensure!(browser.evaluate(untouched).await? == false, "{page}");
    }
    Ok(())
}
