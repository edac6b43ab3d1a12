//! The rights of a citizen, used from outside: the archive, whole and signed; the register of processing, which
//! is what runs.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::http_citizen::{Page, shared_client};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, sign_in, told};

/// The archive that the page hands out.
async fn archive(citizen: &HttpCitizen, issuer: &str) -> Result<Vec<u8>> {
    let mut citizen = citizen.clone();
    let page: Page = citizen.get(&format!("{issuer}/account/rights")).await?;
    ensure!(page.status == 200, "{}", page.body);
    let forms = page.document().forms();
    let form = forms
        .iter()
        .find(|form| form.action.ends_with("/account/rights/archive"));
    let form = form.with_context(|| format!("no form: {}", page.body))?;
    let cookies: Vec<String> = citizen
        .cookies()
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let answer = shared_client()
        .post(format!("{issuer}/account/rights/archive"))
        .header("cookie", cookies.join("; "))
        .header("sec-fetch-site", "same-origin")
        .form(&form.fields)
        .send()
        .await?;
    ensure!(answer.status() == 200, "{}", answer.status());
    Ok(answer.bytes().await?.to_vec())
}

#[tokio::test]
async fn an_archive_holds_what_is_there_of_its_citizen_alone_and_is_verified_offline() -> Result<()>
{
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    provider.present(someone());
    let camille = sign_in(&service, &issuer, &provider).await?;
    let mut other = someone();
    other["family_name"] = "AUTREMENT".into();
    provider.present(other);
    let linh = sign_in(&service, &issuer, &provider).await?;

    let bytes = archive(&camille.citizen, &issuer).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for held in [
        camille.sub(),
        "services.json",
        "consents.json",
        "cases.json",
        "history/0001.json",
        "manifest.jwt",
    ] {
        assert!(text.contains(held), "{held} is not in it");
    }
    assert!(!text.contains(linh.sub()), "another's");
    let theirs = archive(&linh.citizen, &issuer).await?;
    assert!(!String::from_utf8_lossy(&theirs).contains(camille.sub()));

    let keys = shared_client()
        .get(format!("{issuer}/exchange/receipts/keys"))
        .send()
        .await?
        .text()
        .await?;
    drop(node);
    let folder = deployment.folder();
    let (file, keys_file) = (folder.join("archive.zip"), folder.join("keys.json"));
    fs::write(&file, &bytes)?;
    fs::write(&keys_file, keys)?;
    let command = format!(
        "archive verify {} --keys {}",
        file.display(),
        keys_file.display()
    );
    let holds = deployment.command(&command)?;
    assert!(holds.status.success(), "{}", told(&holds));
    let at = text.find("cantine").context("no service")?;
    let mut changed = bytes.clone();
    changed[at] ^= 1;
    fs::write(&file, changed)?;
    let refused = deployment.command(&command)?;
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    Ok(())
}

#[tokio::test]
async fn the_register_of_processing_is_what_runs() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let [one, gone] = ["cantine", "gone"].map(RawClient::new);
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.clients = vec![
        one.metadata_with(&json!({ "client_name": "Cantine", "kind": "public" })),
        gone.metadata_with(&json!({ "client_name": "Ancienne", "active": false })),
    ];
    deployment.further = "[data_protection]\ncontroller = \"La ville\"\n".to_owned();
    let _node = deployment.start().await?;
    let address = format!("{}/processing-register", deployment.issuer);
    let json = shared_client().get(format!("{address}.json"));
    let register: Value = Answer::of(json).await?.json;
    assert_eq!(register["controller"], "La ville");
    let services: Vec<&str> = register["services"]
        .as_array()
        .context("no services")?
        .iter()
        .filter_map(|service| service["name"].as_str())
        .collect();
    assert_eq!(services, ["Cantine"]);
    assert_eq!(register["hub"].as_array().map(Vec::len), Some(6));
    let mut citizen = HttpCitizen::new();
    let page = citizen.visit(&address).await?;
    assert_eq!(page.status, Some(200), "{page}");
    assert!(
        page.html.contains("Cantine") && !page.html.contains("Ancienne"),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn nobody_takes_the_archive_of_another() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    provider.present(someone());
    let mut camille = sign_in(&service, &issuer, &provider).await?.citizen;
    let mut other = someone();
    other["family_name"] = "AUTREMENT".into();
    provider.present(other);
    let mut linh = sign_in(&service, &issuer, &provider).await?.citizen;
    let rights = format!("{issuer}/account/rights");
    let page = camille.get(&rights).await?;
    let forms = page.document().forms();
    let form = forms
        .into_iter()
        .find(|form| form.action.ends_with("/archive"));
    let form = form.context("no form")?;
    let theirs = linh.get(&rights).await?;
    linh.stand_on(theirs);
    assert_eq!(linh.submit(&form, None, &[]).await?.status, 403);
    let mut nobody = HttpCitizen::new();
    nobody.stand_on(page);
    let answer = nobody.submit(&form, None, &[]).await?;
    assert!([303, 403].contains(&answer.status), "{}", answer.status);
    let bare = linh.post(&format!("{rights}/archive"), &[]).await?;
    assert_eq!(bare.status, 403, "{}", bare.body);
    Ok(())
}
