//! Records as files declare them: a plan first, then the registry is that; a node follows; nothing tells a
//! secret.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use guichet_integration_tests::machine::guichet_binary;
use guichet_integration_tests::{MockProvider, Node, RawClient, wait};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, sign_in, told};

const SECRET: &str = "a-secret-that-nobody-prints-0123456789";

/// A deployment with nothing declared in its settings, and a folder of declared records.
struct House {
    deployment: Deployment,
    service: RawClient,
    provider: MockProvider,
    node: Node,
}

impl House {
    async fn new() -> Result<Self> {
        let deployment = Deployment::new(&[], &[])?;
        fs::create_dir_all(deployment.folder().join("declared/secrets"))?;
        Ok(Self {
            // A first start makes the keys.
            node: deployment.start().await?,
            deployment,
            service: RawClient::new("service"),
            provider: MockProvider::start("mock").await?,
        })
    }

    fn declared(&self) -> PathBuf {
        self.deployment.folder().join("declared")
    }

    /// Declares the service under this name, with its secret in a file of its own, and the provider.
    fn declare(&self, name: &str) -> Result<()> {
        let mut client = self.service.metadata();
        let secret = client["client_secret"].take();
        let secret = secret.as_str().context("a secret")?;
        fs::write(self.declared().join("secrets/service"), secret)?;
        client["client_secret"] = json!("@secrets/service");
        client["client_name"] = json!(name);
        let providers = [self.provider.registration()];
        let all = json!({"clients": [client], "providers": providers});
        fs::write(self.declared().join("all.json"), all.to_string())?;
        Ok(())
    }

    fn apply(&self, flags: &str) -> Result<(Option<i32>, Value)> {
        let line = format!("config apply {} {flags} -o json", self.declared().display());
        let output = self.deployment.command(&line)?;
        let text = told(&output);
        assert!(!text.contains(&self.service.client_secret), "{text}");
        let report = serde_json::from_slice(&output.stdout).context(text)?;
        Ok((output.status.code(), report))
    }
}

#[tokio::test]
async fn a_folder_of_records_is_planned_then_applied_and_a_running_node_follows() -> Result<()> {
    let mut house = House::new().await?;
    house.declare("Cantine")?;

    let (code, report) = house.apply("--dry-run")?;
    assert_eq!(code, Some(0));
    let planned = json!([
        {"kind": "client", "id": "service", "change": "add"},
        {"kind": "provider", "id": "mock", "change": "add"},
    ]);
    assert_eq!((&report["plan"], &report["applied"]), (&planned, &json!(0)));
    assert_eq!(house.apply("--check")?.0, Some(1), "it is not applied yet");

    let (code, report) = house.apply("")?;
    assert_eq!((code, &report["applied"]), (Some(0), &json!(2)));
    let (code, report) = house.apply("--check --prune")?;
    assert_eq!((code, &report["unchanged"]), (Some(0), &json!(2)));
    wait::until(
        "the node to sign somebody in for the new service",
        async || {
            sign_in(&house.service, &house.deployment.issuer, &house.provider)
                .await
                .ok()
        },
    )
    .await?;

    house.declare("Cantine scolaire")?;
    let (code, report) = house.apply("")?;
    assert_eq!(code, Some(0));
    let members = json!([
        {"member": "client_name", "before": "Cantine", "after": "Cantine scolaire"},
    ]);
    assert_eq!(report["plan"][0]["members"], members, "{report}");
    house.node.kill()?;
    house.deployment.say("ledger verify").map(drop)
}

