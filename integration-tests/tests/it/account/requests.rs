//! What a citizen asks by right: kept through a crash, answered by an operator, read by them alone, complained
//! about with what goes with it.

use anyhow::{Context as _, Result};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::Value;

use crate::interop::deployment::{Deployment, sign_in};
use crate::login::{must_not_read, must_read};

const WRONG: &str = "Mon prénom est Aimée, avec un accent : é.";

/// Asks `citizen`'s `right`, of whoever the form offers first; where that is.
async fn ask(citizen: &mut HttpCitizen, issuer: &str, right: &str, words: &str) -> Result<String> {
    let form = format!("{issuer}/account/rights/ask/{right}");
    let kept = citizen
        .visit(&form)
        .fill("statement", words)
        .press(Control::Id("send"))
        .await?;
    must_read(&kept, words)?;
    Ok(kept.url.to_string())
}

#[tokio::test]
async fn a_request_outlives_a_crash_is_answered_and_is_nobody_elses() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.employ(&["alice"])?;
    let mut node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    provider.present(someone());
    let mut camille = sign_in(&service, &issuer, &provider).await?.citizen;
    let address = ask(&mut camille, &issuer, "rectification", WRONG).await?;
    let id = address.rsplit('/').next().unwrap_or_default().to_owned();
    node.kill()?;
    node.start_again().await?;

    let mut other = someone();
    other["family_name"] = "AUTREMENT".into();
    provider.present(other);
    let mut linh = sign_in(&service, &issuer, &provider).await?.citizen;
    assert_eq!(linh.get(&address).await?.status, 404);
    let rights = format!("{issuer}/account/rights");
    must_not_read(&linh.visit(&rights).await?, "Vos demandes")?;

    let alice = deployment.acting("alice", "alice");
    let waiting: Value = serde_json::from_str(&deployment.say("person requests -o json")?)?;
    assert_eq!(waiting[0]["request"], id.as_str(), "{waiting}");
    assert!(!waiting.to_string().contains("Aimée"), "{waiting}");
    let shown = deployment.say(&format!("person request {id} {alice}"))?;
    assert!(shown.contains("Aimée"), "{shown}");
    let passed = format!("person answer {id} --outcome passed-on --words Mairie {alice}");
    deployment.say(&passed)?;
    let refused = format!("person answer {id} --outcome refused --words C.civ.99 {alice}");
    deployment.say(&refused)?;
    let again = deployment.command(&format!(
        "person answer {id} --outcome done --words non {alice}"
    ))?;
    assert_eq!(again.status.code(), Some(1), "it is settled");

    provider.present(someone());
    let mut camille = sign_in(&service, &issuer, &provider).await?.citizen;
    let page = camille.visit(&address).await?;
    must_read(&page, "Refusée")?;
    must_read(&page, "C.civ.99")?;
    must_read(&page, WRONG)?;
    let home = camille.visit(&format!("{issuer}/account")).await?;
    must_read(&home, "Réponse à votre demande de rectification")?;
    let history = camille.visit(&format!("{issuer}/account/history")).await?;
    must_read(&history, "Un agent a lu votre demande")?;
    must_read(&history, "Votre demande a été refusée")?;
    Ok(())
}

#[tokio::test]
async fn a_complaint_is_taken_as_a_signed_file_and_nothing_rests_in_clear() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut camille = sign_in(&service, &issuer, &provider).await?.citizen;
    let words = "On ne me répond pas depuis CANARI-2026.";
    let address = ask(&mut camille, &issuer, "complaint", words).await?;
    let page = camille.get(&address).await?;
    let forms = page.document().forms();
    let bundle = forms.iter().find(|form| form.action.ends_with("/bundle"));
    let bundle = bundle.context("no form")?.clone();
    camille.stand_on(page);
    let file = camille.submit(&bundle, None, &[]).await?;
    assert_eq!(file.status, 200, "{}", file.body);
    for held in [
        "complaint.json",
        "requests.json",
        "support.json",
        "manifest.jwt",
        "CANARI-2026",
    ] {
        assert!(file.body.contains(held), "{held}");
    }
    let withdrawn = camille
        .visit(&address)
        .press(Control::Id("withdraw"))
        .await?;
    must_read(&withdrawn, "Retirée")?;
    drop(node);
    let mut at_rest = String::new();
    for entry in std::fs::read_dir(deployment.folder())? {
        let path = entry?.path();
        if path.is_file() {
            at_rest.push_str(&String::from_utf8_lossy(&std::fs::read(path)?));
        }
    }
    assert!(at_rest.len() > 10_000, "the database is there");
    assert!(!at_rest.contains("CANARI-2026"), "it rests in clear");
    Ok(())
}

#[tokio::test]
async fn whoever_forges_an_addressee_or_says_nothing_is_asked_again() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut camille = sign_in(&service, &issuer, &provider).await?.citizen;
    let address = format!("{issuer}/account/rights/ask/erasure");
    let page = camille.get(&address).await?;
    let form = page.form()?;
    camille.stand_on(page);
    let filled = |to: &str, words: &str| {
        [("to", to), ("statement", words)].map(|(name, text)| (name.to_owned(), text.to_owned()))
    };
    let forged = filled("service stranger", "x");
    let refused = camille.submit(&form, None, &forged).await?;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert!(
        refused.body.contains("Choisissez un destinataire"),
        "{}",
        refused.body
    );
    let empty = camille.submit(&form, None, &filled("hub", "  ")).await?;
    assert_eq!(empty.status, 400, "{}", empty.body);
    let nowhere = format!("{issuer}/account/rights/ask/anything");
    assert_eq!(camille.get(&nowhere).await?.status, 404);
    Ok(())
}
