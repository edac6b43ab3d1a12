//! The time of the demo: this machine's, or ahead of it by what a file says, so that somebody may see what a month
//! brings: what is granted again and again, what expires, what is due.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use guichet_domain::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::SystemClock;

/// The clock of the whole cast; it follows `file` until `stop`.
pub(super) fn start(
    file: Option<&Path>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Arc<dyn Clock> {
    let Some(file) = file else {
        return Arc::new(SystemClock);
    };
    let clock = Arc::new(Ahead::default());
    clock.follow(file);
    let (following, file, stop) = (Arc::clone(&clock), file.to_owned(), stop.clone());
    tasks.spawn(async move {
        let mut ticks = tokio::time::interval(LOOKED_AT_EVERY);
        loop {
            tokio::select! {
                _ = ticks.tick() => following.follow(&file),
                () = stop.cancelled() => break,
            }
        }
    });
    clock
}

/// Ahead of this machine by so many seconds.
#[derive(Default)]
struct Ahead(AtomicU64);

impl Ahead {
    /// What is no number, or less than before, changes nothing.
    #[expect(
        clippy::disallowed_methods,
        reason = "the demo's clock alone stands in a file"
    )]
    fn follow(&self, file: &Path) {
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Ok(seconds) = text.trim().parse::<u64>() {
            self.0.fetch_max(seconds.min(FARTHEST), Ordering::SeqCst);
        }
    }
}

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let ahead = self.0.load(Ordering::SeqCst);
        SystemClock.now().after(Duration::from_secs(ahead))
    }
}

const LOOKED_AT_EVERY: Duration = Duration::from_millis(50);
/// Ten years, in seconds: beyond them nothing is promised of any clock.
const FARTHEST: u64 = 10 * 366 * 24 * 60 * 60;

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "stands for whoever sets the clock"
)]
mod tests {
    use super::*;

    #[test]
    fn time_is_ahead_by_what_the_file_says_and_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let (file, clock) = (folder.path().join("clock"), Ahead::default());
        let ahead = || clock.now().since(SystemClock.now()).as_secs();
        clock.follow(&file);
        assert!(ahead() < 2, "no file");
        for (said, at_least) in [
            ("3600\n", 3600),
            ("60", 3600),
            ("soon", 3600),
            ("7200", 7200),
        ] {
            fs::write(&file, said).unwrap();
            clock.follow(&file);
            let ahead = ahead();
            assert!(
                (at_least - 2..at_least + 2).contains(&ahead),
                "{said}: {ahead}"
            );
        }
    }
}