#[tokio::test]
async fn what_an_operator_changed_by_hand_is_drift_and_what_is_declared_no_more_is_pruned()
-> Result<()> {
    let house = House::new().await?;
    house.declare("Cantine")?;
    house.apply("")?;
    let changed = house
        .deployment
        .say("client set service client_name=Autre")?;
    assert!(changed.contains("changed"), "{changed}");
    let (code, drift) = house.apply("--check")?;
    assert_eq!(code, Some(1));
    let member = json!({"member": "client_name", "before": "Autre", "after": "Cantine"});
    assert_eq!(drift["plan"][0]["members"], json!([member]));
    assert_eq!(house.apply("")?.0, Some(0));

    fs::write(house.declared().join("all.json"), r#"{"clients": []}"#)?;
    let (_, kept) = house.apply("--dry-run")?;
    assert_eq!(kept["plan"], json!([]), "without --prune nothing goes");
    let (code, pruned) = house.apply("--prune")?;
    let gone = json!([{"kind": "client", "id": "service", "change": "disable"}]);
    assert_eq!((code, &pruned["plan"]), (Some(0), &gone));
    let shown: Value = serde_json::from_str(&house.deployment.say("client show service")?)?;
    assert_eq!(shown["active"], json!(false));
    assert_eq!(shown.get("client_secret"), None);
    let shown: Value = serde_json::from_str(&house.deployment.say("provider show mock")?)?;
    assert_ne!(shown["active"], json!(false), "no file speaks of providers");
    Ok(())
}

#[tokio::test]
async fn files_that_do_not_hold_change_nothing_and_say_all_that_is_wrong_with_them() -> Result<()> {
    let house = House::new().await?;
    let wrong = json!({"clients": [
        {"client_id": "good", "token_endpoint_auth_method": "none", "redirect_uris": ["https://good.example/cb"]},
        {"client_id": "bad", "token_endpoint_auth_method": "none", "redirect_uris": ["http://bad.example/cb"]},
        {"client_id": "worse", "client_secret": SECRET, "redirect_uris": []},
        {"client_id": "good", "token_endpoint_auth_method": "none", "redirect_uris": ["https://good.example/cb"]},
    ]});
    fs::write(house.declared().join("all.json"), wrong.to_string())?;
    let (code, report) = house.apply("")?;
    assert_eq!(code, Some(1));
    assert_eq!(
        report["wrong"].as_array().map(Vec::len),
        Some(3),
        "{report}"
    );
    for id in ["bad", "worse", "good"] {
        assert!(report["wrong"].to_string().contains(id), "{report}");
    }
    assert!(!report.to_string().contains(SECRET), "{report}");
    assert_eq!(house.deployment.say("client list -o json")?.trim(), "[]");

    let typo = r#"{"clients": [{"client_id": "a", "redirect_uri": []}]}"#;
    fs::write(house.declared().join("all.json"), typo)?;
    let line = format!("config apply {}", house.declared().display());
    let refused = house.deployment.command(&line)?;
    assert_eq!(refused.status.code(), Some(78));
    assert!(told(&refused).contains("did you mean `clients.0.redirect_uris`?"));
    Ok(())
}

#[tokio::test]
async fn a_realm_of_keycloak_and_a_list_of_franceconnect_become_files_that_apply() -> Result<()> {
    let house = House::new().await?;
    let realm = json!({"clients": [
        {"clientId": "account"},
        {"clientId": "ville", "publicClient": true, "redirectUris": ["https://ville.example/cb"]},
    ]});
    let list = "name,redirect_uris,post_logout_redirect_uris,adresses_ip,datapass_id,scopes,type,signature_response_alg,email,phone,client_id_v1,site\n\
        Mairie,https://mairie.example/cb,https://mairie.example/fin,,42,openid,public,ES256,,,,\n";
    fs::write(house.declared().join("secrets/mairie-42"), SECRET)?;
    for (from, text) in [
        ("keycloak", realm.to_string()),
        ("franceconnect", list.to_owned()),
    ] {
        let export = house.deployment.folder().join(from);
        fs::write(&export, text)?;
        let imported = import(from, &export)?;
        fs::write(house.declared().join(format!("{from}.json")), imported)?;
    }
    let (code, report) = house.apply("")?;
    assert_eq!((code, &report["applied"]), (Some(0), &json!(2)), "{report}");
    let listed = house.deployment.say("client list")?;
    assert!(
        listed.contains("ville") && listed.contains("mairie-42"),
        "{listed}"
    );
    Ok(())
}

/// What the command prints; the report goes beside it.
fn import(from: &str, export: &Path) -> Result<Vec<u8>> {
    let output = Command::new(guichet_binary()?)
        .args(["config", "import", from])
        .arg(export)
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(report.contains("taken"), "{report}");
    Ok(output.stdout)
}

/// How often the audit log says that a client changed, as the settings declare it.
fn declared(deployment: &Deployment) -> Result<usize> {
    let log = deployment.say("ledger export --format cef --from 0")?;
    let of_client = log.lines().filter(|line| line.contains("|client.changed|"));
    Ok(of_client
        .filter(|line| line.contains("guichetClient=service"))
        .count())
}

#[tokio::test]
async fn a_client_that_the_settings_change_is_on_record_once() -> Result<()> {
    for method in ["client_secret_basic", "client_secret_jwt"] {
        let service = RawClient::new("service");
        let mut deployment = Deployment::new(&[], &[])?;
        let told = |redirect: &str| {
            service.metadata_with(&json!({
                "token_endpoint_auth_method": method,
                "redirect_uris": [redirect],
            }))
        };
        let [one, another] = ["https://one.example/cb", "https://another.example/cb"];
        for (redirect, on_record) in [(one, 1), (one, 1), (another, 2), (another, 2)] {
            deployment.clients = vec![told(redirect)];
            let mut node = deployment.start().await?;
            node.kill()?;
            assert_eq!(declared(&deployment)?, on_record, "{method} {redirect}");
        }
    }
    Ok(())
}
