//! `guichet archive verify`: what a citizen took of what is held about them, offline.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result};
use guichet_keys::JwkSet;
use guichet_portal::verify_archive;
use serde_json::json;

use super::{print, receipt};
use crate::cli::{ArchiveCommand, Exit, Output};
use crate::node::foundation;

/// Runs the command. Ends with 0 when the archive holds, with 1 otherwise.
pub(crate) fn run(command: ArchiveCommand) -> Result<Exit> {
    let ArchiveCommand::Verify { file, keys, config } = command;
    let keys = match &keys {
        Some(path) => foundation::read(path, "--keys")?,
        None => receipt::published_by(&config)?.to_string().into_bytes(),
    };
    let keys = JwkSet::parse(&keys)
        .map_err(anyhow::Error::new)
        .context("--keys")?;
    // Read file by file: an archive may be longer than memory is.
    let found = verify_archive(BufReader::new(open(&file)?), &keys);
    match (config.output, &found) {
        (Output::Json, Ok(manifest)) => print::json(&json!({ "holds": true, "says": manifest }))?,
        (Output::Json, Err(problem)) => {
            print::json(&json!({ "holds": false, "problem": problem.to_string() }))?;
        }
        (Output::Text, Ok(manifest)) => {
            print::line(&format!("the archive holds: {} signed it", manifest.iss))?;
            for listed in &manifest.files {
                print::line(&format!("  {}", listed.name))?;
            }
        }
        (Output::Text, Err(problem)) => {
            print::line(&format!("the archive does NOT hold: {problem}"))?;
        }
    }
    Ok(if found.is_ok() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command reads the file it is given"
)]
fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("the archive: {}", path.display()))
}
