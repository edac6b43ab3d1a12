//! The floor's audit log: lines in a file, committed together, `fdatasync` before anybody goes on.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::floor::crypto::sha256;

/// The log. One thread writes it.
pub(super) struct Ledger {
    entries: Sender<Entry>,
}

struct Entry {
    line: Vec<u8>,
    durable: Option<oneshot::Sender<()>>,
}

/// What happened, of the shape and length of the product's events.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) at: u128,
    pub(super) kind: &'static str,
    pub(super) login: &'a str,
    pub(super) client: &'a str,
    pub(super) provider: &'static str,
    pub(super) person: Option<&'a str>,
    pub(super) acr: &'static str,
    pub(super) details: &'a [(&'static str, &'a str)],
}

impl Ledger {
    /// Starts a log in a new file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::create(path)?;
        let (entries, received) = channel();
        std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || write(file, &received))?;
        Ok(Self { entries })
    }

    /// Leaves an entry; it is written with the next that somebody waits for, or on its own.
    pub(super) fn note(&self, event: &Event<'_>) -> Result<()> {
        let line = line(event)?;
        self.entries
            .send(Entry {
                line,
                durable: None,
            })
            .ok()
            .context("the ledger is closed")
    }

    /// Leaves an entry and waits until it is durable.
    pub(super) async fn append(&self, event: &Event<'_>) -> Result<()> {
        let (durable, waits) = oneshot::channel();
        let line = line(event)?;
        self.entries
            .send(Entry {
                line,
                durable: Some(durable),
            })
            .ok()
            .context("the ledger is closed")?;
        waits.await.context("the ledger could not write")
    }
}

/// The entry and the hash a Merkle tree would have for it.
fn line(event: &Event<'_>) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(event)?;
    let hash = sha256(&line);
    line.extend(hash);
    Ok(line)
}

/// Writes all that waits at once, until everybody is gone or the file fails.
fn write(mut file: File, entries: &Receiver<Entry>) {
    let mut buffer = Vec::new();
    let mut waiting = Vec::new();
    while let Ok(first) = entries.recv() {
        buffer.clear();
        for entry in std::iter::once(first).chain(entries.try_iter()) {
            buffer.extend(entry.line);
            waiting.extend(entry.durable);
        }
        let is_written =
            file.write_all(&buffer).is_ok() && (waiting.is_empty() || file.sync_data().is_ok());
        if !is_written {
            return;
        }
        for waits in waiting.drain(..) {
            // Whoever went away does not mind.
            let _ = waits.send(());
        }
    }
}
