//! What commands say of a client beyond its record: what it points to, how its software does, and whether it may be
//! registered at all.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::Node;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::node_settings::NodeSettings;
use serde_json::{Value, json};

/// What a command prints as JSON, and how it ended.
fn said(node: &Node, line: &str) -> Result<(Option<i32>, Value)> {
    let output = node.command(line)?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).context(told)?;
    Ok((output.status.code(), value))
}

#[tokio::test]
async fn a_client_looked_at_by_command_says_what_is_the_matter() -> Result<()> {
    let mut settings = NodeSettings::new()?;
    let nobody = format!("http://127.0.0.1:{}/policy", free_port()?);
    let mut client = settings.service.metadata();
    client["policy_uri"] = json!(nobody);
    settings.clients = vec![client];
    let node = settings.start().await?;
    let (code, found) = said(&node, "client check service -o json")?;
    ensure!(code == Some(1), "{code:?}: {found}");
    let items = found.as_array().context("a list")?;
    let about_it = items.iter().find(|it| it["member"] == "policy_uri");
    let about_it = about_it.context(found.to_string())?;
    ensure!(about_it["is_wrong"] == true, "{found}");
    ensure!(about_it["about"] == nobody, "{found}");
    ensure!(!node.command("client check nobody")?.status.success());
    Ok(())
}

#[tokio::test]
async fn a_test_begun_by_command_plays_at_the_running_node() -> Result<()> {
    let settings = NodeSettings::new()?;
    let node = settings.start().await?;
    let (code, begun) = said(&node, "client test service -o json")?;
    ensure!(code == Some(0), "{code:?}: {begun}");
    let issuer = begun["issuer"].as_str().context("an issuer")?;
    ensure!(issuer.starts_with(&settings.issuer), "{issuer}");
    let discovery = format!("{issuer}/.well-known/openid-configuration");
    let discovery = plain_client().get(&discovery).send().await?;
    ensure!(discovery.status() == 200, "{}", discovery.status());

    let run = begun["id"].as_str().context("an id")?;
    let (code, report) = said(&node, &format!("client test service --run {run} -o json"))?;
    ensure!(code == Some(1), "nothing was played yet: {code:?}");
    ensure!(report["verdict"] == "open", "{report}");
    let another = node.command(&format!("client test other --run {run}"))?;
    ensure!(!another.status.success(), "it is another client's");
    Ok(())
}

/// Threat N-272: where they are required, no way in goes around habilitations.
#[tokio::test]
async fn where_habilitations_are_required_a_client_says_why_it_has_none_or_is_tried_out()
-> Result<()> {
    let mut settings = NodeSettings::new()?;
    settings.clients = Vec::new();
    settings.further = "[onboarding]\nrequired = true\n".to_owned();
    let node = settings.start().await?;
    let folder = tempfile::tempdir()?;
    let add = |id: &str, member: &str, value: Value| -> Result<(bool, String)> {
        let mut metadata = settings.service.metadata();
        metadata["client_id"] = json!(id);
        // A sandbox shares no secret with what is in production.
        metadata["client_secret"] = json!(format!("{id}, 32 characters and more of it"));
        if !member.is_empty() {
            metadata[member] = value;
        }
        let file = folder.path().join(format!("{id}.json"));
        fs::write(&file, metadata.to_string())?;
        let output = node.command(&format!("client add {}", file.display()))?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), told))
    };
    let (added, told) = add("bare", "", Value::Null)?;
    ensure!(!added && told.contains("habilitation"), "{told}");
    let (added, told) = add("named", "habilitation", json!("h-nobody"))?;
    ensure!(!added && told.contains("grants"), "{told}");
    let why = json!("moved here from the old hub, reviewed in ticket 4711");
    let (added, told) = add("excused", "exception", why)?;
    ensure!(added, "{told}");
    let (added, told) = add("tried", "environment", json!("sandbox"))?;
    ensure!(added, "{told}");
    Ok(())
}
