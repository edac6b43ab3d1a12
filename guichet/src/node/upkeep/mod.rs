//! What a node does by itself, off the request path: each thing at its own pace, until the node stops.
//!
//! | file | does |
//! |---|---|
//! | `schedule` | how often, and how it ends |
//! | `foundation` | follows registrations and keys, drops what expired |
//! | `rotation` | rotates the keys that are due |
//! | `tls` | follows the certificate of the listener |
//! | `hub` | asks the providers, sends what waits in the outbox |
//! | `exchange` | counts exchanges, ends what nobody uses |
//! | `services` | credentials that are due, what steps of habilitations left to be done |
//! | `readers` | those who follow the ledger |
//! | `outbox` | carries mail as it is left |

mod exchange;
mod foundation;
mod hub;
mod outbox;
mod readers;
mod rotation;
mod schedule;
mod services;
mod tls;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use schedule::{SWEEP_EVERY, Schedule};

pub(crate) use exchange::start_exchange;
pub(crate) use foundation::start;
pub(crate) use hub::start_hub;
pub(crate) use outbox::{start_idp, start_mail};
pub(crate) use readers::{Books, start_books, start_collector, start_webhooks};
pub(crate) use services::{start_onboarding, start_rotations, start_tester};
pub(crate) use tls::start_tls;

/// Starts the upkeep of the metrics: takes in what was counted since.
pub(crate) fn start_metrics(
    metrics: &PrometheusHandle,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(SWEEP_EVERY, metrics.clone(), |metrics| async move {
        metrics.run_upkeep();
    });
}
