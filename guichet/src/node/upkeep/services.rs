//! What is done for services and their teams: secrets and keys that are due are told, and what steps of habilitations
//! left to be done is done.

use std::sync::Arc;
use std::time::Duration;

use guichet_admin::RotationWatch;
use guichet_admin::onboarding::Onboarding;
use guichet_admin::tester::Tester;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{PRUNE_EVERY, ROTATION_EVERY, Schedule};

/// How often it is looked whether a step of a habilitation left something to be done.
const DUTIES_EVERY: Duration = Duration::from_secs(1);

/// How often it is looked whether services live by their habilitations: what was written at the very moment of a
/// step is found then.
const SWEEP_SERVICES_EVERY: Duration = Duration::from_mins(1);

/// Starts looking after the secrets and keys of clients: counts those that are due, and tells their teams.
pub(crate) fn start_rotations(watch: RotationWatch, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(ROTATION_EVERY, watch, |watch| async move {
        match watch.due().await {
            Ok(due) => {
                let due = u32::try_from(due.len()).unwrap_or(u32::MAX);
                metrics::gauge!("guichet_client_credentials_due").set(f64::from(due));
            }
            Err(error) => tracing::warn!(%error, "credentials of clients were not looked at"),
        }
        if let Err(error) = watch.remind().await {
            tracing::warn!(%error, "teams were not told of credentials that are due");
        }
    });
}

/// Starts doing what steps of habilitations left to be done, where the node that took one did not, and looking
/// whether services are in use that their habilitation does not let be.
pub(crate) fn start_onboarding(
    onboarding: &Arc<Onboarding>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(
        DUTIES_EVERY,
        Arc::clone(onboarding),
        |onboarding| async move {
            if let Err(error) = onboarding.carry_out_due().await {
                tracing::warn!(%error, "what steps of habilitations left to be done is not known");
            }
        },
    );
    let swept = Arc::clone(onboarding);
    schedule.every(SWEEP_SERVICES_EVERY, swept, |onboarding| async move {
        if let Err(error) = onboarding.sweep().await {
            tracing::warn!(%error, "whether services live by their habilitations is not known");
        }
    });
}

/// Starts forgetting tests of clients that are long over.
pub(crate) fn start_tester(tester: &Tester, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(PRUNE_EVERY, tester.clone(), |tester| async move {
        if let Err(error) = tester.forget().await {
            tracing::warn!(%error, "tests of clients of long ago could not be dropped");
        }
    });
}
