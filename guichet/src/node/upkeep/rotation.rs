//! Keys whose time has come are rotated; nodes that share custody take turns.

use std::sync::Arc;

use guichet_domain::{AuditEvent, Clock, EventKind, Timestamp};
use guichet_keys::{Keys, Rotated, RotationPolicy};
use guichet_ledger::Ledger;

use super::schedule::{ROTATION_EVERY, Schedule};
use crate::node::Foundation;

/// Rotates keys, and puts it on record.
#[derive(Clone)]
pub(super) struct Rotation {
    keys: Keys,
    policy: RotationPolicy,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

impl Rotation {
    pub(super) fn of(foundation: &Foundation) -> Self {
        Self {
            keys: foundation.keys.clone(),
            policy: foundation.rotation,
            ledger: foundation.ledger.clone(),
            clock: Arc::clone(&foundation.clock),
        }
    }

    pub(super) fn start(self, schedule: Schedule<'_>) {
        schedule.every(ROTATION_EVERY, self, Self::turn);
    }

    async fn turn(self) {
        let now = self.clock.now();
        let (keys, policy) = (self.keys.clone(), self.policy);
        let rotating = tokio::task::spawn_blocking(move || keys.rotate_due(now, policy));
        match rotating.await {
            Ok(outcomes) => {
                for outcome in outcomes {
                    match outcome {
                        Ok(rotated) => self.tell(rotated, now).await,
                        Err(error) => tracing::warn!(
                            %error,
                            "keys cannot be rotated; those at hand go on"
                        ),
                    }
                }
            }
            Err(error) => tracing::error!(%error, "rotating keys failed"),
        }
    }

    async fn tell(&self, Rotated { ring, alg }: Rotated, now: Timestamp) {
        tracing::info!(ring, alg, "a key rotated");
        let event = AuditEvent::new(EventKind::KeyRotated, now)
            .detail("ring", ring)
            .detail("alg", alg);
        if let Err(error) = self.ledger.append(event).await {
            tracing::error!(%error, "a rotation could not be recorded");
        }
    }
}
