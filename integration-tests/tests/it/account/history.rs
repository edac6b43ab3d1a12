//! What happened with a citizen's identity and data: told to them alone, found by filter, kept in a file, there
//! again after a crash.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::Value;

use super::who_sent_evidence;
use crate::interop::deployment::{Deployment, sign_in};
use crate::login::{must_not_read, must_read};

/// The kinds of the entries in the JSON of a history.
async fn kinds(citizen: &mut HttpCitizen, address: &str) -> Result<Vec<String>> {
    let page = citizen.get(address).await?;
    ensure!(page.status == 200, "{}: {}", page.status, page.body);
    let entries = page.json()?["entries"]
        .as_array()
        .context("no entries")?
        .clone();
    let kind = |entry: &Value| entry["kind"].as_str().unwrap_or_default().to_owned();
    Ok(entries.iter().map(kind).collect())
}

#[tokio::test]
async fn a_history_tells_what_happened_finds_what_is_asked_and_is_kept_in_files() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let page = demo.hub("/account/history");
    let all = camille.visit(&page).await?;
    for told in [
        "Vous vous êtes connecté au service",
        "Vous vous êtes identifié",
        "Vous avez accepté de transmettre un justificatif",
        "Un justificatif a été transmis au service",
        "Compte Citoyen",
        "Cantine",
        "Famille",
        "mot de passe",
        "l’endroit n’a pas été noté",
    ] {
        must_read(&all, told)?;
    }
    must_not_read(&all, "Le service a obtenu son accès")?;
    let exchanges = camille
        .visit(&format!("{page}?kind=exchange&from="))
        .await?;
    must_read(&exchanges, "Un justificatif a été transmis au service")?;
    must_not_read(&exchanges, "Vous vous êtes identifié")?;
    let elsewhere = camille
        .visit(&format!("{page}?service=banque&from="))
        .await?;
    must_read(&elsewhere, "Rien ne correspond")?;
    let before = camille
        .visit(&format!("{page}?from=&to=2020-01-01"))
        .await?;
    must_read(&before, "Rien ne correspond")?;
    let steps = camille.visit(&format!("{page}?from=&steps=yes")).await?;
    must_read(&steps, "Le service a obtenu son accès")?;

    let file = |format: &str, filter: &str| {
        demo.hub(&format!("/account/history/export/{format}?from=&{filter}"))
    };
    let of_kind = kinds(&mut camille, &file("json", "kind=exchange")).await?;
    ensure!(
        of_kind.contains(&"evidence.released".to_owned()),
        "{of_kind:?}"
    );
    ensure!(
        !of_kind.contains(&"consent.given".to_owned()),
        "{of_kind:?}"
    );
    let everything = kinds(&mut camille, &file("json", "steps=yes")).await?;
    ensure!(
        everything.contains(&"token.issued".to_owned()),
        "{everything:?}"
    );
    let csv = camille.get(&file("csv", "steps=yes")).await?;
    let rows = csv.body.matches("\r\n").count();
    // Both sides may confirm the delivery meanwhile.
    ensure!(rows > everything.len(), "{rows} rows");
    ensure!(
        csv.body.starts_with("\u{feff}\"N° dans le journal\";"),
        "{}",
        csv.body
    );
    ensure!(csv.body.contains("\"Échange de données\""), "{}", csv.body);
    let pdf = camille.get(&file("pdf", "steps=yes")).await?;
    ensure!(pdf.body.starts_with("%PDF-1.7") && pdf.body.trim_end().ends_with("%%EOF"));
    ensure!(
        pdf.body.matches("/S/P/").count() > everything.len(),
        "too few entries"
    );
    ensure!(pdf.body.contains("/Lang(fr)"));
    let unknown = camille.get(&file("xml", "")).await?;
    assert_eq!(unknown.status, 404);
    Ok(())
}

#[tokio::test]
async fn a_history_is_told_to_nobody_else() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let file = demo.hub("/account/history/export/json?from=&steps=yes");
    let hers = camille.get(&file).await?;
    let codes: Vec<String> = hers.json()?["entries"]
        .as_array()
        .context("no entries")?
        .iter()
        .filter_map(|entry| entry["code"].as_str().map(str::to_owned))
        .collect();
    ensure!(!codes.is_empty());
    let mut linh = who_sent_evidence(&demo, &LINH).await?;
    let theirs = linh.get(&file).await?.body;
    for code in &codes {
        ensure!(!theirs.contains(code), "{code} in {theirs}");
    }
    let mut nobody = HttpCitizen::new();
    for path in ["json", "csv", "pdf"] {
        let address = demo.hub(&format!("/account/history/export/{path}?from="));
        let answer = nobody.get(&address).await?;
        assert_eq!(answer.status, 303, "{}", answer.body);
        ensure!(answer.body.is_empty(), "{}", answer.body);
    }
    let page = nobody.visit(&demo.hub("/account/history")).await?;
    must_read(&page, "Connectez-vous pour voir votre historique")?;
    must_not_read(&page, "Cantine")?;
    let stated = nobody
        .post(&demo.hub("/account/history/statement"), &[])
        .await?;
    assert_eq!(stated.status, 303, "{}", stated.body);
    // Her own form, in somebody else's hands.
    camille.open(&demo.hub("/account/history")).await?;
    let form = super::form_with(camille.page()?, "statement")?;
    linh.open(&demo.hub("/account/history")).await?;
    let taken = linh.submit(&form, None, &[]).await?;
    assert_eq!(taken.status, 403, "{}", taken.body);
    Ok(())
}

#[tokio::test]
async fn a_history_is_there_after_a_crash_and_when_what_was_read_is_lost() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let mut node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    provider.present(someone());
    sign_in(&service, &issuer, &provider).await?;
    node.kill()?;
    node.start_again().await?;
    let mut again = sign_in(&service, &issuer, &provider).await?.citizen;
    let file = format!("{issuer}/account/history/export/json?from=");
    let told = kinds(&mut again, &file).await?;
    let signed_in = told.iter().filter(|kind| *kind == "consent.given").count();
    assert_eq!(signed_in, 2, "{told:?}");
    Ok(())
}

/// Where a sign-in came from: as the proxy in front says, and as nobody else does.
#[tokio::test]
async fn a_history_tells_the_place_that_a_trusted_proxy_said_and_no_other() -> Result<()> {
    for (proxy, is_believed) in [("127.0.0.1", true), ("127.0.0.9", false)] {
        let provider = MockProvider::start("mock").await?;
        let service = RawClient::new("service");
        let mut deployment = Deployment::new(&[&service], &[&provider])?;
        deployment.further =
            format!("hub.place_header = \"x-place\"\nhub.trusted_proxies = [\"{proxy}\"]\n");
        let _node = deployment.start().await?;
        provider.present(someone());
        let mut citizen = HttpCitizen::new();
        let place = "Lyon, France".parse()?;
        citizen.headers.insert("x-place", place);
        let history = format!("{}/account/sign-in?to=history", deployment.issuer);
        let history = citizen.visit(&history).choose(&provider.button()).await?;
        must_read(&history, "Vous vous êtes identifié")?;
        ensure!(
            history.html.contains("Lyon, France") == is_believed,
            "{proxy}: {history}"
        );
    }
    Ok(())
}
