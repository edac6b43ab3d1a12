//! What the hub does by itself: asks its providers whether they are there, keeps what they publish fresh, sends what its
//! outbox holds, and counts what an operator should look at.

use std::time::Duration;

use guichet_broker::{Hub, State};
use guichet_domain::Timestamp;
use metrics::SharedString;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{DELIVERY_EVERY, PRUNE_EVERY, Schedule};

/// How often it is asked whether what a provider publishes is to be fetched again.
const WATCH_EVERY: Duration = Duration::from_mins(1);

/// How often it is looked whether a case about somebody was opened and not followed to its end.
const CASES_EVERY: Duration = Duration::from_secs(5);

/// How often it is asked whether deliveries were confirmed.
const EXCHANGE_EVERY: Duration = Duration::from_secs(30);

/// Starts the upkeep of a hub: fetches what its providers publish before the first citizen comes,
/// sends what its outbox holds, which did not arrive at first or whose node died, and asks its
/// providers every `probe_every` whether they are there.
pub(crate) fn start_hub(
    hub: &Hub,
    probe_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    let warming = hub.clone();
    schedule.once(async move { warming.warm_up().await });
    schedule.every(probe_every, hub.clone(), probe);
    schedule.every(WATCH_EVERY, hub.clone(), |hub| async move { watch(&hub) });
    schedule.every(CASES_EVERY, hub.clone(), |hub| async move {
        hub.follow_cases().await;
    });
    schedule.every(PRUNE_EVERY, hub.clone(), |hub| async move {
        hub.forget_devices().await;
    });
    // It delivers itself, and is left where it is when the node stops.
    let delivering = |hub: Hub| async move { hub.deliver_when_called().await };
    schedule.whenever(hub.clone(), delivering, |_| std::future::ready(()));
    schedule.every(EXCHANGE_EVERY, hub.clone(), look_at_exchange);
    schedule.every(DELIVERY_EVERY, hub.clone(), |hub| async move {
        hub.deliver_all_soon();
    });
}

/// Finds deliveries that were not confirmed, and counts what an operator should look at.
async fn look_at_exchange(hub: Hub) {
    let looked = hub.look_for_unconfirmed().await;
    match looked.and(hub.exchange_alarms().await) {
        Ok(alarms) => {
            let unfetched: u64 = alarms.unfetched.iter().map(|left| left.count).sum();
            let overdue = u64::try_from(alarms.overdue).unwrap_or(u64::MAX);
            for (name, count) in [
                ("guichet_deliveries_unconfirmed", alarms.unconfirmed),
                ("guichet_events_not_taken", unfetched),
                ("guichet_erasures_overdue", overdue),
            ] {
                #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
                metrics::gauge!(name).set(count as f64);
            }
        }
        Err(error) => tracing::warn!(%error, "the state of exchanges cannot be read"),
    }
}

/// Asks the providers, and counts what is known of each.
async fn probe(hub: Hub) {
    hub.probe_providers().await;
    for status in hub.provider_statuses() {
        let up = matches!(status.status, State::Up | State::Degraded);
        metrics::gauge!("guichet_provider_up", "provider" => status.id).set(u8::from(up));
    }
}

/// Keeps providers' keys fresh, and counts how fresh they are.
fn watch(hub: &Hub) {
    for keys in hub.watch_providers() {
        let labels = [("provider", SharedString::from(keys.provider.to_string()))];
        let stale = if keys.stale { 1.0 } else { 0.0 };
        metrics::gauge!("guichet_provider_keys_stale", &labels).set(stale);
        #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
        let seconds = |at: Timestamp| at.seconds() as f64;
        if let Some(fetched) = keys.fetched {
            metrics::gauge!("guichet_provider_keys_fetched_timestamp_seconds", &labels)
                .set(seconds(fetched));
        }
        if let Some(end) = keys.end {
            metrics::gauge!("guichet_provider_keys_end_timestamp_seconds", &labels)
                .set(seconds(end));
        }
    }
}
