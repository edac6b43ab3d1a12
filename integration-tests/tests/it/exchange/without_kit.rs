//! A data provider that stands on no kit of ours, graded like any other.

use std::fs;

use anyhow::{Result, ensure};
use guichet_integration_tests::evidence_peers::Party;
use guichet_integration_tests::machine::{free_port, guichet_binary};
use guichet_integration_tests::process::mortal;
use serde_json::{Value, json};

use super::scene::EVIDENCE;

#[tokio::test]
async fn a_data_provider_in_python_that_knows_the_documentation_alone_passes_every_case()
-> Result<()> {
    let family = Party::new("famille")?;
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files.json");
    let known = json!({ "p1.somebody": { "quotient": 620, "enfants": 2 } });
    fs::write(&files, known.to_string())?;
    let hub = format!("127.0.0.1:{}", free_port()?);
    let issuer = format!("http://{hub}");
    let serving = family.serve_as_data_provider(&issuer, EVIDENCE, &files);
    let _holder = serving.await?;

    let mut test = mortal(guichet_binary()?);
    test.args(["data-provider", "test", &family.evidence_endpoint()]);
    test.args(["--keys", &family.keys_address(), "--id", &family.id]);
    test.args(["--subject", "p1.somebody", "--evidence-type", EVIDENCE]);
    test.args([
        "--fields",
        "quotient,enfants",
        "--listen",
        &hub,
        "--output",
        "json",
    ]);
    let output = test.output()?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    let grades = report["grades"].as_array().cloned().unwrap_or_default();
    let failed: Vec<_> = grades.iter().filter(|grade| grade["ok"] != true).collect();
    ensure!(failed.is_empty(), "{failed:#?}");
    ensure!(output.status.success() && grades.len() > 20, "{report:#}");
    Ok(())
}
