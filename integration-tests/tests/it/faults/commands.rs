//! The command line as operators and scripts use it: what it prints, and how it ends.

use std::process::{Command, Output};

use anyhow::{Context as _, Result};
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::machine::guichet_binary;
use guichet_integration_tests::{MockProvider, RawClient, wait};
use serde_json::Value;

use crate::interop::deployment::{Deployment, told};

const USAGE: i32 = 2;
const CONFIGURATION: i32 = 78;

/// What `keys list` calls the keys that sign for clients.
const ISSUER_RING: &str = "issuer-ring";

#[test]
fn a_usage_error_ends_with_2() -> Result<()> {
    for arguments in [
        &[][..],
        &["frobnicate"],
        &["serve", "--set", "hub.name"],
        &["keys", "rotate", "--alg", "HS256"],
        &["ledger"],
    ] {
        let output = guichet(arguments)?;
        assert_eq!(
            output.status.code(),
            Some(USAGE),
            "{arguments:?}: {}",
            told(&output)
        );
    }
    Ok(())
}

#[test]
fn settings_that_do_not_hold_end_with_78_and_name_the_key() -> Result<()> {
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[])?;
    assert_eq!(deployment.say("config check")?.trim(), "the settings hold");

    for (line, named) in [
        (
            "config check --set hub.isuer=https://a.example",
            "did you mean `hub.issuer`?",
        ),
        ("config check --set lifetimes.code=soon", "lifetimes.code"),
        (
            "config check --set hub.issuer=http://hub.example",
            "hub.issuer",
        ),
        ("config check --set store.durable=oracle:x", "store.durable"),
        (
            "serve --set keys.directori=x",
            "did you mean `keys.directory`?",
        ),
    ] {
        let output = deployment.command(line)?;
        let told = told(&output);
        assert_eq!(output.status.code(), Some(CONFIGURATION), "{line}: {told}");
        assert!(told.contains(named), "{line}: {told}");
    }

    deployment.further = "[egres]\ntimeout = \"1s\"\n".to_owned();
    let output = deployment.command("config check")?;
    assert_eq!(output.status.code(), Some(CONFIGURATION));
    assert!(
        told(&output).contains("did you mean `egress"),
        "{}",
        told(&output)
    );

    deployment.further.clear();
    deployment.clients[0]["token_endpoint_auth_method"] = "client_secret_magic".into();
    let output = deployment.command("config check")?;
    assert_eq!(output.status.code(), Some(CONFIGURATION));
    assert!(
        told(&output).contains("clients.service"),
        "{}",
        told(&output)
    );

    let missing = guichet(&["config", "check", "--config", "/nowhere/guichet.toml"])?;
    assert_eq!(
        missing.status.code(),
        Some(CONFIGURATION),
        "{}",
        told(&missing)
    );
    Ok(())
}

#[test]
fn effective_settings_are_shown_with_their_source_and_without_secrets() -> Result<()> {
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[])?;
    deployment.durable = "postgres://guichet:a-word-to-hide@db.example/guichet".to_owned();
    let shown = deployment.say("config show -o json --set hub.name=Ici")?;
    assert!(!shown.contains("a-word-to-hide"), "{shown}");
    assert!(!shown.contains(&service.client_secret), "{shown}");
    let shown: Value = serde_json::from_str(&shown)?;
    let row = |key: &str| {
        let rows = shown.as_array().into_iter().flatten();
        rows.clone()
            .find(|row| row["key"] == key)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(row("hub.name")["value"], "Ici");
    assert_eq!(row("hub.name")["source"], "flag");
    assert_eq!(row("lifetimes.code")["source"], "default");
    let source = row("hub.issuer")["source"].to_string();
    assert!(
        source.contains("file ") && source.contains("guichet.toml"),
        "{source}"
    );

    let text = deployment.say("config show")?;
    assert!(
        text.starts_with("KEY") && text.contains("hub.issuer"),
        "{text}"
    );

    let schema: Value = serde_json::from_slice(&guichet(&["config", "schema"])?.stdout)?;
    for section in ["hub", "store", "keys", "clients", "providers"] {
        assert!(schema["properties"].get(section).is_some(), "{section}");
    }
    Ok(())
}

