//! Something fetched, kept for a while.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use guichet_domain::Timestamp;

/// The last copy and when it was fetched.
pub(crate) struct Kept<T>(RwLock<Option<(Arc<T>, Timestamp)>>);

impl<T> Kept<T> {
    pub(crate) fn nothing() -> Self {
        Self(RwLock::new(None))
    }

    /// The copy, unless it is older than `good_for`.
    pub(crate) fn get(&self, now: Timestamp, good_for: Duration) -> Option<Arc<T>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (value, since) = kept.as_ref()?;
        (now.since(*since) < good_for).then(|| Arc::clone(value))
    }

    pub(crate) fn put(&self, value: T, now: Timestamp) -> Arc<T> {
        let value = Arc::new(value);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((Arc::clone(&value), now));
        value
    }
}
