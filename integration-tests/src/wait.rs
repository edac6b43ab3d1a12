//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long anything may take on a busy two-core machine before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How often a condition is looked at.
const PULSE: Duration = Duration::from_millis(20);

/// Probes until there is an answer; fails, naming `what`, when patience ends.
pub async fn until<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    for_long(Duration::ZERO, what, probe).await
}

/// The same for what by its own rule takes `long`, on a machine that does nothing else.
pub async fn for_long<T>(
    long: Duration,
    what: &str,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let deadline = Instant::now() + long + PATIENCE;
    loop {
        if let Some(found) = probe().await {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("waited in vain for {what}");
        }
        tokio::time::sleep(PULSE).await;
    }
}
