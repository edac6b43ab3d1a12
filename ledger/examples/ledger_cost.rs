//! What the audit log costs by itself: so many entries on SQLite, appended by so many at once, each of whom waits until
//! its own is durable. `cargo xtask bench` runs it and gauges its process.
//!
//! It says `ready`, waits for a line with both numbers, appends, says `done` and in how many seconds, and waits for
//! another line.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads a clock; it is no part of the product"
)]
#![expect(
    clippy::print_stdout,
    reason = "it talks to the bench on standard output"
)]

use std::error::Error;
use std::io::stdin;
use std::sync::Arc;
use std::time::Instant;

use guichet_domain::{AuditEvent, EventKind, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::{Durable, DurableSettings};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("guichet.db");
    let durable = Durable::sqlite(path, DurableSettings::default()).await?;
    durable.migrate_up().await?;
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(SystemEntropy), NOW, &[])?;
    let settings = LedgerSettings::default();
    let ledger = Ledger::open(
        durable.ledger.clone(),
        keys.ledger_signer(),
        "bench/ledger",
        settings,
    );
    let ledger = ledger.await?;

    println!("ready");
    let mut line = String::new();
    stdin().read_line(&mut line)?;
    let mut numbers = line.split_whitespace().map(str::parse::<u64>);
    let entries = numbers.next().ok_or("how many entries?")??;
    let at_once = numbers.next().ok_or("by how many at once?")??.max(1);
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for _ in 0..at_once {
        let ledger = ledger.clone();
        writers.spawn(async move {
            for number in 0..entries / at_once {
                ledger.append(entry(number)).await?;
            }
            Ok::<(), guichet_store::Fault>(())
        });
    }
    while let Some(written) = writers.join_next().await {
        written??;
    }
    println!("done {}", began.elapsed().as_secs_f64());
    stdin().read_line(&mut String::new())?;
    Ok(())
}

/// As long as the entry of a release.
fn entry(number: u64) -> AuditEvent {
    AuditEvent::new(EventKind::EvidenceReleased, NOW)
        .detail("exchange", "AQEBAQEBAQEBAQEBAQEBAQ")
        .detail("data_provider", "famille")
        .detail("pull", number)
}

const NOW: Timestamp = Timestamp::from_seconds(1_795_296_504);
