//! Someone with the store in their hands changes the audit log; the audit names what was done, and where.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::{MockProvider, RawClient};
use serde_json::Value;

use super::records::python;
use crate::interop::deployment::{Deployment, sign_in, told};

#[tokio::test]
async fn the_audit_names_what_was_done_to_the_log() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    // One checkpoint, at the end: its hashes tell of every entry.
    deployment.checkpoint_every = "1h";
    let mut node = deployment.start().await?;
    for _ in 0..2 {
        sign_in(&service, &deployment.issuer, &provider).await?;
    }
    ensure!(node.process.terminate().await?.success());
    let kept = deployment.folder().join("kept.checkpoint");
    fs::write(&kept, deployment.say("ledger checkpoint")?)?;
    let against = format!("ledger verify -o json --against {}", kept.display());
    let whole = Verdict::of(&deployment, &against)?;
    ensure!(whole.is_sound && whole.entries > 12, "{whole:?}");

    for (deed, arguments, named) in [
        (FLIP, ["5", ""], "entry 5 was altered"),
        (DELETE, ["7", ""], "entry 7 is missing"),
        (SWAP, ["3", "4"], "place 3 holds the entry written as 4"),
        (FORK, ["6", ""], "from entry 6 on, another history stands"),
    ] {
        fs::copy(
            deployment.database(),
            deployment.folder().join("untouched.db"),
        )?;
        python(deed, &deployment.database(), &arguments)?;
        let verdict = Verdict::of(&deployment, &against)?;
        assert!(!verdict.is_sound, "{deed} went unnoticed");
        let findings = verdict.findings.join("\n");
        assert!(findings.contains(named), "{deed}: {findings}");
        if deed == FORK {
            // A perfect forgery: only what was kept elsewhere tells.
            let alone = Verdict::of(&deployment, "ledger verify -o json")?;
            assert!(alone.is_sound, "{alone:?}");
        }
        fs::copy(
            deployment.folder().join("untouched.db"),
            deployment.database(),
        )?;
    }
    let whole = Verdict::of(&deployment, &against)?;
    assert!(whole.is_sound, "{whole:?}");
    Ok(())
}

#[derive(Debug)]
struct Verdict {
    is_sound: bool,
    entries: u64,
    findings: Vec<String>,
}

impl Verdict {
    fn of(deployment: &Deployment, line: &str) -> Result<Self> {
        let output = deployment.command(line)?;
        let report: Value = serde_json::from_slice(&output.stdout).context(told(&output))?;
        let is_sound = report["sound"] == true;
        let expected = i32::from(!is_sound);
        ensure!(output.status.code() == Some(expected), "{}", told(&output));
        Ok(Self {
            is_sound,
            entries: report["entries"].as_u64().context("no entries")?,
            findings: serde_json::from_value(report["findings"].clone())?,
        })
    }
}

const FLIP: &str = "
(entry,) = db.execute('SELECT entry FROM ledger_entry WHERE sequence = ?', (args[0],)).fetchone()
entry = bytearray(entry)
entry[len(entry) // 2] ^= 1
db.execute('UPDATE ledger_entry SET entry = ? WHERE sequence = ?', (bytes(entry), args[0]))
";

const DELETE: &str = "
db.execute('DELETE FROM ledger_entry WHERE sequence = ?', (args[0],))
";

const SWAP: &str = "
read = lambda at: db.execute('SELECT entry FROM ledger_entry WHERE sequence = ?', (at,)).fetchone()[0]
one, other = read(args[0]), read(args[1])
db.execute('UPDATE ledger_entry SET entry = ? WHERE sequence = ?', (other, args[0]))
db.execute('UPDATE ledger_entry SET entry = ? WHERE sequence = ?', (one, args[1]))
";

/// Rewrites an entry and chains every later one to it anew; the signed checkpoints are taken away.
const FORK: &str = "
link = lambda entry: base64.urlsafe_b64encode(hashlib.sha256(b'\\0' + entry).digest()).rstrip(b'=')
previous = None
for at, entry in db.execute('SELECT sequence, entry FROM ledger_entry ORDER BY sequence').fetchall():
    if at == int(args[0]):
        entry = entry.replace(b'\"at\":1', b'\"at\":2', 1)
    elif at > int(args[0]):
        start = entry.index(b'\"prev\":\"') + len(b'\"prev\":\"')
        entry = entry[:start] + previous + entry[start + 43:]
    previous = link(entry)
    db.execute('UPDATE ledger_entry SET entry = ? WHERE sequence = ?', (entry, at))
db.execute('DELETE FROM ledger_checkpoint')
";
