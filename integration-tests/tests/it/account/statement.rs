//! The statement of a whole history: verified by whoever has the hub's keys, recounted by whoever has its ledger.

use std::fs;

use anyhow::{Result, ensure};
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::Value;

use super::form_with;
use crate::interop::deployment::{Deployment, sign_in, told};

async fn statement(citizen: &mut HttpCitizen, issuer: &str) -> Result<String> {
    citizen.open(&format!("{issuer}/account/history")).await?;
    let form = form_with(citizen.page()?, "statement")?;
    let answer = citizen.submit(&form, None, &[]).await?;
    ensure!(answer.status == 200, "{}: {}", answer.status, answer.body);
    Ok(answer.body)
}

#[tokio::test]
async fn a_statement_is_verified_offline_and_held_against_the_whole_ledger() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut other = someone();
    other["family_name"] = "AUTREMENT".into();
    provider.present(other);
    sign_in(&service, &issuer, &provider).await?;
    provider.present(someone());
    let mut citizen = sign_in(&service, &issuer, &provider).await?.citizen;

    let earlier = statement(&mut citizen, &issuer).await?;
    let later = statement(&mut citizen, &issuer).await?;
    let keys = shared_client()
        .get(format!("{issuer}/exchange/receipts/keys"))
        .send()
        .await?;
    let file = |name: &str| deployment.folder().join(name);
    fs::write(file("keys.json"), keys.error_for_status()?.bytes().await?)?;
    fs::write(file("earlier"), &earlier)?;
    fs::write(file("later"), &later)?;
    let mut lines: Vec<&str> = later.lines().collect();
    ensure!(lines.len() > 5, "{later}");
    lines.remove(2);
    fs::write(file("short"), lines.join("\n"))?;

    let name = |file: &str| deployment.folder().join(file).display().to_string();
    let verify = |file: &str| -> Result<(Option<i32>, Value)> {
        let line = format!(
            "receipt verify {} --keys {} --earlier {} -o json",
            name(file),
            name("keys.json"),
            name("earlier")
        );
        let output = deployment.command(&line)?;
        let said = serde_json::from_slice(&output.stdout);
        Ok((
            output.status.code(),
            said.map_err(|_| anyhow::anyhow!(told(&output)))?,
        ))
    };
    let (code, found) = verify("later")?;
    assert_eq!(
        (code, &found["holds"]),
        (Some(0), &Value::from(true)),
        "{found:#}"
    );
    let (code, found) = verify("short")?;
    assert_eq!(
        (code, &found["holds"]),
        (Some(1), &Value::from(false)),
        "{found:#}"
    );

    let counted: Value = serde_json::from_str(
        &deployment.say(&format!("receipt recount {} -o json", name("later")))?,
    )?;
    assert_eq!(counted["agrees"], true, "{counted:#}");
    assert_eq!(counted["theirs"], found["entries"], "{counted:#}");
    let short = deployment.command(&format!("receipt recount {} -o json", name("short")))?;
    assert_eq!(short.status.code(), Some(1), "{}", told(&short));
    let short: Value = serde_json::from_slice(&short.stdout)?;
    assert_eq!(
        short["left_out"].as_array().map(Vec::len),
        Some(1),
        "{short:#}"
    );
    Ok(())
}
