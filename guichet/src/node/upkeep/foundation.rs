//! What every node does for its foundation: follows registrations and keys that other nodes changed, notes which
//! credentials are in use, and forgets what is over.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::Keys;
use guichet_store::durable::{RefreshTokens, RegistrySnapshot};
use guichet_store::short_lived::ShortLived;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::rotation::Rotation;
use super::schedule::{PRUNE_EVERY, SWEEP_EVERY, Schedule};
use crate::node::{Foundation, houses};

/// How long another node's registration may stay unseen.
const REGISTRY_EVERY: Duration = Duration::from_millis(250);

/// How often it is noted which credentials of clients are in use: a day at a time.
const USES_EVERY: Duration = Duration::from_mins(1);

/// Starts the upkeep of a foundation; it ends with `stop`.
pub(crate) fn start(
    foundation: &Foundation,
    keys_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    tasks.spawn_blocking(guichet_keys::warm_up);
    let schedule = Schedule::of(tasks, stop);
    follow(foundation, keys_every, schedule);
    forget(foundation, schedule);
    Rotation::of(foundation).start(schedule);
}

/// What other nodes changed, and what this one notes for them.
fn follow(foundation: &Foundation, keys_every: Duration, schedule: Schedule<'_>) {
    let registry = Arc::clone(&foundation.registry);
    schedule.every(REGISTRY_EVERY, registry, |registry| async move {
        follow_registry(&registry).await;
    });
    let registry = Arc::clone(&foundation.registry);
    let uses = Arc::clone(&foundation.durable.credential_uses);
    schedule.every(USES_EVERY, (registry, uses), |(registry, uses)| async move {
        if let Err(error) = registry.write_uses(&*uses).await {
            tracing::warn!(%error, "which credentials of clients are in use could not be noted");
        }
    });
    schedule.every(keys_every, foundation.keys.clone(), follow_keys);
}

/// What is over.
fn forget(foundation: &Foundation, schedule: Schedule<'_>) {
    schedule.every(SWEEP_EVERY, foundation.short_lived.clone(), sweep);
    let clock = Arc::clone(&foundation.clock);
    let messages = Arc::clone(&foundation.durable.messages);
    schedule.every(
        PRUNE_EVERY,
        (messages, clock),
        |(messages, clock)| async move {
            if let Err(error) = messages.forget_expired(clock.now()).await {
                tracing::warn!(%error, "messages that expired could not be dropped");
            }
        },
    );
    let rights = houses::rights_office(foundation);
    schedule.every(PRUNE_EVERY, rights, |rights| async move {
        if let Err(error) = rights.forget_settled().await {
            tracing::warn!(%error, "requests that were settled long ago could not be dropped");
        }
    });
    let clock = Arc::clone(&foundation.clock);
    let families = Arc::clone(&foundation.durable.refresh_tokens);
    schedule.every(
        PRUNE_EVERY,
        (families, clock),
        |(families, clock)| async move {
            prune(&*families, clock.now()).await;
        },
    );
}

/// Forgets families of refresh tokens that are over: as many as there are, each statement so many.
async fn prune(families: &dyn RefreshTokens, now: Timestamp) {
    loop {
        match families.prune(now).await {
            Ok(0) => break,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(%error, "refresh tokens that are over could not be dropped");
                break;
            }
        }
    }
}

async fn follow_registry(registry: &RegistrySnapshot) {
    match registry.refresh().await {
        Ok(true) => tracing::info!(revision = registry.revision(), "the registry changed"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "the registry could not be read; the last reading stays");
        }
    }
}

/// Custody is files or a device: both may block.
async fn follow_keys(keys: Keys) {
    match tokio::task::spawn_blocking(move || keys.refresh()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "custody could not be read; the keys at hand stay");
        }
        Err(error) => tracing::error!(%error, "reading custody failed"),
    }
}

async fn sweep(short_lived: ShortLived) {
    if let Err(error) = tokio::task::spawn_blocking(move || short_lived.sweep()).await {
        tracing::error!(%error, "expired records could not be dropped");
    }
}
