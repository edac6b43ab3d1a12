//! What is known of one client's keys, and whose turn it is to fetch them.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use guichet_domain::{KeySource, Timestamp};
use tokio::sync::{Mutex, MutexGuard};

use super::PublicKeys;

/// One client's place. Readers never wait; fetchers take turns.
#[derive(Default)]
pub(super) struct Slot {
    known: ArcSwapOption<Known>,
    tried: Mutex<Tried>,
}

/// Keys, and where they are from: a client that registers others is looked up anew (threat N-36).
pub(super) struct Known {
    source: KeySource,
    pub(super) keys: Arc<PublicKeys>,
    /// When they were parsed or fetched.
    pub(super) at: Timestamp,
}

/// The last fetch, whether it brought anything or not.
#[derive(Default)]
pub(super) struct Tried(Option<(KeySource, Timestamp)>);

impl Slot {
    /// What is known of keys registered this way.
    pub(super) fn known(&self, source: &KeySource) -> Option<Arc<Known>> {
        self.known
            .load_full()
            .filter(|known| known.source == *source)
    }

    /// Remembers keys.
    pub(super) fn keep(
        &self,
        source: &KeySource,
        keys: PublicKeys,
        now: Timestamp,
    ) -> Arc<PublicKeys> {
        let keys = Arc::new(keys);
        self.known.store(Some(Arc::new(Known {
            source: source.clone(),
            keys: Arc::clone(&keys),
            at: now,
        })));
        keys
    }

    /// Waits for the turn to fetch.
    pub(super) async fn turn(&self) -> MutexGuard<'_, Tried> {
        self.tried.lock().await
    }
}

impl Tried {
    /// Whether the same address was asked less than `pause` ago.
    pub(super) fn is_too_soon(&self, source: &KeySource, now: Timestamp, pause: Duration) -> bool {
        self.0
            .as_ref()
            .is_some_and(|(tried, at)| tried == source && now.since(*at) < pause)
    }

    pub(super) fn note(&mut self, source: &KeySource, now: Timestamp) {
        self.0 = Some((source.clone(), now));
    }
}