#[tokio::test]
async fn doctor_finds_what_ails_and_says_so_with_its_exit() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    // Before the first start there is nothing, and a diagnosis makes nothing.
    let diagnosis = deployment.aside("doctor").await?;
    assert_eq!(diagnosis.status.code(), Some(1), "{}", told(&diagnosis));
    assert!(told(&diagnosis).contains("no keys are there"));
    assert!(!deployment.database().exists() && !deployment.keys.exists());

    let mut node = deployment.start().await?;
    assert!(node.process.terminate().await?.success());
    let diagnosis = deployment.aside("doctor -o json").await?;
    assert!(diagnosis.status.success(), "{}", told(&diagnosis));
    let health: Value = serde_json::from_slice(&diagnosis.stdout)?;
    let checks = health["checks"].as_array().context("no checks")?;
    for check in [
        "settings",
        "durable store",
        "short-lived store",
        "audit log",
        "signing keys",
        "provider",
    ] {
        assert!(
            checks
                .iter()
                .any(|one| one["check"] == check && one["ok"] == true),
            "{check}: {health}"
        );
    }

    drop(provider);
    let diagnosis = deployment.aside("doctor").await?;
    assert_eq!(diagnosis.status.code(), Some(1), "{}", told(&diagnosis));
    assert!(
        told(&diagnosis).contains("✗  provider: mock"),
        "{}",
        told(&diagnosis)
    );

    assert_eq!(
        deployment.aside("doctor --live").await?.status.code(),
        Some(1)
    );
    node.start_again().await?;
    let live = deployment.aside("doctor --live").await?;
    assert!(live.status.success(), "{}", told(&live));
    node.kill()?;
    assert_eq!(
        deployment.aside("doctor --live").await?.status.code(),
        Some(1)
    );

    deployment.short_lived = "redis://127.0.0.1:1/".to_owned();
    let diagnosis = deployment.aside("doctor").await?;
    assert_eq!(diagnosis.status.code(), Some(1), "{}", told(&diagnosis));
    Ok(())
}

#[tokio::test]
async fn registrations_keys_and_schema_are_listed() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    assert_eq!(deployment.command("migrate status")?.status.code(), Some(1));
    assert!(deployment.say("migrate up")?.contains("applied"));
    assert!(!deployment.say("migrate status")?.contains("pending"));

    let _node = deployment.start().await?;
    let listed = deployment.say("client list -o json")?;
    assert!(!listed.contains(&service.client_secret), "{listed}");
    let clients: Value = serde_json::from_str(&listed)?;
    assert_eq!(clients[0]["client_id"], "service");
    assert_eq!(
        clients[0]["redirect_uris"][0],
        service.redirect_uri.as_str()
    );
    let shown: Value = serde_json::from_str(&deployment.say("client show service")?)?;
    assert_eq!(shown["client_id"], clients[0]["client_id"]);
    assert_eq!(shown["redirect_uris"], clients[0]["redirect_uris"]);
    assert_eq!(shown.get("client_secret"), None);
    assert_eq!(
        deployment.command("client show nobody")?.status.code(),
        Some(1)
    );
    let providers: Value = serde_json::from_str(&deployment.say("provider list -o json")?)?;
    assert_eq!(providers[0]["issuer"], provider.issuer.as_str());

    // An RSA key takes a while to find: the next one is made once the node serves.
    let table = wait::until("a next key of every algorithm", async || {
        let table = deployment.say("keys list").ok()?;
        (issuers(&table, "next").len() == 4).then_some(table)
    })
    .await?;
    assert_eq!(
        issuers(&table, "next"),
        issuers(&table, "current"),
        "{table}"
    );
    let address = format!("{}/jwks", deployment.issuer);
    wait::until("the node to serve just these keys", async || {
        let served = plain_client().get(&address).send().await.ok()?;
        let served: Value = served.json().await.ok()?;
        let exported = deployment.say("keys export-public").ok()?;
        assert!(!exported.contains("\"d\":"), "a private key was exported");
        let exported: Value = serde_json::from_str(&exported).ok()?;
        (served == exported).then_some(())
    })
    .await?;
    Ok(())
}

/// The algorithms of the issuer's keys in this stage, sorted, from the table of `keys list`.
fn issuers(table: &str, stage: &str) -> Vec<String> {
    let mut algs: Vec<String> = table
        .lines()
        .filter_map(|line| {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let is_meant = columns.first() == Some(&ISSUER_RING) && columns.get(2) == Some(&stage);
            is_meant.then(|| columns[1].to_owned())
        })
        .collect();
    algs.sort();
    algs
}

fn guichet(arguments: &[&str]) -> Result<Output> {
    Ok(Command::new(guichet_binary()?).args(arguments).output()?)
}
