//! The audit log by itself: the example `ledger_cost` of that room, gauged from outside like every other process.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::process::mortal;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::gauge::cpu_milliseconds;

/// Where `cargo xtask bench` says that it was built.
const PROGRAM: &str = "GUICHET_LEDGER_COST";

/// Milliseconds of CPU for one of `entries`, appended by `at_once` writers, and entries in a second; `None` where the
/// program was not built.
pub(crate) async fn measure(entries: u64, at_once: usize) -> Result<Option<(f64, f64)>> {
    let Some(program) = std::env::var_os(PROGRAM) else {
        return Ok(None);
    };
    let mut command = mortal(program);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = Command::from(command).spawn().context(PROGRAM)?;
    let mut told = child.stdin.take().context("no standard input")?;
    let said = child.stdout.take().context("no standard output")?;
    let mut said = BufReader::new(said).lines();
    let id = child.id().context("it ended at once")?;
    ensure!(
        said.next_line().await?.as_deref() == Some("ready"),
        "{PROGRAM} is not ready"
    );
    let before = cpu_milliseconds(id)?;
    told.write_all(format!("{entries} {at_once}\n").as_bytes())
        .await?;
    let line = said.next_line().await?.context("it did not end well")?;
    let used = cpu_milliseconds(id)? - before;
    told.write_all(b"\n").await?;
    ensure!(child.wait().await?.success(), "{PROGRAM} failed");
    let seconds: f64 = line.trim_start_matches("done ").parse()?;
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let entries = entries as f64;
    Ok(Some((used / entries, entries / seconds)))
}
