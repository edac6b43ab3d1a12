//! The judge of an API: schemathesis from PyPI, which calls whatever an OpenAPI document describes, well and
//! badly, and compares what comes back with what the document says.

use anyhow::{Result, ensure};

use crate::machine::{PREPARE, target_folder};
use crate::process::mortal;

/// What is compared. Whether data is refused that the document does not describe is not among them: the
/// document is not as strict as the records.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
     response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth";

/// Fails with what schemathesis complains of, as a caller with this token. Every run draws the same calls.
///
/// # Errors
/// Its complaints, or that it is not there.
pub fn judge(document: &str, token: &str) -> Result<()> {
    let program = target_folder()?.join("peers/python/bin/schemathesis");
    ensure!(program.is_file(), "no PyPI peers: {PREPARE}");
    let mut command = mortal(program);
    // It leaves notes where it stands.
    let folder = tempfile::tempdir()?;
    let output = command
        .current_dir(folder.path())
        .args(["run", document, "--checks", CHECKS])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "5", "--seed", "7", "--workers", "1"])
        .args([
            "--generation-database",
            "none",
            "--warnings",
            "off",
            "--no-color",
        ])
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}\n{complained}");
    Ok(())
}
