//! "It was not me", by somebody without an account: what is asked of a report, and what whoever looks into it has.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::Value;

use crate::interop::deployment::{Deployment, sign_in, told};
use crate::login::must_read;

#[tokio::test]
async fn a_report_with_a_code_leads_to_files_for_each_who_was_there_and_to_nobody_else()
-> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let other = MockProvider::start("other").await?;
    let [service, elsewhere] = ["cantine", "banque"].map(RawClient::new);
    let mut deployment = Deployment::new(&[&service, &elsewhere], &[&provider, &other])?;
    deployment.employ(&["alice"])?;
    let node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut thief = sign_in(&service, &issuer, &provider).await?;
    let mut papers = someone();
    papers["family_name"] = "AUTREMENT".into();
    other.present(papers);
    sign_in(&elsewhere, &issuer, &other).await?;
    let history = thief
        .citizen
        .get(&format!("{issuer}/account/history/export/json"))
        .await?;
    let entries = history.json()?["entries"].as_array().cloned();
    let mut codes = entries
        .iter()
        .flatten()
        .filter_map(|it| it["code"].as_str());
    let code = codes.next().context("no code")?.to_owned();

    let mut victim = HttpCitizen::new();
    let page = format!("{issuer}/account/not-me");
    let unsaid = victim.visit(&page).fill("visit", &code);
    let unsaid = unsaid.press(Control::Id("report")).await?;
    assert_eq!(unsaid.status, Some(422), "{unsaid}");
    must_read(&unsaid, "Dites en quelques mots ce qui s’est passé")?;
    let no_code = victim.here().fill("statement", "Ce n’était pas moi.");
    let no_code = no_code.fill("visit", "hier soir");
    let no_code = no_code.press(Control::Id("report")).await?;
    assert_eq!(no_code.status, Some(422), "{no_code}");
    must_read(&no_code, "Un code compte douze lettres et chiffres")?;
    ensure!(no_code.html.contains("Ce n’était pas moi."), "{no_code}");
    let said = victim.here().fill("visit", &code.to_lowercase());
    let kept = said.press(Control::Id("report")).await?;
    assert_eq!(kept.status, Some(200), "{kept}");

    let list: Value = serde_json::from_str(&deployment.say("person cases -o json")?)?;
    let case = list[0]["case"].as_str().context("no case")?.to_owned();
    let (folder, alice) = (
        deployment.folder().join("case"),
        deployment.acting("alice", "alice"),
    );
    let line = format!("person case {case} --csv {} {alice}", folder.display());
    let shown: Value = serde_json::from_str(&deployment.say(&line)?)?;
    assert_eq!(shown["evidence"]["visit"], code.as_str(), "{shown}");
    let names = ["provider-mock.csv", "service-cantine.csv", "support.csv"];
    assert_eq!(shown["files"], serde_json::json!(names), "{shown}");
    let read = |name: &str| fs::read_to_string(folder.join(name));
    let support = read("support.csv")?;
    for told in [
        &*code,
        "identity.verified",
        "consent.given",
        "cantine",
        "mock",
    ] {
        ensure!(support.contains(told), "{told} is not in {support}");
    }
    let (to_service, to_provider) = (read("service-cantine.csv")?, read("provider-mock.csv")?);
    ensure!(!to_service.contains("mock"), "{to_service}");
    ensure!(!to_provider.contains("cantine"), "{to_provider}");
    for file in [support, to_service, to_provider] {
        for secret in [thief.sub(), "banque", "AUTREMENT", "Ce n’était pas moi"] {
            ensure!(!file.contains(secret), "{secret} is in {file}");
        }
    }
    // What is there stays, and who looked is on record.
    let again = deployment.command(&line)?;
    ensure!(!again.status.success(), "{}", told(&again));
    drop(node);
    deployment.say("ledger verify")?;
    Ok(())
}
