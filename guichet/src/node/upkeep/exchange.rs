//! What the exchange does by itself: takes in what the ledger says of it, forgets and ends what is over, and counts.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Clock;
use guichet_exchange::Desk;
use metrics::SharedString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{LEDGER_EVERY, PRUNE_EVERY, Schedule};

/// How often exchanges are counted: a day that is over is told within the hour.
const COUNT_EVERY: Duration = Duration::from_mins(15);

/// Starts the upkeep of the exchange: takes in what the ledger says of exchanges, forgets events that nobody
/// fetches, ends grants that nobody uses, and counts.
pub(crate) fn start_exchange(
    desk: &Arc<Desk>,
    clock: &Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(LEDGER_EVERY, Arc::clone(desk), |desk| async move {
        if let Err(error) = desk.read_ledger().await {
            tracing::warn!(%error, "what the ledger says of exchanges could not be taken in");
        }
    });
    let pruned = (Arc::clone(desk), Arc::clone(clock));
    schedule.every(PRUNE_EVERY, pruned, |(desk, clock)| async move {
        let now = clock.now();
        if let Err(error) = desk.events().forget_unfetched(now).await {
            tracing::warn!(%error, "events that nobody fetched could not be dropped");
        }
        if let Err(error) = desk.end_unused(now).await {
            tracing::warn!(%error, "grants that nobody uses could not be ended");
        }
    });
    schedule.every(COUNT_EVERY, Arc::clone(desk), count);
}

/// Counts the last whole day, by the word of each of the three.
async fn count(desk: Arc<Desk>) {
    let counts = match desk.counts().await {
        Ok(counts) => counts,
        Err(error) => return tracing::warn!(%error, "exchanges could not be counted"),
    };
    for line in counts.disagreements() {
        tracing::warn!(line, "hub, data provider and services count differently");
    }
    for count in &counts.latest {
        let id = SharedString::from(count.data_provider.to_string());
        for (by, number) in [
            ("hub", count.released),
            ("data_provider", count.sent),
            ("services", count.received),
        ] {
            let labels = [
                ("data_provider", id.clone()),
                ("by", SharedString::const_str(by)),
            ];
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            metrics::gauge!("guichet_exchange_day_count", &labels).set(number as f64);
        }
    }
}
