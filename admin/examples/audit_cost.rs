//! What looking something up in the audit log costs: how fast a million entries are read into the index, and how long
//! a page takes by each thing that is looked for. On SQLite, as a node would.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads a clock; it is no part of the product"
)]
#![expect(clippy::print_stdout, reason = "it says what it found")]

mod books;

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use guichet_admin::AuditBook;
use guichet_domain::{AuditEvent, EventKind, LoginId, Timestamp};
use guichet_ledger::Ledger;

use books::STEPS;

const NOW: i64 = 1_795_296_504;
const SERVICES: u64 = 1000;
const ENTRIES: u64 = 1_000_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let (durable, ledger) = books::open(folder.path(), Timestamp::from_seconds(NOW)).await?;
    let book = AuditBook {
        index: Arc::clone(&durable.audit_index),
        history: ledger.history().clone(),
    };
    written(&ledger, ENTRIES).await?;
    let began = Instant::now();
    book.read_ledger().await?;
    println!("{ENTRIES} entries read in {:?}", began.elapsed());
    for (kind, by, object) in LOOKED_FOR {
        let mut took = Vec::new();
        let mut found = 0;
        for _ in 0..20 {
            let began = Instant::now();
            found = book.count(kind, by, object).await?;
            took.push(began.elapsed());
        }
        took.sort_unstable();
        println!(
            "kind={kind} by={by} object={object}: {found} found, median {:?}, at most {:?}",
            took[took.len() / 2],
            took[took.len() - 1]
        );
    }
    Ok(())
}

/// What is looked for: everything, what is frequent, what is rare, and both at once.
const LOOKED_FOR: &[(&str, &str, &str)] = &[
    ("", "", ""),
    ("token.issued", "", ""),
    ("consent", "", ""),
    ("switch", "", ""),
    ("", "command line", ""),
    ("", "staff:a", ""),
    ("", "", "service-7"),
    ("", "", "poste"),
    ("token.issued", "", "poste"),
    ("switch.off", "", "service-7"),
    ("client.changed", "staff:a", "service-7"),
    ("key.rotated", "", "poste"),
    ("", "", "nobody"),
];

/// Logins of ten entries each at a thousand services, and one in a hundred entries what somebody of the staff did.
async fn written(ledger: &Ledger, entries: u64) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    for number in 0..entries {
        let login = number / 10;
        let client = format!("service-{}", login % SERVICES).parse()?;
        let at = Timestamp::from_millis(NOW * 1000 + i64::try_from(number)? * 10);
        if number % 100 == 99 {
            let kind = [EventKind::ClientChanged, EventKind::SwitchedOff];
            let kind = kind[usize::from(number % 1000 == 999)];
            let event = AuditEvent::new(kind, at).client(&client);
            let by = if number % 300 == 299 {
                "command line"
            } else {
                "staff:a"
            };
            ledger.note(event.detail("by", by).detail("team", "cantines"));
        } else {
            let mut id = [7; 16];
            id[..8].copy_from_slice(&login.to_be_bytes());
            let kind = STEPS[usize::try_from(number % 10)?];
            let event = AuditEvent::new(kind, at).login(LoginId::from_bytes(id));
            let event = event.client(&client).provider(&"poste".parse()?);
            ledger.note(event.detail("scope", "openid email"));
        }
        if number % 1000 == 999 {
            ledger.flush().await?;
        }
    }
    ledger.flush().await?;
    println!("{entries} entries written in {:?}", began.elapsed());
    Ok(())
}
