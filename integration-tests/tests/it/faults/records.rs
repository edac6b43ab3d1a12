//! What rests in a node's SQLite file, read and tampered with behind its back by another program.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use serde::Deserialize;

/// What a file holds, counted by client.
#[derive(Debug, Deserialize)]
pub(crate) struct Held {
    /// Audit entries: client, then kind.
    pub(crate) entries: BTreeMap<String, BTreeMap<String, usize>>,
    /// Consents.
    pub(crate) consents: BTreeMap<String, usize>,
}

/// Counts.
pub(crate) fn held(database: &Path) -> Result<Held> {
    Ok(serde_json::from_str(&python(COUNT, database, &[])?)?)
}

/// What went wrong with each provider, by the names in the audit log.
pub(crate) fn failures(database: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    Ok(serde_json::from_str(&python(FAILURES, database, &[])?)?)
}

/// Runs a script with `db`, the open file, and `args`; what it printed.
pub(crate) fn python(script: &str, database: &Path, arguments: &[&str]) -> Result<String> {
    let script = format!("{OPEN}\n{script}\ndb.commit()\ndb.close()\n");
    let output = Command::new("python3")
        .args(["-c", &script])
        .arg(database)
        .args(arguments)
        .output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "python3: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

const OPEN: &str = "
import base64, collections, hashlib, json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
args = sys.argv[2:]
";

const COUNT: &str = "
entries = collections.defaultdict(collections.Counter)
for (entry,) in db.execute('SELECT entry FROM ledger_entry'):
    entry = json.loads(entry)
    entries[entry.get('client', '')][entry['kind']] += 1
consents = dict(db.execute('SELECT client, count(*) FROM consent GROUP BY client'))
print(json.dumps({'entries': entries, 'consents': consents}))
";

const FAILURES: &str = "
failures = collections.defaultdict(list)
for (entry,) in db.execute('SELECT entry FROM ledger_entry ORDER BY sequence'):
    entry = json.loads(entry)
    details = entry.get('details', {})
    if 'provider' in entry and ('failure' in details or 'reason' in details):
        failures[entry['provider']].append(details.get('failure') or details['reason'])
print(json.dumps(failures))
";
