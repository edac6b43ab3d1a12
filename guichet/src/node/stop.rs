//! When to stop.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Returns at SIGTERM (service managers, containers) or SIGINT (a person at a terminal).
pub(crate) async fn requested() -> Result<()> {
    let mut terminate =
        signal(SignalKind::terminate()).context("SIGTERM cannot be listened for")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be listened for")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
